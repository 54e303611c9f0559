"""Thresholding of the running median of an activation, and runs of active frames."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Booleans = NDArray[np.bool_]
Integers = NDArray[np.int64]


def median_reaches(values: ArrayLike, threshold: float, width: int) -> Booleans:
    """Where the running median of a sequence is at least `threshold`.

    A median reaches a threshold exactly where the majority of its window does, so a running sum is
    enough, in a time that does not depend on the width. The first and last values are repeated
    beyond the ends.

    Args:
        values: shape (frames,).
        threshold: minimum median.
        width: frames of the window; an even number counts as the next odd one.

    Returns:
        Shape (frames,).
    """
    above = np.asarray(values) >= threshold
    if not above.size:
        return above
    half = width // 2
    total = np.concatenate([[0], np.cumsum(np.pad(above, half, mode="edge"))])
    majority: Booleans = total[2 * half + 1 :] - total[: -2 * half - 1] > half
    return majority


def runs(active: Booleans) -> Integers:
    """First frame and end (exclusive) of each run of active frames, shape (runs, 2)."""
    edges = np.diff(np.concatenate([[False], active, [False]]).astype(np.int8))
    return np.stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)], axis=1)

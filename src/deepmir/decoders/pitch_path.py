"""The most probable path through pitch bins: exact Viterbi search with steps that cost."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

# Probabilities are kept this far from 0, so that no single frame can forbid a pitch.
FLOOR = 1e-4


def best_path(probabilities: NDArray[np.float32], weight: float, limit: float) -> Integers:
    """The sequence of bins with the greatest sum of log probabilities less the costs of steps.

    The cost of a step from bin i to bin j is min(weight |i - j|, limit). The maximum over i is
    found for all j by a pass to each side, as in a distance transform (Felzenszwalb and
    Huttenlocher, Theory of Computing 2012): the time is linear in the bins.

    Args:
        probabilities: shape (frames, bins); those below 1e-4 count as 1e-4.
        weight: not negative.
        limit: not negative.

    Returns:
        Shape (frames,).
    """
    scores = np.log(np.maximum(probabilities, np.float32(FLOOR)))
    frames, bins = scores.shape
    climb = (weight * np.arange(bins)).astype(np.float32)
    passes = np.empty((2, bins), np.float32)
    up, down = passes
    for before, here in pairwise(scores):
        top = before.max()
        before -= top  # single precision is for differences
        np.add(before, climb, out=up)
        np.add(before[::-1], climb, out=down)
        np.maximum.accumulate(passes, axis=1, out=passes)
        passes -= climb
        best = np.maximum(up, down[::-1], out=up)
        here += np.maximum(best, -np.float32(limit), out=best)
    path = np.zeros(frames, dtype=np.int64)
    if frames:
        path[-1] = scores[-1].argmax()
    steps = np.minimum(weight * np.abs(np.arange(1 - bins, bins)), limit).astype(np.float32)
    for frame in range(frames - 1, 0, -1):
        to = path[frame]
        path[frame - 1] = (scores[frame - 1] - steps[bins - 1 - to : 2 * bins - 1 - to]).argmax()
    return path

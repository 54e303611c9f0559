"""The most probable path through pitch bins: exact Viterbi search with steps that cost."""

import numba
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
    frames, bins = probabilities.shape
    origins = np.zeros((frames, bins), dtype=np.uint16)
    path = np.zeros(frames, dtype=np.int64)
    if frames:
        _search(probabilities, weight, limit, origins, path)
    return path


@numba.njit(cache=True, nogil=True)
def _search(probabilities, weight, limit, origins, path):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Fill `origins` forwards (the bin before, on the best path), then `path` backwards."""
    frames, bins = probabilities.shape
    scores = np.zeros(bins)
    for frame in range(frames):
        if frame:
            _step(scores, origins[frame], weight, limit)
        for j in range(bins):
            scores[j] += np.log(max(probabilities[frame, j], FLOOR))
    path[-1] = np.argmax(scores)
    for frame in range(frames - 1, 0, -1):
        path[frame - 1] = origins[frame, path[frame]]


@numba.njit(cache=True, nogil=True)
def _step(scores, origin, weight, limit):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Replace the scores of the bins by those after one step, and give where each came from."""
    bins = len(scores)
    top = np.argmax(scores)
    leap = scores[top] - limit
    for j in range(bins):
        origin[j] = j
    for j in range(1, bins):
        if scores[j - 1] - weight > scores[j]:
            scores[j], origin[j] = scores[j - 1] - weight, origin[j - 1]
    for j in range(bins - 2, -1, -1):
        if scores[j + 1] - weight > scores[j]:
            scores[j], origin[j] = scores[j + 1] - weight, origin[j + 1]
    for j in range(bins):
        if leap > scores[j]:
            scores[j], origin[j] = leap, top

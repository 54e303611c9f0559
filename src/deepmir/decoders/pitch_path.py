"""The most probable path through pitch bins: exact Viterbi search with step costs."""

import numpy as np
from numpy.typing import NDArray

from deepmir.decoders.maxima import from_both_sides

Scores = NDArray[np.float32]
Integers = NDArray[np.int64]

# Probabilities are kept this far from 0, so that no single frame can forbid a pitch.
FLOOR = 1e-4

STRETCH = 128  # frames of a stretch; all stretches of a recording are processed in parallel
LEAD = 64  # frames before a stretch, after which earlier ones seldom matter


def best_path(probabilities: Scores, weight: float, limit: float) -> Integers:
    """The sequence of bins with the greatest sum of log probabilities minus the costs of steps.

    The cost of a step from bin i to bin j is min(weight |i - j|, limit). The maximum over i is
    found for all j by one pass in each direction, as in a distance transform (Felzenszwalb and
    Huttenlocher, Theory of Computing 2012): the time is linear in the number of bins.

    Args:
        probabilities: shape (frames, bins); those below 1e-4 count as 1e-4.
        weight: not negative.
        limit: not negative.

    Returns:
        Shape (frames,).
    """
    frames, bins = probabilities.shape
    path = np.zeros(frames, dtype=np.int64)
    if not frames:
        return path
    scores = _carried(probabilities, weight, limit)
    leaders = scores.argmax(axis=1).tolist()
    steps = np.minimum(weight * np.abs(np.arange(1 - bins, bins)), limit).astype(np.float32)
    to = path[-1] = leaders[-1]
    for frame in range(frames - 2, -1, -1):
        if to != leaders[frame]:  # staying on the leading bin is always best
            to = int((scores[frame] - steps[bins - 1 - to : 2 * bins - 1 - to]).argmax())
        path[frame] = to
    return path


def _carried(probabilities: Scores, weight: float, limit: float) -> Scores:
    """The score of the best path to each bin of each frame, relative to the best of the frame.

    Once one bin leads by the cost of a leap, later frames no longer depend on earlier ones. So all
    stretches of a recording are processed in parallel, each from some frames before it; a stretch
    that still depended on earlier frames is processed again.
    """
    frames, bins = probabilities.shape
    stretches = max(1, frames // STRETCH)
    size = -(-frames // stretches)
    seen = np.zeros((LEAD + stretches * size, bins), np.float32)
    np.maximum(probabilities, np.float32(FLOOR), out=seen[LEAD : LEAD + frames])
    np.log(seen[LEAD : LEAD + frames], out=seen[LEAD : LEAD + frames])
    step = _Step(bins, weight, limit)
    scores = np.empty((stretches * size, bins), np.float32)
    here = np.zeros((bins, stretches), np.float32)
    for frame in range(LEAD + size):
        here = step(here, seen[frame : frame + (stretches - 1) * size + 1 : size].T)
        if frame == LEAD - 1:
            ahead = here
        elif frame >= LEAD:
            scores[frame - LEAD :: size] = here.T
    for stretch in range(1, stretches):
        first = stretch * size
        if np.array_equal(scores[first - 1], ahead[:, stretch]):
            continue
        for frame in range(first, min(first + size, frames)):
            now = step(scores[frame - 1, :, None], seen[LEAD + frame, :, None])[:, 0]
            if np.array_equal(now, scores[frame]):
                break
            scores[frame] = now
    return scores[:frames]


class _Step:
    """From the scores of one frame to those of the next, for several stretches."""

    def __init__(self, bins: int, weight: float, limit: float) -> None:
        self._climb = (weight * np.arange(bins)).astype(np.float32)[:, None]
        self._least = -np.float32(limit)
        # A running maximum over so many bins: beyond them, each step costs the limit.
        self._reach = bins if weight * bins <= limit else int(limit / weight) + 1

    def __call__(self, before: Scores, seen: Scores) -> Scores:
        """Scores, and observations of the next frame, both of shape (bins, stretches)."""
        sides = np.empty((2, *before.shape), np.float32)
        np.add(before, self._climb, out=sides[0])
        np.subtract(before, self._climb, out=sides[1])
        up, down = from_both_sides(sides, np.empty_like(sides), self._reach)
        up -= self._climb
        down += self._climb
        here: Scores = np.maximum(up, down, out=up)
        np.maximum(here, self._least, out=here)
        here += seen
        here -= here.max(axis=0)  # single precision is sufficient for differences
        return here

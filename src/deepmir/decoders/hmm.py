"""Exact Viterbi decoding of the bar-pointer model, one beat (not one state) at a time.

The state of the model is (beat of the bar, interval, frame within the beat), where the interval is
the number of frames per beat. Inside a beat the state moves on by one frame, certainly; the
interval may change at the first frame of a beat alone (Krebs, Böck and Widmer, "An efficient
state-space model for joint tempo and meter tracking", ISMIR 2015). So a path is a
sequence of whole beats, and two facts make the search small and keep it exact:

- Only the first ``ceil(interval / observation_lambda)`` frames of a beat are observed as a beat,
  all others as no beat. Relative to "no beat everywhere", which all paths share, the score of a
  beat is therefore one difference of a cumulative sum, whatever the interval.
- The maximisation and the stored decision belong to the first frame of a beat. Per frame this is
  ``metre x intervals`` small integers instead of one pointer for each of the states, which are
  tens of times as many.
"""

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class BeatSpace:
    """The intervals of the model and how they may follow each other.

    Attributes:
        intervals: frames per beat, shape (intervals,), ascending.
        observed: frames from the start of a beat which count as beat, shape (intervals,).
        log_transition: natural log of P(to | from) at the start of a beat, shape (from, to).
    """

    intervals: Integers
    observed: Integers
    log_transition: Floats

    @classmethod
    def build(
        cls, intervals: Integers, transition_lambda: float, observation_lambda: float
    ) -> "BeatSpace":
        """Build the space; P(to | from) ~ exp(-lambda |to / from - 1|) (Krebs et al. 2015)."""
        change = np.abs(intervals[None, :] / intervals[:, None] - 1)
        weights = -transition_lambda * change
        log_transition = weights - np.log(np.exp(weights).sum(axis=1, keepdims=True))
        observed = np.ceil(intervals / observation_lambda).astype(np.int64)
        return cls(intervals, observed, log_transition)


@dataclass(frozen=True)
class BeatPath:
    """The most probable path.

    Attributes:
        starts: first frame of each beat, shape (beats,), ascending. The path may begin inside a
            beat; the first start is then negative.
        beats: index of each beat in its bar, 0 at the downbeat, shape (beats,).
        intervals: index of each beat's interval in `BeatSpace.intervals`, shape (beats,).
        log_probability: natural log of P(path, observations).
    """

    starts: Integers
    beats: Integers
    intervals: Integers
    log_probability: float


def viterbi(log_densities: Floats, metre: int, space: BeatSpace) -> BeatPath:
    """Find the most probable path through the bars of one metre.

    At the first frame all states are equally probable.

    Args:
        log_densities: natural logs of the densities of (no beat, beat other than the downbeat,
            downbeat), shape (frames, 3), finite; at least one frame.
        metre: beats per bar.
        space: intervals and transitions.

    Returns:
        The path. Ties are broken in the same way at every run.
    """
    frames = log_densities.shape[0]
    # the last beat may be cut by the end: its missing frames add nothing
    gains = np.zeros((2, frames + 1 + space.observed.max()))
    np.cumsum((log_densities[:, 1:] - log_densities[:, :1]).T, axis=1, out=gains[:, 1 : frames + 1])
    gains[:, frames + 1 :] = gains[:, frames : frames + 1]
    smallest = np.min_scalar_type(len(space.intervals) - 1)
    origins = np.zeros((frames, metre, len(space.intervals)), dtype=smallest)
    waiting = _beats_under_way(gains, metre, space)
    _search(gains, space.intervals, space.observed, space.log_transition, waiting, origins)
    path = _backtrack(waiting, space.intervals, origins)
    log_start = -np.log(metre * space.intervals.sum())
    log_probability = waiting.max() + log_start + log_densities[:, 0].sum()
    return BeatPath(path[:, 0], path[:, 1], path[:, 2], float(log_probability))


def _beats_under_way(gains: Floats, metre: int, space: BeatSpace) -> Floats:
    """Scores of the paths at frame 0, where each may be anywhere in its beat.

    A path whose beat b of interval i ends before frame e waits for that frame in a ring of
    ``intervals[i]`` cells: row ``first[i] + e % intervals[i]``, column b, where ``first`` is the
    sum of all shorter intervals. Returns shape (sum of intervals, metre).
    """
    rings = []
    for interval, observed in zip(space.intervals, space.observed, strict=True):
        ends = np.arange(interval)
        ends[0] = interval  # end % interval is 0
        left = np.maximum(observed - (interval - ends), 0)
        rings.append(np.stack([gains[1, left]] + [gains[0, left]] * (metre - 1), axis=1))
    return np.concatenate(rings)


@numba.njit(cache=True, nogil=True)
def _search(gains, intervals, observed, log_transition, waiting, origins):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Carry the waiting scores (see `_beats_under_way`) to the last frame, filling ``origins``.

    ``origins[t, b, i]`` is the interval before, of the best path which enters beat b at frame t
    with interval i.
    """
    frames, metre, tempi = origins.shape
    scores, cells = np.empty((metre, tempi)), np.empty(tempi, np.int64)
    bests, buffers = np.empty((2, tempi)), np.zeros((2, tempi), np.int64)
    for frame in range(1, frames):
        first = 0
        for i in range(tempi):
            cells[i] = first + frame % intervals[i]
            first += intervals[i]
            for beat in range(metre):
                scores[beat, i] = waiting[cells[i], beat]
        for beat in range(metre):
            gain = gains[int(beat == 0)]
            best, origin = _change_interval(scores[beat - 1], log_transition, bests, buffers)
            for i in range(tempi):
                origins[frame, beat, i] = origin[i]
                # the cell which was read at this frame is the one to be written
                waiting[cells[i], beat] = best[i] + gain[frame + observed[i]] - gain[frame]


@numba.njit(cache=True, nogil=True)
def _change_interval(scores, log_transition, bests, origins):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Best score and its origin for each new interval, in buffers of shape (2, intervals).

    Origins are tried from the longest interval to the shortest. One which a longer origin k beats
    at its own interval j is beaten everywhere and skipped: the penalty lambda |i - j| / j is
    steeper than k's, so by the triangle inequality k's lead can only grow on the way from j to i.
    """
    best, next_best = bests[0], bests[1]
    origin, next_origin = origins[0], origins[1]
    best[:] = -np.inf
    for j in range(len(scores) - 1, -1, -1):
        score = scores[j]
        if score + log_transition[j, j] <= best[j]:
            continue
        # from one buffer into the other: in place, LLVM would emit slow masked stores
        for i in range(len(scores)):
            new, old, before = score + log_transition[j, i], best[i], origin[i]
            next_best[i] = new if new > old else old
            next_origin[i] = j if new > old else before
        best, next_best = next_best, best
        origin, next_origin = next_origin, origin
    return best, origin


def _backtrack(
    waiting: Floats, intervals: Integers, origins: NDArray[np.unsignedinteger[Any]]
) -> Integers:
    """Rows (start, beat, interval) of the best path, in the order of time."""
    frames, metre, _ = origins.shape
    cell, beat = divmod(int(waiting.argmax()), metre)
    first = np.cumsum(intervals) - intervals
    interval = int(np.searchsorted(first, cell, side="right")) - 1
    # the only frame from the last one on which belongs to this cell
    end = frames + int((cell - first[interval] - frames) % intervals[interval])
    path = []
    while end > 0:
        start = end - int(intervals[interval])
        path.append((start, beat, interval))
        if start > 0:
            interval = int(origins[start, beat, interval])
        beat, end = (beat - 1) % metre, start
    return np.array(path[::-1])

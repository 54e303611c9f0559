"""Exact Viterbi decoding of the bar-pointer model, one beat (not one state) at a time.

The state of the model is (beat of the bar, interval, frame within the beat), where the interval is
the number of frames per beat. Within a beat the state always advances by one frame; the interval
can only change at the first frame of a beat (Krebs, Böck and Widmer, "An efficient state-space
model for joint tempo and meter tracking", ISMIR 2015). So a path is a sequence of whole beats, and
three facts make the search small and keep it exact:

- Only the first ``ceil(interval / observation_lambda)`` frames of a beat are observed as a beat,
  all others as no beat. Relative to "no beat everywhere", which all paths share, the score of a
  beat is therefore one difference of a cumulative sum, whatever the interval.
- No beat is shorter than the shortest interval: within that many frames no beat both begins and
  ends, so they are processed at once, with all beats of all metres.
- The costs of changes add up from interval to interval, so the best change to each is found by a
  running maximum from both sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from deepmir.decoders.maxima import from_both_sides

Floats = NDArray[np.float64]
Scores = NDArray[np.float32]
Integers = NDArray[np.int64]

# Frames whose scores are kept for backtracking: five minutes, 70 MB with nine beats and sixty
# intervals. For longer recordings, all segments but the last are recomputed.
SEGMENT = 1 << 15


@dataclass(frozen=True)
class BeatSpace:
    """The intervals of the model and the transitions between them.

    Attributes:
        intervals: frames per beat, shape (intervals,), ascending.
        observed: frames from the start of a beat that count as beat, shape (intervals,).
        costs: shape (intervals,); a change of the interval costs the difference of two.
    """

    intervals: Integers
    observed: Integers
    costs: Floats

    @classmethod
    def build(
        cls, intervals: Integers, transition_lambda: float, observation_lambda: float
    ) -> "BeatSpace":
        """Build the space; P(to | from) ~ exp(-lambda |ln(to / from)|).

        Krebs et al. use |to / from - 1|, which is the same for small changes. Here halving the
        tempo costs the same as doubling it.
        """
        observed = np.ceil(intervals / observation_lambda).astype(np.int64)
        return cls(intervals, observed, transition_lambda * np.log(intervals))

    @cached_property
    def log_transition(self) -> Floats:
        """Natural log of P(to | from) at the start of a beat, shape (from, to)."""
        weights = -np.abs(self.costs[:, None] - self.costs)
        return np.asarray(weights - np.log(np.exp(weights).sum(axis=1, keepdims=True)))


@dataclass(frozen=True)
class BeatPath:
    """The most probable path.

    Attributes:
        metre: beats per bar.
        starts: first frame of each beat, shape (beats,), ascending. The path may begin inside a
            beat; the first start is then negative.
        beats: index of each beat in its bar, 0 at the downbeat, shape (beats,).
        intervals: index of each beat's interval in `BeatSpace.intervals`, shape (beats,).
        log_probability: natural log of P(path, observations | metre), in single precision.
    """

    metre: int
    starts: Integers
    beats: Integers
    intervals: Integers
    log_probability: float


def viterbi(log_densities: Floats, metres: Sequence[int], space: BeatSpace) -> BeatPath:
    """Find the most probable path through the bars of the most probable metre.

    At the first frame all states of a metre are equally probable.

    Args:
        log_densities: natural logs of the densities of (no beat, beat other than the downbeat,
            downbeat), shape (frames, 3), finite; at least one frame.
        metres: beats per bar, one of which holds throughout; all are equally probable.
        space: intervals and transitions.

    Returns:
        The path. Ties are always broken in the same way.
    """
    search = _Search(log_densities, metres, space)
    row, interval, end, score = search.last()
    path = []
    while end > 0:
        start = end - int(space.intervals[interval])
        path.append((start, search.beats[row], interval))
        if start > 0:
            interval = search.interval_before(start, row, interval)
        row, end = int(search.before[row]), start
    starts, beats, intervals = np.array(path[::-1], dtype=np.int64).T
    log_probability = score + float(log_densities[:, 0].sum())
    return BeatPath(int(search.metres[row]), starts, beats, intervals, log_probability)


class _Search:
    """The scores of beats, relative to "no beat everywhere", in single precision.

    A row is a beat of the bar in a metre. Beats are indexed by their first frame.

    Attributes:
        metres: metre of each row.
        beats: index in the bar of each row; the downbeats of all metres come first.
        before: the row of the preceding beat, for each row.
    """

    def __init__(self, log_densities: Floats, metres: Sequence[int], space: BeatSpace) -> None:
        """Compute the scores up to the last frame."""
        self.space, self.frames = space, len(log_densities)
        rows = sorted(((m, b) for m in metres for b in range(m)), key=lambda row: row[1] > 0)
        self.metres, self.beats = (np.array(column) for column in zip(*rows, strict=True))
        self.before = np.array([rows.index((m, (b - 1) % m)) for m, b in rows])
        self._downbeats = len(metres)
        self._transition = space.log_transition.astype(np.float32)
        self._lengths, self._length = np.unique(space.observed, return_inverse=True)
        # The last beat may be truncated by the end: its missing frames add nothing.
        gains = np.cumsum((log_densities[:, 1:] - log_densities[:, :1]).T, axis=1)
        room = int(space.observed.max() + space.intervals[0])
        self._gains = np.pad(np.pad(gains, ((0, 0), (1, 0))), ((0, 0), (0, room)), mode="edge")
        self._begun, self._lost = [self._beginning()], [0.0]
        for segment in range(-(-(self.frames - 1) // SEGMENT)):
            scores = self._carry(segment)
            highest = scores.max()
            # Single precision is sufficient for the differences between paths.
            self._begun.append(scores - highest)
            self._lost.append(self._lost[-1] + float(highest))

    def last(self) -> tuple[int, int, int, float]:
        """Row, interval, end and score of the beat under way at the last frame, on the best path.

        The score is relative to "no beat everywhere", and includes the initial probability.
        """
        begun = self._begun[-1]
        longest = begun.shape[2]
        # A beat that begins one interval or less before the end ends with the last frame or later.
        far = self.space.intervals[:, None] < np.arange(longest, 0, -1)
        scores = np.where(far[:, None], -np.inf, begun)
        scores = scores - np.log(self.metres * self.space.intervals.sum())[:, None]
        interval, row, column = np.unravel_index(int(scores.argmax()), scores.shape)
        start = self.frames - longest + int(column)
        end = start + int(self.space.intervals[interval])
        return int(row), int(interval), end, float(scores.max()) + self._lost[-1]

    def interval_before(self, start: int, row: int, interval: int) -> int:
        """The interval of the beat before one that begins after frame 0, on the best path to it."""
        segment, frame = divmod(start - 1, SEGMENT)
        if segment != self._kept[0]:
            self._carry(segment)
        at = int(self.space.intervals[-1]) + frame - self.space.intervals
        ended = self._kept[1][np.arange(len(at)), self.before[row], at]
        return int((ended + self._transition[:, interval]).argmax())

    @property
    def _together(self) -> int:
        """Number of frames processed at once."""
        return int(self.space.intervals[0])

    def _beginning(self) -> Scores:
        """Scores of beats by their first frames, up to and including frame 0.

        At frame 0 each beat may be at any position: shape (intervals, rows, longest interval).
        """
        longest = int(self.space.intervals[-1])
        begun = np.full((len(self.space.intervals), len(self.beats), longest), -np.inf, np.float32)
        for i, (length, observed) in enumerate(
            zip(self.space.intervals, self.space.observed, strict=True)
        ):
            left = np.maximum(observed + np.arange(1 - length, 1), 0)
            begun[i, : self._downbeats, -length:] = self._gains[1, left]
            begun[i, self._downbeats :, -length:] = self._gains[0, left]
        return begun

    def _carry(self, segment: int) -> Scores:
        """Process a segment, and keep the scores of the beats that end in it.

        Returns:
            Those of the beats that begin in its last frames, as :meth:`_beginning`.
        """
        first = 1 + segment * SEGMENT
        stop = min(first + SEGMENT, self.frames)
        intervals, together = self.space.intervals, self._together
        self._kept = -1, np.empty((0, 0, 0), np.float32)  # do not hold two segments at once
        before = self._begun[segment]
        tempi, rows, longest = before.shape
        blocks = -(-(stop - first) // together)
        begun = np.empty((tempi, rows, longest + blocks * together), np.float32)
        begun[:, :, :longest] = before
        # Position at which each beat begins that ends in the frames of the first block.
        at = np.arange(tempi)[:, None, None] * rows + self.before[:, None]
        at = at * begun.shape[2] + longest - intervals[:, None, None] + np.arange(together)
        ended = np.empty(at.shape, np.float32)
        changed = _Change(self._transition.diagonal(), self.space.costs, rows * together)
        for block in range(blocks):
            begun.reshape(-1)[block * together :].take(at, out=ended, mode="clip")
            scores = changed(ended.reshape(tempi, -1)).reshape(ended.shape)
            gains = self._gain(first + block * together)
            scores[:, : self._downbeats] += gains[:, 1:]
            scores[:, self._downbeats :] += gains[:, :1]
            column = longest + block * together
            begun[:, :, column : column + together] = scores
        self._kept = segment, begun
        return begun[:, :, stop - first : stop - first + longest].copy()

    def _gain(self, frame: int) -> Scores:
        """The gain of beginning at some frames, shape (intervals, 2, frames): others, downbeats."""
        stop = frame + self._together
        begin = self._gains[:, frame:stop]
        kinds = [self._gains[:, frame + n : stop + n] - begin for n in self._lengths]
        return np.array(kinds, np.float32)[self._length]


class _Change:
    """The best change to each interval, for several beats at once, in memory that is reused."""

    def __init__(self, staying: Scores, costs: Floats, beats: int) -> None:
        shape = len(costs), beats
        each = (costs, staying + costs, staying - costs)
        self._costs, self._up, self._down = (
            np.ascontiguousarray(np.broadcast_to(one[:, None], shape), np.float32) for one in each
        )
        self._here, self._there = np.empty((2, 2, *shape), np.float32)

    def __call__(self, ended: Scores) -> Scores:
        """Map scores of beats that end to those of beats that begin, both (intervals, beats).

        The next call overwrites the result.
        """
        np.add(ended, self._up, out=self._here[0])
        np.add(ended, self._down, out=self._here[1])
        up, down = from_both_sides(self._here, self._there, len(ended))
        up -= self._costs
        down += self._costs
        best: Scores = np.maximum(up, down, out=up)
        return best

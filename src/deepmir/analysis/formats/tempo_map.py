"""Seconds as ticks of a MIDI file whose tempo follows the beats, so that bars align in a sequencer.

A beat is a quarter note. Every beat of the recording falls on a tick, and every downbeat on a bar
line: before the first beat lies one bar of its own, as long as the music needs; a bar that is
shorter or longer than the one before it gets a time signature.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

TICKS = 960  # of a quarter note: about half a millisecond at 120 BPM
MOST_TICKS = 10**7  # what pretty_midi reads in a file
SHORTEST_QUARTER, LONGEST_QUARTER = 0.05, 8.0  # seconds; MIDI counts microseconds in 24 bits
USUAL_BAR = 4  # beats
LONGEST_BAR = 12  # beats; where no downbeat comes for longer, usual bars go on


@dataclass(frozen=True)
class Bar:
    """From here on bars have `numerator` notes of 1 / `denominator`, as ticks from the start."""

    tick: int
    numerator: int
    denominator: int = 4


@dataclass(frozen=True)
class TempoMap:
    """Times and ticks, linear in between and beyond.

    Attributes:
        ticks_per_quarter: resolution of the file.
        ticks: of the points where the tempo changes, shape (points,), the first one 0.
        tempi: microseconds a quarter note from each point on, shape (points,).
        bars: where time signatures are.
        beats: ticks of the beats, shape (beats,).
    """

    ticks_per_quarter: int
    ticks: Integers
    tempi: Integers
    bars: tuple[Bar, ...]
    beats: Integers
    seconds: Floats = field(init=False)

    def __post_init__(self) -> None:
        lengths = np.diff(self.ticks) * self.tempi[:-1] / self.ticks_per_quarter
        seconds = np.concatenate([[0.0], np.cumsum(lengths)]) * 1e-6
        object.__setattr__(self, "seconds", seconds)

    def tick(self, time: float) -> int:
        """The tick nearest to a time in seconds."""
        point = max(int(np.searchsorted(self.seconds, time, side="right")) - 1, 0)
        quarters = (time - self.seconds[point]) * 1e6 / self.tempi[point]
        return int(self.ticks[point] + round(quarters * self.ticks_per_quarter))


def tempo_map(times: Floats, positions: Integers, bpm: float, duration: float) -> TempoMap:
    """The tempo map of some beats.

    Args:
        times: of the beats, in seconds, ascending, shape (beats,).
        positions: in the bar, 1 for a downbeat, shape (beats,).
        bpm: where there are fewer than two beats.
        duration: of the recording, in seconds.
    """
    times, first = np.unique(np.round(times, 6), return_index=True)
    positions = positions[first]
    period = float(np.median(np.diff(times))) if times.size > 1 else 60 / max(bpm, 1.0)
    period = min(max(period, SHORTEST_QUARTER), LONGEST_QUARTER)
    quarters = _quarters(times, period)
    beyond = max(duration - float(times.max(initial=0.0)), 0.0) / period
    resolution = _resolution(float(quarters.sum()) + beyond)
    has_lead = bool(times.size) and times[0] > 0
    edges = np.concatenate([[0.0], times]) if has_lead else times
    # Quarter by quarter: the tempo of several would be wrong by a microsecond for each.
    counts = np.maximum(quarters, 1).astype(np.int64)
    spread = [
        np.linspace(a, b, n + 1)[1:] for (a, b), n in zip(pairwise(edges), counts, strict=True)
    ]
    ends = np.round(np.concatenate([np.zeros(0), *spread]), 6)
    steps = np.rint(np.repeat(quarters / counts, counts) * resolution)
    steps = np.maximum(steps, 1).astype(np.int64)
    ticks = np.concatenate([[0], np.cumsum(steps)])
    at_edges = ticks[np.concatenate([[0], np.cumsum(counts)])]
    beats = at_edges[1:] if has_lead else at_edges[: times.size]
    tempi = _tempi(ends, steps / resolution, period)
    return TempoMap(resolution, ticks, tempi, _bars(beats, positions, resolution), beats)


def _quarters(times: Floats, period: float) -> Floats:
    """Quarter notes from 0 to the first beat, if it is later, and from each beat to the next."""
    lengths = np.diff(times)
    # A beat a quarter; a pause too long for a tempo of MIDI is as many quarters as fit.
    between = np.where(lengths > LONGEST_QUARTER, np.rint(lengths / period), 1.0)
    between = np.maximum(between, np.ceil(lengths / LONGEST_QUARTER))
    if not times.size or times[0] <= 0:
        return between
    return np.concatenate([[_lead(float(times[0]), period)], between])


def _lead(seconds: float, period: float) -> float:
    """Quarter notes before the first beat: whole ones, or a half, or a quarter of one.

    Shorter bars than one of 1/16 few sequencers have.
    """
    exact = seconds / period
    if exact >= 0.75:
        return float(max(round(exact), int(np.ceil(seconds / LONGEST_QUARTER))))
    return float(2.0 ** max(round(np.log2(exact)), -2))


def _resolution(quarters: float) -> int:
    """Ticks a quarter note: fewer for recordings of an hour and more, which readers refuse else."""
    ticks = TICKS
    while ticks * quarters > MOST_TICKS and ticks > 1:
        ticks //= 2
    return ticks


def _tempi(ends: Floats, quarters: Floats, period: float) -> Integers:
    """Microseconds a quarter note of each stretch, then, beyond the last beat, the usual ones.

    Times are whole microseconds, so a quarter note is exact.

    Args:
        ends: of the stretches in seconds, shape (stretches,).
        quarters: how long each is, shape (stretches,).
        period: seconds per quarter note beyond the last.
    """
    lasting = np.diff(ends, prepend=0.0) * 1e6 / quarters
    tempi: Integers = np.maximum(np.rint(np.append(lasting, period * 1e6)), 1).astype(np.int64)
    return tempi


def _bars(beats: Integers, positions: Integers, resolution: int) -> tuple[Bar, ...]:
    """The time signatures: one at the start, and one wherever the length of a bar changes."""
    starts = [0]
    for tick, position in zip(beats.tolist(), positions.tolist(), strict=True):
        if tick == beats[0] or position == 1:
            starts.append(tick)
    stretches = [(start, end - start) for start, end in pairwise(starts) if end > start]
    usual = _usual([round(length / resolution) for start, length in stretches if start], positions)
    signatures = [bar for start, n in stretches for bar in _bar(start, n, resolution, usual)]
    signatures.append(Bar(starts[-1], usual))
    new = [True, *(_meter(a) != _meter(b) for a, b in pairwise(signatures))]
    return tuple(bar for bar, is_new in zip(signatures, new, strict=True) if is_new)


def _usual(lengths: list[int], positions: Integers) -> int:
    """Beats of most bars; where none is whole, as many as are counted."""
    plausible = [length for length in lengths if 1 < length <= LONGEST_BAR]
    if plausible:
        return int(np.bincount(plausible).argmax())
    counted = int(positions.max(initial=0))
    return counted if 1 < counted <= LONGEST_BAR else USUAL_BAR


def _meter(bar: Bar) -> tuple[int, int]:
    return bar.numerator, bar.denominator


def _bar(start: int, length: int, resolution: int, usual: int) -> list[Bar]:
    """The time signatures of a stretch between two bar lines, of so many ticks."""
    if length < resolution:
        return [Bar(start, 1, 4 * 2 ** round(np.log2(resolution / length)))]
    beats = round(length / resolution)
    if beats <= LONGEST_BAR:
        return [Bar(start, beats)]
    whole = (beats // usual) * usual
    rest = [Bar(start + whole * resolution, beats - whole)] if beats > whole else []
    return [Bar(start, usual), *rest]

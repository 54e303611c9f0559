"""Notes in a melody's contour, with the pitch bends of the voice."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from deepmir.analysis.results import Melody

Floats = npt.NDArray[np.float64]

# Semitones that a pitch may leave its note by before another begins: a vibrato has about one.
HYSTERESIS = 0.8
MEDIAN = 0.09  # seconds of the median that steadies the pitch before notes are cut
SHORTEST = 0.08  # seconds; what is shorter is the way from one note to the next
PAUSE = 0.03  # seconds: a shorter hole in the voicing is no rest


@dataclass(frozen=True)
class SungNote:
    """A note of a melody.

    Attributes:
        start: in seconds.
        end: in seconds.
        pitch: MIDI number.
        times: of the contour within the note, in seconds, shape (instants,).
        bends: what the contour adds to the pitch there, in semitones, shape (instants,).
    """

    start: float
    end: float
    pitch: int
    times: Floats
    bends: Floats


def melody_notes(melody: Melody) -> list[SungNote]:
    """Cut a contour into notes.

    A note ends with the voice, or where the pitch, smoothed by a median, departs from it by more
    than 0.8 semitones; a stretch shorter than 80 ms is added to the note before it, or left out if
    there is none.

    Args:
        melody: evenly spaced.
    """
    if melody.times.size < 2:
        return []
    step = float(melody.times[1] - melody.times[0])
    with np.errstate(divide="ignore"):
        pitch = 69 + 12 * np.log2(melody.frequencies / 440)
    voiced = np.flatnonzero(melody.voiced & np.isfinite(pitch))
    longest_hole = max(round(PAUSE / step), 1)
    runs = np.split(voiced, np.flatnonzero(np.diff(voiced) > longest_hole) + 1)
    return [
        _note(melody.times, pitch, part, step)
        for run in runs
        if run.size
        for part in _parts(run, pitch[run], step)
    ]


def _note(times: Floats, pitch: Floats, part: npt.NDArray[np.int64], step: float) -> SungNote:
    number = int(np.clip(np.rint(np.median(pitch[part])), 0, 127))
    start, end = float(times[part[0]]), float(times[part[-1]]) + step
    return SungNote(start, end, number, times[part], pitch[part] - number)


def _parts(run: npt.NDArray[np.int64], pitch: Floats, step: float) -> list[npt.NDArray[np.int64]]:
    """The instants of each note in a stretch of voice."""
    steady = _steady(pitch, max(round(MEDIAN / step), 1))
    cuts, note = [0], round(steady[0])
    for index, value in enumerate(steady.tolist()):
        if abs(value - note) > HYSTERESIS:
            cuts.append(index)
            note = round(value)
    least = SHORTEST / step
    kept: list[list[int]] = []
    for first, last in zip(cuts, [*cuts[1:], run.size], strict=True):
        if last - first >= least:
            kept.append([first, last])
        elif kept and kept[-1][1] == first:
            kept[-1][1] = last
    return [run[first:last] for first, last in kept]


def _steady(pitch: Floats, size: int) -> Floats:
    """The running median of so many values; the first and last are repeated beyond the ends."""
    padded = np.pad(pitch, (size // 2, (size - 1) // 2), mode="edge")
    # Of an even number the upper one: the mean of two pitches may be a third.
    return np.sort(sliding_window_view(padded, size), axis=1)[:, size // 2]

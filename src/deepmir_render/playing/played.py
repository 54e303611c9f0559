"""Played notes: pitches and times in samples."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from deepmir_render.instruments import Instrument
from deepmir_render.playing import fluidsynth
from deepmir_render.song import Song

SAMPLE_RATE = fluidsynth.SAMPLE_RATE
SHORTEST = 0.05  # seconds of a note


@dataclass(frozen=True)
class PlayedNote:
    """A note as it sounds.

    Attributes:
        start: its first sample.
        end: sample at which it is released.
        pitch: MIDI number.
        velocity: from 1 to 127.
        damped: sample until which a pedal holds it; None without pedal.
    """

    start: int
    end: int
    pitch: float
    velocity: int
    damped: int | None = None

    @property
    def sounding(self) -> int:
        """The sample at which nothing holds it any more."""
        return self.end if self.damped is None else self.damped


@dataclass(frozen=True)
class PlayedPart:
    """The notes of one instrument, ordered in time.

    Attributes:
        name: of the part; parts that share the melody have the same name.
        instrument: of the part.
        level: in dB relative to the melody.
        pan: from left (-1) to right (1).
        notes: as they sound.
        contour: fundamental frequency every 10 ms, 0 in rests; None if it follows the notes.
    """

    name: str
    instrument: Instrument
    level: float
    pan: float
    notes: tuple[PlayedNote, ...]
    contour: tuple[float, ...] | None = None


@dataclass(frozen=True)
class TempoCurve:
    """Times in seconds of positions in a song, linear between grid points.

    Attributes:
        positions: of the grid in quarter notes, shape (points,).
        seconds: of the same points, shape (points,).
    """

    positions: npt.NDArray[np.float64]
    seconds: npt.NDArray[np.float64]

    @classmethod
    def through(
        cls, positions: npt.NDArray[np.float64], lengths: npt.NDArray[np.float64], start: float
    ) -> "TempoCurve":
        """The curve with the given seconds between positions, position 0 at `start`."""
        seconds = np.concatenate([[0.0], np.cumsum(lengths)])
        seconds += start - np.interp(0.0, positions, seconds)
        return cls(positions, np.round(seconds, 9))

    def at(self, position: float) -> float:
        """The time in seconds of a position in quarter notes."""
        return float(np.interp(position, self.positions, self.seconds))


def steady(song: Song, bpm: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The grid of a song played at a constant tempo.

    Returns:
        Positions in quarter notes of its beats, of one before them if it begins with a pickup, and
        of its end; seconds between them.
    """
    found = [position for position, _ in song.beats]
    before = [found[0] - song.metre.beat_length] if found[0] > 1e-3 else []
    positions = np.array([*before, *found, song.end])
    return positions, np.diff(positions) * 60 / bpm


def released(notes: list[PlayedNote]) -> tuple[PlayedNote, ...]:
    """Release a pitch before it is struck again: a synthesiser would release both notes."""
    by_pitch: dict[float, list[PlayedNote]] = {}
    for note in sorted(notes, key=lambda note: note.start):
        by_pitch.setdefault(note.pitch, []).append(note)
    released: list[PlayedNote] = []
    for same in by_pitch.values():
        limits = [*(note.start for note in same[1:]), same[-1].sounding]
        released += [
            replace(note, end=min(note.end, limit), damped=note.damped and min(note.damped, limit))
            for note, limit in zip(same, limits, strict=True)
            if limit > note.start
        ]
    return tuple(sorted(released, key=lambda note: (note.start, note.pitch)))

"""Performing an arrangement: every note gets its second, its length and its force."""

import math
from dataclasses import dataclass, replace

import numpy as np

from deepmir_render.playing import fluidsynth
from deepmir_render.playing.fluidsynth import on_grid
from deepmir_render.playing.instruments import Instrument
from deepmir_render.playing.tempo import TempoCurve, draw_curve
from deepmir_render.writing.arrangement_plain import Arrangement, Voice
from deepmir_render.writing.notation import Metre, Score

SAMPLE_RATE = fluidsynth.SAMPLE_RATE
DRUM_LENGTH = 0.1  # seconds of a drum's note, which its sound does not depend on


@dataclass(frozen=True)
class PlayedNote:
    """A note as it sounds: its first sample, the sample of its release, pitch and velocity."""

    start: int
    end: int
    pitch: float
    velocity: int


@dataclass(frozen=True)
class PlayedPart:
    """The notes that one instrument plays, ordered in time.

    Attributes:
        name: of the part; parts that share the melody have one name.
        instrument: what plays.
        level: in dB relative to the melody.
        pan: place between the left (-1) and the right (1).
        notes: as they sound.
        contour: fundamental frequency every 10 ms, 0 in rests; None where it is that of the notes.
    """

    name: str
    instrument: Instrument
    level: float
    pan: float
    notes: tuple[PlayedNote, ...]
    contour: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Performance:
    """An arrangement in time.

    Attributes:
        arrangement: what is played.
        parts: in the order of the arrangement's voices.
        curve: when each position of the score is.
        samples: length of the audio.
    """

    arrangement: Arrangement
    parts: tuple[PlayedPart, ...]
    curve: TempoCurve
    samples: int

    @property
    def duration(self) -> float:
        """Length of the audio in seconds."""
        return self.samples / SAMPLE_RATE

    @property
    def melodic(self) -> tuple[PlayedPart, ...]:
        """The parts that have the melody in turn, the first of all parts among them."""
        return tuple(part for part in self.parts if part.name == self.parts[0].name)


@dataclass(frozen=True)
class _Manner:
    """How the players of one track play.

    Attributes:
        looseness: standard deviation of onsets, in seconds.
        roughness: standard deviation of velocities.
        velocity: of a note without accent.
        swell: greatest change of the velocity by slow dynamics.
        wave: length of a swell in bars.
        legato: share of its notated length that a note is held.
    """

    looseness: float
    roughness: float
    velocity: float
    swell: float
    wave: float
    legato: float


def perform(arrangement: Arrangement, rng: np.random.Generator) -> Performance:
    """Draw a performance of an arrangement."""
    head, tail = rng.uniform(0.5, 1.5, 2)
    curve = draw_curve(arrangement.score, arrangement.bpm, float(head), rng)
    manner = _Manner(
        looseness=float(rng.uniform(0.002, 0.012)) if rng.random() < 0.7 else 0.0,
        roughness=float(rng.uniform(2, 7)),
        velocity=float(rng.uniform(68, 98)),
        swell=float(rng.uniform(0, 14)),
        wave=float(rng.uniform(4, 9)),
        legato=float(rng.uniform(0.82, 1.0)),
    )
    score = arrangement.score
    parts = tuple(_play(voice, score, curve, manner, rng) for voice in arrangement.voices)
    last = max(note.end for part in parts for note in part.notes)
    return Performance(arrangement, parts, curve, last + round(float(tail) * SAMPLE_RATE))


def beats(score: Score, curve: TempoCurve) -> list[tuple[float, int]]:
    """Time in seconds and position in the bar, from 1, of every beat where there is music."""
    metre = score.metre
    return [
        (curve.at(position), index + 1)
        for bar in score.bars
        for index in range(metre.beats)
        if -1e-3 <= (position := bar + index * metre.beat_length) < score.end - 1e-3
    ]


def _play(
    voice: Voice, score: Score, curve: TempoCurve, manner: _Manner, rng: np.random.Generator
) -> PlayedPart:
    drums = voice.instrument.drums
    looseness = manner.looseness / 2 if drums else manner.looseness
    late = np.clip(rng.standard_normal(len(voice.notes)), -2.5, 2.5) * looseness
    force = rng.standard_normal(len(voice.notes)) * manner.roughness
    notes = []
    for index, note in enumerate(voice.notes):
        begin, end = curve.at(note.start), curve.at(note.end)
        start = max(0.0, begin + float(late[index]))
        held = DRUM_LENGTH if drums else max(0.06, manner.legato * (end - begin))
        base = manner.velocity if voice.velocities is None else voice.velocities[index]
        velocity = base + _accent(note.start, score, manner) + float(force[index])
        first, release = on_grid(start), on_grid(start + held)
        notes.append(PlayedNote(first, release, note.pitch, min(127, max(20, round(velocity)))))
    return PlayedPart(voice.name, voice.instrument, voice.level, voice.pan, released(notes))


def _accent(position: float, score: Score, manner: _Manner) -> float:
    """Change of the velocity by the place in the bar and by slow dynamics."""
    metre: Metre = score.metre
    in_bar = (position - score.bars[0]) % metre.bar_length
    off = min(in_bar % metre.beat_length, metre.beat_length - in_bar % metre.beat_length)
    first = min(in_bar, metre.bar_length - in_bar) < 1e-3
    accent = 9.0 if first else 3.0 if off < 1e-3 else -3.0
    bars = position / metre.bar_length
    return accent + manner.swell * math.sin(2 * math.pi * bars / manner.wave)


def released(notes: list[PlayedNote]) -> tuple[PlayedNote, ...]:
    """Release a pitch before it is struck again: a synthesiser would release both notes."""
    by_pitch: dict[float, list[PlayedNote]] = {}
    for note in sorted(notes, key=lambda note: note.start):
        by_pitch.setdefault(note.pitch, []).append(note)
    released: list[PlayedNote] = []
    for same in by_pitch.values():
        limits = [*(note.start for note in same[1:]), same[-1].end]
        released += [
            replace(note, end=min(note.end, limit))
            for note, limit in zip(same, limits, strict=True)
            if limit > note.start
        ]
    return tuple(sorted(released, key=lambda note: (note.start, note.pitch)))

"""Arranging a score: who plays which notes, in which key and how fast, drawn from a seed.

The arrangement is still in quarter notes; :mod:`performance` gives it seconds.
"""

from dataclasses import dataclass, replace

import numpy as np

from deepmir_render.playing.instruments import (
    BASSES,
    CHOIRS,
    CHORD_PLAYERS,
    DRUMS,
    INSTRUMENTS,
    SOLOISTS,
    Instrument,
)
from deepmir_render.playing.tempo import tempo_range
from deepmir_render.singing.singer import Singer
from deepmir_render.writing.harmonisation import Triad, harmonise
from deepmir_render.writing.notation import ChordSpan, Note, Part, Score
from deepmir_render.writing.patterns import CHORD_FIGURES, DRUM_STYLES, bass_notes, chord_notes

LONGEST = 37.0  # seconds of music, cut at a bar line
SHORTEST = 18.0  # seconds below which a score is played twice
TRANSPOSITIONS = (-6, 5)  # semitones: each of the twelve tonics once


@dataclass(frozen=True)
class Voice:
    """A part as an instrument plays it.

    Attributes:
        name: of the part, such as `alto` or `bass`.
        instrument: what plays it.
        notes: in quarter notes; of drums, the end says nothing.
        level: in dB relative to the melody.
        pan: place between the left (-1) and the right (1).
        velocities: of the notes before the player's own dynamics; None for the same.
    """

    name: str
    instrument: Instrument
    notes: tuple[Note, ...]
    level: float = 0.0
    pan: float = 0.0
    velocities: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Arrangement:
    """What is played.

    Attributes:
        score: transposed, unrolled and cut; its parts are what the voices play.
        voices: the first has the melody.
        bpm: tempo in beats per minute.
        transposition: from the source's key, in semitones.
        chords: of an analysis or of the accompaniment; empty where neither is known.
        chords_from: `analysis`, `accompaniment` or empty.
        singer: of the voices that are sung; None where there are none.
    """

    score: Score
    voices: tuple[Voice, ...]
    bpm: float
    transposition: int
    chords: tuple[ChordSpan, ...]
    chords_from: str
    singer: Singer | None = None


def arrange(score: Score, rng: np.random.Generator) -> Arrangement:
    """Draw an arrangement of a score."""
    transposition, bpm = draw_key_and_tempo(score, rng)
    score = fit(replace(transpose(score, transposition), sections=()), bpm)
    chorale = len(score.parts) > 1
    voices, triads = _chorale(score, rng) if chorale else _tune(score, rng)
    chords, source = score.chords, "analysis" if score.chords else ""
    if triads:
        chords, source = tuple(triad.span() for triad in triads), "accompaniment"
    return Arrangement(score, placed(voices, rng), bpm, transposition, chords, source)


def draw_key_and_tempo(score: Score, rng: np.random.Generator) -> tuple[int, float]:
    """Draw a transposition in semitones and a tempo in beats per minute."""
    transposition = int(rng.integers(TRANSPOSITIONS[0], TRANSPOSITIONS[1] + 1))
    low, high = tempo_range(score)
    return transposition, round(float(low * (high / low) ** rng.random()), 3)


def transpose(score: Score, semitones: int) -> Score:
    """The score in another key."""
    parts = tuple(
        Part(part.name, tuple(replace(note, pitch=note.pitch + semitones) for note in part.notes))
        for part in score.parts
    )
    chords = tuple(
        chord if chord.root is None else replace(chord, root=(chord.root + semitones) % 12)
        for chord in score.chords
    )
    return replace(score, parts=parts, chords=chords, tonic=(score.tonic + semitones) % 12)


def fit(score: Score, bpm: float) -> Score:
    """Play a short score twice and cut a long one at the last bar line before `LONGEST`."""
    quarters_per_second = bpm * score.metre.beat_length / 60
    if score.end < SHORTEST * quarters_per_second:
        score = twice(score)
    limit = LONGEST * quarters_per_second
    if score.end <= limit:
        return score
    return cut(score, max(bar for bar in score.bars if bar <= limit))


def twice(score: Score) -> Score:
    """The score and once more the score, its pickup falling into the last bar of the first time."""
    shift = score.bars[-1] + score.metre.bar_length - max(score.pickup, 0.0)
    first = cut(score, min(shift, score.end))
    parts = tuple(
        Part(
            a.name, a.notes + tuple(Note(n.start + shift, n.end + shift, n.pitch) for n in b.notes)
        )
        for a, b in zip(first.parts, score.parts, strict=True)
    )
    again = [bar + shift for bar in score.bars[1 if score.pickup else 0 :]]
    chords = score.chords + tuple(
        replace(c, start=c.start + shift, end=c.end + shift) for c in score.chords
    )
    bars = (*score.bars, *(round(bar, 6) for bar in again))
    return replace(score, parts=parts, bars=bars, end=score.end + shift, chords=chords)


def cut(score: Score, end: float) -> Score:
    """The score up to a position."""

    def kept(notes: tuple[Note, ...]) -> tuple[Note, ...]:
        return tuple(replace(n, end=min(n.end, end)) for n in notes if n.start < end - 1e-3)

    return replace(
        score,
        parts=tuple(Part(part.name, kept(part.notes)) for part in score.parts),
        bars=tuple(bar for bar in score.bars if bar < end - 1e-3),
        end=end,
        chords=tuple(replace(c, end=min(c.end, end)) for c in score.chords if c.start < end - 1e-3),
    )


def _chorale(score: Score, rng: np.random.Generator) -> tuple[list[Voice], tuple[Triad, ...]]:
    choir = CHOIRS[int(rng.integers(len(CHOIRS)))]
    voices = [
        Voice(part.name, INSTRUMENTS[name], part.notes, level=0.0 if index == 0 else -2.0)
        for index, (part, name) in enumerate(zip(score.parts, choir, strict=True))
    ]
    if rng.random() < 0.3:
        voices.append(doubled(voices[3], pick(BASSES, rng), octaves=-1))
    if rng.random() < 0.2:
        voices.append(doubled(voices[0], pick(SOLOISTS, rng), octaves=0))
    if rng.random() < 0.3:
        voices.append(_drums(score, rng))
    return voices, ()


def _tune(score: Score, rng: np.random.Generator) -> tuple[list[Voice], tuple[Triad, ...]]:
    voices = [Voice("melody", pick(SOLOISTS, rng), score.melody)]
    if rng.random() < 0.25:
        octaves = int(rng.integers(-1, 2))
        voices.append(doubled(voices[0], pick(SOLOISTS, rng), octaves))
    triads = harmonise(score) if rng.random() < 0.8 else ()
    if triads:
        figure = name(tuple(CHORD_FIGURES), rng)
        notes = chord_notes(triads, figure, score.metre)
        voices.append(Voice("chords", pick(CHORD_PLAYERS, rng), notes, level=-7.0))
        if rng.random() < 0.8:
            notes = bass_notes(triads, bool(rng.random() < 0.6), score.metre)
            voices.append(Voice("bass", pick(BASSES, rng), notes, level=-3.0))
    if rng.random() < 0.55:
        voices.append(_drums(score, rng))
    return voices, triads


def doubled(voice: Voice, instrument: Instrument, octaves: int) -> Voice:
    """The voice on another instrument, so many octaves higher, in the background."""
    notes = tuple(replace(note, pitch=note.pitch + 12 * octaves) for note in voice.notes)
    return replace(
        voice, name=f"{voice.name} doubled", instrument=instrument, notes=notes, level=-6.0
    )


def _drums(score: Score, rng: np.random.Generator) -> Voice:
    hits = drummed(score, name(tuple(DRUM_STYLES), rng))
    level = float(rng.uniform(-8.0, 0.0))
    notes, velocities = tuple(note for note, _ in hits), tuple(velocity for _, velocity in hits)
    return Voice("drums", DRUMS, notes, level, velocities=velocities)


def drummed(score: Score, style: str) -> list[tuple[Note, int]]:
    """The hits of a drum style from the beginning to the end of a score, with their velocities."""
    pattern = sorted(DRUM_STYLES[style](score.metre))
    beat = score.metre.beat_length
    return [
        (Note(max(start, 0.0), start + beat / 4, drum), velocity)
        for bar in score.bars
        for position, drum, velocity in pattern
        if -1e-3 <= (start := bar + position * beat) < score.end - 1e-3
    ]


def pick(names: tuple[str, ...], rng: np.random.Generator) -> Instrument:
    """Draw an instrument by its name."""
    return INSTRUMENTS[name(names, rng)]


def name(names: tuple[str, ...], rng: np.random.Generator) -> str:
    """Draw a name."""
    return names[int(rng.integers(len(names)))]


def placed(voices: list[Voice], rng: np.random.Generator) -> tuple[Voice, ...]:
    """Give every voice its place and a level of its own."""
    width = rng.uniform(0.2, 0.9)
    return tuple(
        replace(
            voice,
            pan=round(float(width * rng.uniform(-1, 1)) * (0.4 if voice.name == "bass" else 1), 3),
            level=round(voice.level + float(rng.uniform(-2, 2)), 2),
        )
        for voice in voices
    )

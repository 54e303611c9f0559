"""What is true of a whole recording, from which its tags and its mood are made."""

from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from deepmir_render.mixing.effects import Effects
from deepmir_render.playing.performance_plain import SAMPLE_RATE, Performance
from deepmir_render.writing.notation import Metre


@dataclass(frozen=True)
class Facts:
    """Facts of one recording.

    Attributes:
        mode: `major` or `minor`.
        metre: of the work.
        genre: one of `GENRES`, or empty.
        bpm: beats a minute.
        density: notes of the melody a second, while there is a melody.
        register: mean MIDI pitch of the melody, weighted by duration.
        held: share of the time to the next note that a note of the melody is held, 1 for legato.
        level: RMS of the recording, in dB relative to full scale.
        instruments: names of all that sound.
        effects: of the recording.
    """

    mode: str
    metre: Metre
    genre: str
    bpm: float
    density: float
    register: float
    held: float
    level: float
    instruments: frozenset[str]
    effects: Effects


def facts_of(performance: Performance, genre: str, effects: Effects, level: float) -> Facts:
    """The facts of a performance that is recorded with some effects at some level."""
    score = performance.arrangement.score
    melody = sorted(
        (n for part in performance.melodic for n in part.notes), key=lambda note: note.start
    )
    steps = [(b.start - a.start, a.end - a.start) for a, b in pairwise(melody)]
    # A rest of a second or more is no way of playing a note.
    played = [(step, held) for step, held in steps if 0 < step < held + SAMPLE_RATE]
    lengths = [note.end - note.start for note in melody]
    pitches = sum(note.pitch * length for note, length in zip(melody, lengths, strict=True))
    return Facts(
        mode=score.mode,
        metre=score.metre,
        genre=genre,
        bpm=performance.arrangement.bpm,
        density=SAMPLE_RATE * len(played) / max(1, sum(step for step, _ in played)),
        register=pitches / sum(lengths),
        held=fmean(min(1.0, held / step) for step, held in played),
        level=level,
        instruments=frozenset(part.instrument.name for part in performance.parts),
        effects=effects,
    )

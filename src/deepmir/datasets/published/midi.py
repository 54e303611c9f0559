"""Annotations from the MIDI file of a recording."""

from typing import Any

import numpy as np

from deepmir.datasets.published import convert
from deepmir.datasets.published.convert import Span, annotation, at, span
from deepmir.files.annotations import Annotation, joined

SILENCE = 0.5  # seconds: a shorter gap does not interrupt an instrument

# General MIDI by the families of the task `instrument`: the first program of a family, counted from
# 0, and the first one after it. Synthesisers and effects are in none.
FAMILIES = (
    ("keys", 0, 8),
    ("mallets", 8, 16),
    ("organ", 16, 24),
    ("plucked", 24, 32),
    ("bass", 32, 40),
    ("strings", 40, 46),
    ("plucked", 46, 47),  # the harp
    ("strings", 48, 52),
    ("singing", 52, 55),
    ("brass", 56, 64),
    ("reeds", 64, 72),
    ("flutes", 72, 80),
)


def beats(midi: Any, duration: float) -> list[Annotation]:
    """Beats and their positions in the bar, from the tempo and time signatures of a MIDI file.

    mirdata counts beats modulo the numerator of the time signature, which is wrong in compound
    metres, where a bar of 6/8 has two beats; here they are counted from downbeat to downbeat.
    """
    times, downbeats = midi.get_beats(), midi.get_downbeats()
    if not len(times) or not len(downbeats):
        return []
    starts = np.isclose(times[:, None], downbeats[None, :], atol=1e-4).any(axis=1)
    positions: list[int | None] = []
    for begins in starts:
        last = positions[-1] if positions else None
        positions.append(1 if begins else None if last is None else last + 1)
    return annotation("beat", map(at, times.tolist(), positions))


def notes(midi: Any, duration: float) -> list[Annotation]:
    """All notes without drums, as `note_midi`."""
    from mirdata.io import load_notes_from_midi

    found = load_notes_from_midi(midi=midi)
    return [] if found is None else convert.notes(found, duration)


def onsets(midi: Any, duration: float) -> list[Annotation]:
    """The starts of all notes including drums, without duplicates."""
    starts = {round(note.start, 6) for part in midi.instruments for note in part.notes}
    return annotation("onset", (at(time) for time in sorted(starts)))


def instruments(midi: Any, duration: float) -> list[Annotation]:
    """The active intervals of each family of instruments, as `tag_open` of kind instrument."""
    played: dict[str, list[Span]] = {}
    for part in midi.instruments:
        family = "drums" if part.is_drum else _family(part.program)
        if family:
            played.setdefault(family, []).extend((note.start, note.end) for note in part.notes)
    rows = sorted((times, f) for f, notes in played.items() for times in joined(notes, SILENCE))
    return annotation("tag_open", (span(*row) for row in rows), kind="instrument")


def _family(program: int) -> str | None:
    return next((name for name, first, end in FAMILIES if first <= program < end), None)

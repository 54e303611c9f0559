"""The parts of a POP909 song on the grid of POP909-CL, which has them merged and moved."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deepmir_render.sources.midi import MidiNote

BINS = 24  # of a quarter note: the grid of POP909-CL


@dataclass(frozen=True)
class Shift:
    """By how many bins the notes of one file are later in the other.

    Attributes:
        bins: of a 24th of a quarter note.
        found: share of the notes that are in the other file, within one bin.
    """

    bins: int
    found: float


def quantised(notes: Sequence[MidiNote], ticks: int) -> list[MidiNote]:
    """The notes with their times in bins; each lasts at least one."""
    return [
        MidiNote(start, max(start + 1, _bin(n.end, ticks)), n.pitch, n.velocity)
        for n in notes
        for start in (_bin(n.start, ticks),)
    ]


def _bin(tick: int, ticks: int) -> int:
    return (2 * tick * BINS + ticks) // (2 * ticks)


def find_shift(notes: Sequence[MidiNote], merged: Sequence[MidiNote]) -> Shift:
    """The shift at which most of `notes` are in `merged`, both in bins."""
    places: dict[int, list[int]] = defaultdict(list)
    for note in merged:
        places[note.pitch].append(note.start)
    starts: dict[int, list[int]] = defaultdict(list)
    for note in notes:
        starts[note.pitch].append(note.start)
    times = [note.start for note in (*notes, *merged)] or [0]
    farthest = max(times) - min(times) + 1
    counts = np.zeros(2 * farthest + 1, np.int64)
    for pitch, own in starts.items():
        differences = np.subtract.outer(places.get(pitch, []), own).astype(np.int64)
        counts += np.bincount(differences.ravel() + farthest, minlength=len(counts))
    near = 2 * counts
    near[1:] += counts[:-1]
    near[:-1] += counts[1:]
    bins = int(near.argmax()) - farthest
    known = {(n.pitch, n.start + around) for n in merged for around in (-1, 0, 1)}
    found = sum((n.pitch, n.start + bins) in known for n in notes)
    return Shift(bins, found / max(1, len(notes)))


def moved(notes: Sequence[MidiNote], bins: int) -> list[MidiNote]:
    """The notes, so many bins later."""
    return [MidiNote(n.start + bins, n.end + bins, n.pitch, n.velocity) for n in notes]

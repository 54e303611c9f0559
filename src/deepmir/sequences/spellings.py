"""The tasks whose annotations can be written as a sequence.

chord   start, chord            the chord holds until the next one starts
notes   start, pitch, length    by start, then by pitch
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.sequences.spelling import Event, Heard, Spelling
from deepmir.tasks.base import Grid
from deepmir.tasks.chord import label_index
from deepmir.tasks.notes import KEYS, LOWEST, keyboard_notes, on_keyboard
from deepmir.tasks.shared import harte
from deepmir.tasks.shared.pitched import Notes


class ChordSpelling(Spelling):
    """Consecutive chords: the start of each, and one of 25 labels.

    Other qualities than major and minor are not written: the previous chord continues.
    """

    fields = ("start", "chord")
    rising = 1

    @property
    def sizes(self) -> tuple[int, ...]:
        """All steps of the excerpt, all chords."""
        return self.steps, len(harte.MAJOR_AND_MINOR)

    def events(self, jams: Jams, grid: Grid, frame_rate: float) -> list[Event] | None:
        """Chords with at least one step in the excerpt; equal neighbours are merged."""
        spans = _chords(jams)
        if spans is None:
            return None
        edges = self._steps(np.array([[a, b] for a, b, _ in spans]), grid, frame_rate)
        last = self._last(grid, frame_rate)
        events: list[Event] = []
        for (start, end), (_, _, state) in zip(edges.clip(0, last).tolist(), spans, strict=True):
            if start < end and (not events or events[-1][1] != state):
                events.append((start, state))
        return events

    def starts(self, jams: Jams) -> list[float]:
        """The starts of all chords, including equal neighbours with a gap in between."""
        return [start for start, _, _ in _chords(jams) or ()]

    def moved(self, event: Event, semitones: int) -> Event:
        """Roots wrap around."""
        start, state = event
        if state == len(harte.MAJOR_AND_MINOR) - 1:
            return event
        return start, state // 12 * 12 + (state + semitones) % 12

    def heard(self, events: Sequence[Event], sure: Sequence[float], seconds: float) -> list[Heard]:
        """Each chord until the next one, the last until the end of the excerpt."""
        starts = [start * self.step for start, _ in events]
        ends = [*starts[1:], seconds]
        return [
            Heard(start, end, state, confidence)
            for start, end, (_, state), confidence in zip(starts, ends, events, sure, strict=True)
            if start < end
        ]

    def within(self, one: Heard, first: float, last: float) -> Heard | None:
        """Chords are cut."""
        start, end = max(one.start, first), min(one.end, last)
        return replace(one, start=start, end=end) if start < end else None

    def annotation(self, pieces: Sequence[Heard]) -> Annotation:
        """Equal neighbours are merged, with their mean confidence over time."""
        merged: list[Heard] = []
        for one in pieces:
            before = merged[-1] if merged else None
            if before and before.value == one.value and one.start - before.end < harte.TOLERANCE:
                merged[-1] = Heard(before.start, one.end, one.value, _sure(before, one))
            else:
                merged.append(one)
        observations = tuple(
            Observation(o.start, o.end - o.start, self.name(1, o.value), o.confidence)
            for o in merged
        )
        return Annotation("chord", observations)

    def name(self, field: int, value: int) -> str:
        """Seconds, or a chord in Harte's syntax."""
        return harte.MAJOR_AND_MINOR[value] if field == 1 else f"{value * self.step:.2f} s"


class NoteSpelling(Spelling):
    """The notes that begin in an excerpt, as played on one keyboard.

    A longer note than the excerpt is written with the length of the excerpt.
    """

    fields = ("start", "pitch", "length")

    @property
    def sizes(self) -> tuple[int, ...]:
        """All steps of the excerpt, all keys of a piano, all lengths from one step on."""
        return self.steps, KEYS, self.steps

    def events(self, jams: Jams, grid: Grid, frame_rate: float) -> list[Event] | None:
        """By start, then by pitch."""
        notes = keyboard_notes(jams)
        if notes is None:
            return None
        last = self._last(grid, frame_rate)
        starts, ends = (self._steps(t, grid, frame_rate) for t in (notes.starts, notes.ends))
        inside = (starts >= 0) & (starts < last)
        lengths = (np.minimum(ends, last) - starts).clip(1)
        keys = notes.pitches.astype(np.int64) - LOWEST
        columns = np.stack([starts, keys, lengths - 1], axis=1)[inside]
        return sorted({row[:2]: row for row in map(tuple, columns.tolist())}.values())

    def starts(self, jams: Jams) -> list[float]:
        """The starts of all notes."""
        notes = keyboard_notes(jams)
        return [] if notes is None else [float(time) for time in np.sort(notes.starts)]

    def moved(self, event: Event, semitones: int) -> Event | None:
        """Keys are transposed; those off the keyboard are dropped."""
        start, key, length = event
        return (start, key + semitones, length) if 0 <= key + semitones < KEYS else None

    def heard(self, events: Sequence[Event], sure: Sequence[float], seconds: float) -> list[Heard]:
        """Notes that begin in the excerpt and may extend beyond it."""
        return [
            Heard(start * self.step, (start + length + 1) * self.step, key, confidence)
            for (start, key, length), confidence in zip(events, sure, strict=True)
            if start * self.step < seconds
        ]

    def within(self, one: Heard, first: float, last: float) -> Heard | None:
        """A note belongs to its start."""
        return one if first <= one.start < last else None

    def annotation(self, pieces: Sequence[Heard]) -> Annotation:
        """Notes from two excerpts are merged, and a key sounds once at a time."""
        rows = np.array([(o.start, o.end, o.value + LOWEST) for o in pieces]).reshape(-1, 3)
        notes = on_keyboard(Notes(rows[:, 0], rows[:, 1], rows[:, 2]))
        sure = {(o.start, o.value + LOWEST): o.confidence for o in pieces}
        observations = tuple(
            Observation(start, end - start, int(pitch), sure[start, int(pitch)])
            for start, end, pitch in zip(
                notes.starts.tolist(), notes.ends.tolist(), notes.pitches.tolist(), strict=True
            )
        )
        return Annotation("note_midi", observations)

    def name(self, field: int, value: int) -> str:
        """Seconds, or the name of a key."""
        if field == 1:
            midi = value + LOWEST
            return f"{harte.ROOTS[midi % 12]}{midi // 12 - 1}"
        return f"{(value + (field == 2)) * self.step:.2f} s"


def _chords(jams: Jams) -> list[tuple[float, float, int]] | None:
    """Start, end and state of the chords with a state; None if there are none."""
    chords = harte.timeline(jams)
    if chords is None:
        return None
    states = [label_index(label) for label in chords.labels]
    spans = [
        (float(start), float(end), state)
        for (start, end), state in zip(chords.intervals, states, strict=True)
        if state is not None
    ]
    return spans or None


def _sure(one: Heard, other: Heard) -> float:
    """The confidence of two parts of a chord: their mean over time."""
    lengths = one.end - one.start, other.end - other.start
    total = one.confidence * lengths[0] + other.confidence * lengths[1]
    return total / sum(lengths)


SPELLINGS: Mapping[str, type[Spelling]] = {"chord": ChordSpelling, "notes": NoteSpelling}
"""The tasks whose annotations can be written as a sequence."""


def spelling_of(task: str, step: float, seconds: float) -> Spelling:
    """The spelling of a task in excerpts of some length.

    Raises:
        DeepmirError: for a task without spelling, or an excerpt shorter than a step.
    """
    if task not in SPELLINGS:
        there = ", ".join(SPELLINGS)
        raise DeepmirError(f"task: {task} has no spelling as a sequence (available: {there})")
    steps = round(seconds / step)
    if steps < 1:
        raise DeepmirError(
            f"decoder.step: {step:g} s is longer than an excerpt of {seconds:g} s: lower it"
        )
    return SPELLINGS[task](step, steps)

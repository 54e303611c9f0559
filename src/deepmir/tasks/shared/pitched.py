"""The pitched notes of a recording from all parts, and targets over pitches."""

from dataclasses import dataclass

import numpy as np

from deepmir.files.annotations import Jams
from deepmir.tasks.base import Array, Floats
from deepmir.tasks.shared.instants import is_new

SIMULTANEOUS = 0.03  # seconds within which notes of one pitch start together


@dataclass(frozen=True)
class Notes:
    """Some notes.

    Attributes:
        starts: in seconds, shape (notes,).
        ends: in seconds, shape (notes,).
        pitches: MIDI note numbers, which may be fractional, shape (notes,).
    """

    starts: Floats
    ends: Floats
    pitches: Floats


def pitched_notes(jams: Jams) -> Notes | None:
    """The notes of all `note_midi` annotations, except those with `drums` in the sandbox.

    None if there is no such annotation; sorted by start.
    """
    parts = [a for a in jams.find("note_midi") if not a.sandbox.get("drums", False)]
    if not parts:
        return None
    intervals = np.concatenate([part.intervals for part in parts])
    pitches = np.array([value for part in parts for value in part.values], dtype=np.float64)
    order = np.lexsort((pitches, intervals[:, 0]))
    return Notes(intervals[order, 0], intervals[order, 1], pitches[order])


def merged(notes: Notes) -> Notes:
    """The notes as played on one keyboard: each pitch sounds once at a time.

    Parts that double a pitch cannot be distinguished by ear, or by a transcription without
    instruments. Notes of a pitch that start within 30 ms are merged; a note ends where the next
    of its pitch starts, and the next lasts as long as either. Pitches are rounded to semitones.
    """
    rounded = np.rint(notes.pitches)
    parts = [_merged_pitch(notes, rounded == pitch) for pitch in np.unique(rounded)]
    starts, ends, pitches = (
        np.concatenate([np.zeros(0), *(getattr(part, name) for part in parts)])
        for name in ("starts", "ends", "pitches")
    )
    order = np.argsort(starts, kind="stable")
    return Notes(starts[order], ends[order], pitches[order])


def _merged_pitch(notes: Notes, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Notes:
    starts, ends = notes.starts[chosen], notes.ends[chosen]
    new = is_new(starts, SIMULTANEOUS)
    last = np.append(np.flatnonzero(new)[1:], starts.size) - 1
    lasting = np.maximum.accumulate(ends)[last]
    starts = starts[new]
    ends = np.minimum(lasting, np.append(starts[1:], np.inf))
    return Notes(starts, ends, np.full(starts.size, np.rint(notes.pitches[chosen][0])))


def shifted(target: Array, steps: int) -> Array:
    """A target shifted up along its last axis, of pitches; values that leave it are lost.

    Args:
        target: shape (..., pitches).
        steps: shift along that axis.

    Returns:
        Shape (..., pitches), filled with 0.
    """
    pitches = target.shape[-1]
    moved = np.zeros_like(target)
    first, end = max(steps, 0), pitches + min(steps, 0)
    moved[..., first:end] = target[..., first - steps : end - steps]
    return moved

"""Chord recognition, major and minor (Table 1: medium subjectivity, short decision time scale)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from deepmir.decoders.chord_sequence import WEIGHTS, ChordSequence, transposed
from deepmir.files.annotations import Jams
from deepmir.tasks.base import Array, Floats, Grid
from deepmir.tasks.output import Output
from deepmir.tasks.shared import harte
from deepmir.tasks.shared.chords import Chords

LABELS = harte.MAJOR_AND_MINOR

# Nats: a soft piano is too often taken for no chord (benchmarks/results/soft_piano.md).
NONE_COST = 2.0

# Intervals up to the fifth; anything above, such as a seventh, does not matter.
TRIADS = {frozenset({0, 4, 7}): 0, frozenset({0, 3, 7}): 1}


def label_index(label: str) -> int | None:
    """Index in :data:`LABELS` of a label in Harte's syntax; None for other triads.

    As in mir_eval's `majmin`: `C:7` is C major, `C:dim` and `C:sus4` are neither major nor minor.
    """
    chord = harte.parse(label)
    if chord.root is None:
        return len(LABELS) - 1 if chord.known else None
    quality = TRIADS.get(frozenset(step for step in chord.steps if step < 8))
    return None if quality is None else quality * 12 + chord.root


@dataclass(frozen=True)
class Chord(Chords):
    """25 classes per frame, softmax: major and minor triads and no chord."""

    name: str = "chord"
    sequence = ChordSequence
    usual = MappingProxyType({"none_cost": NONE_COST})

    def state(self, label: str) -> int | None:
        """See :func:`label_index`."""
        return label_index(label)

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """The share of each chord in each frame, shape (frames, 25); NaN for other chords."""
        chords = harte.timeline(jams)
        if chords is None:
            return None
        indices = [label_index(label) for label in chords.labels]
        if set(indices) == {None}:
            return None
        classes = np.eye(len(LABELS))
        return harte.spread(chords, [None if i is None else classes[i] for i in indices], grid)

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """One label out of 25."""
        return Output.of(LABELS, "softmax")

    # 3. Decoder -----------------------------------------------------------------------------

    def shares(self, values: Floats) -> Floats:
        """The activations themselves, as they are those of the states."""
        return values

    def label(self, values: Floats, state: int, span: slice) -> str:
        """The label of a state, regardless of the frames."""
        return LABELS[state]

    @property
    def choices(self) -> Mapping[str, tuple[Any, ...]]:
        """The weight of the chord sequence relative to single frames."""
        return {"transition_weight": WEIGHTS}

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "majmin"

    # 5. Deformations ------------------------------------------------------------------------

    def moved(self, target: Array, semitones: int) -> Array:
        """The roots are transposed."""
        return transposed(target, semitones)


TASK = Chord()

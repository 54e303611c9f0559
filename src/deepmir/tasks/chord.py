"""Chord recognition, major and minor (Table 1: medium subjectivity, short decision time scale)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepmir.decoders.chord_sequence import (
    FLOOR,
    WEIGHTS,
    ChordSequence,
    annotate,
    learn,
    transposed,
)
from deepmir.decoders.peaks import refuse_non_finite
from deepmir.files.annotations import Annotation, Jams
from deepmir.tasks.base import Array, Decoder, Effect, Grid, Metric, Output, Task
from deepmir.tasks.shared import harte
from deepmir.tasks.shared.options import make

QUALITIES = ("maj", "min")
LABELS = harte.states(QUALITIES)

# Of the steps up to the fifth; what is above it, such as a seventh, does not matter.
TRIADS = {frozenset({0, 4, 7}): 0, frozenset({0, 3, 7}): 1}


def label_index(label: str) -> int | None:
    """Index in :data:`LABELS` of a label in Harte's syntax; None where its triad is another.

    It is the reduction of mir_eval's `majmin`: `C:7` is C major, `C:dim` and `C:sus4` are neither.
    """
    chord = harte.parse(label)
    if chord.root is None:
        return len(LABELS) - 1 if chord.known else None
    quality = TRIADS.get(frozenset(step for step in chord.steps if step < 8))
    return None if quality is None else quality * 12 + chord.root


@dataclass(frozen=True)
class ChordTask(Task):
    """25 classes a frame, softmax: major and minor triads and no chord."""

    name: str = "chord"
    namespaces: tuple[str, ...] = ("chord",)
    time_varying: bool = True
    min_frame_rate: float = 4.0

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """The share of each chord in each frame, shape (frames, 25); NaN where it is neither."""
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
        """One label of 25."""
        return Output.of(LABELS, "softmax")

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **options: Any) -> Decoder:
        """The most probable sequence of chords, see :class:`ChordSequence`."""
        search = make(ChordSequence, frame_rate, options)

        def decode(activations: Array) -> list[Annotation]:
            shares = activations.astype(np.float64)
            refuse_non_finite(shares, "chord activations")
            path = search(np.log(np.maximum(shares, FLOOR)))
            return [annotate(path, shares, frame_rate, lambda state, _: LABELS[state])]

        return decode

    def learned(self, annotated: Sequence[Jams]) -> dict[str, Any]:
        """How chords follow each other and how long they last."""
        return learn(harte.sequences(annotated, label_index), len(QUALITIES))

    @property
    def choices(self) -> Mapping[str, tuple[Any, ...]]:
        """How much the sequence of chords counts beside each frame."""
        return {"transition_weight": WEIGHTS}

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "majmin"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """Those of :func:`harte.metrics`."""
        return harte.measures()

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """Weighted chord symbol recall and segmentation, see :func:`harte.metrics`."""
        return harte.metrics(reference, estimate)

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """A pitch shift moves the roots; stretching moves the grid of the target."""
        return {"pitch_shift": "change", "time_stretch": "change"}

    def deform_target(self, target: Array, deformation: str, amount: float) -> Array:
        """Move the roots by `amount` semitones; the grid has done what stretching does."""
        return transposed(target, round(amount)) if deformation == "pitch_shift" else target


TASK = ChordTask()

"""The base of chord recognition with a small or a large vocabulary."""

from abc import abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

import numpy as np

from deepmir.decoders.base import refuse_non_finite
from deepmir.decoders.chord_sequence import ChordSequence, annotate, learn
from deepmir.files.annotations import Annotation, Jams
from deepmir.tasks.base import Array, Decoder, Effect, Floats, Grid, Metric, Task
from deepmir.tasks.shared import harte, symbols, tags
from deepmir.tasks.shared.options import make

STEP = 0.05  # s between the instants at which confidence and correctness are compared


class Chords(Task):
    """Chords of some qualities on all roots, and no chord, frame by frame.

    Attributes:
        sequence: the decoder, which has the number of qualities.
        usual: its default options.
    """

    shortest: float = 0.5  # a beat at 120 BPM
    namespaces: tuple[str, ...] = ("chord",)
    time_varying: bool = True
    confident: bool = True
    min_frame_rate: float = 4.0
    sequence: ClassVar[type[ChordSequence]]
    usual: ClassVar[Mapping[str, Any]] = {}

    @abstractmethod
    def state(self, label: str) -> int | None:
        """The state of a label in Harte's syntax; None for other qualities."""

    @abstractmethod
    def shares(self, values: Floats) -> Floats:
        """The upper bound of each state, shape (frames, states), from the activations."""

    @abstractmethod
    def label(self, values: Floats, state: int, span: slice) -> str:
        """The label of a state in some frames of the activations."""

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **options: Any) -> Decoder:
        """The most probable sequence of chords, see :class:`ChordSequence`."""
        search = make(self.sequence, frame_rate, {**self.usual, **options})

        def decode(activations: Array) -> list[Annotation]:
            values = activations.astype(np.float64)
            refuse_non_finite(values, "chord activations")
            path = search(search.log_probabilities(values))
            name = partial(self.label, values)
            return [annotate(path, self.shares(values), frame_rate, name)]

        return decode

    def learned(self, annotated: Sequence[Jams]) -> dict[str, Any]:
        """Transitions and durations of chords."""
        return learn(harte.sequences(annotated, self.state), self.sequence.qualities)

    # 4. Metrics -----------------------------------------------------------------------------

    @property
    def measures(self) -> Mapping[str, Metric]:
        """Those of :func:`harte.metrics`, and the symbol error rate."""
        return harte.measures() | {symbols.NAME: symbols.MEASURE}

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """Weighted chord symbol recall, segmentation (:func:`harte.metrics`), symbol error rate.

        The symbols are the task's own chords in order, without immediate repetitions; other labels
        are omitted.
        """
        scores = harte.metrics(reference, estimate)
        return scores | symbols.error(*map(self._symbols, (reference, estimate))) if scores else {}

    def _symbols(self, jams: Jams) -> list[Hashable]:
        chords = harte.timeline(jams)
        states = [] if chords is None else [self.state(label) for label in chords.labels]
        return symbols.without_repeats([state for state in states if state is not None])

    def claims(self, reference: Jams, estimate: Jams) -> Floats:
        """One per chord: the share of its duration in which it is correct, in seconds.

        Where the reference has a chord of another quality, nothing is counted.
        """
        truth, said = harte.timeline(reference), estimate.first("chord")
        if truth is None or said is None:
            return np.zeros((0, 3))
        grid = Grid(STEP / 2, STEP, max(round(reference.duration / STEP), 1))
        states = [self.state(label) for label in truth.labels]
        numbers = np.array([*(-1 if s is None else s for s in states), -1])
        right = numbers[grid.index_of(truth.intervals)]
        rows = []
        for chord in said.observations:
            edges = np.array([chord.time, chord.time + chord.duration])
            first, last = np.ceil(grid.position(edges) - 1e-6).clip(0, grid.frames).astype(int)
            known = right[first:last][right[first:last] >= 0]
            if known.size:
                share = float((known == self.state(str(chord.value))).mean())
                rows.append((tags.confidence(chord), share, known.size * STEP))
        return np.array(rows).reshape(-1, 3)

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """A pitch shift rotates pitch classes; stretching changes the grid of the target."""
        return {"pitch_shift": "change", "time_stretch": "change"}

    def deform_target(self, target: Array, deformation: str, amount: float) -> Array:
        """Rotate pitch classes by `amount` semitones; the grid already accounts for stretching."""
        return self.moved(target, round(amount)) if deformation == "pitch_shift" else target

    @abstractmethod
    def moved(self, target: Array, semitones: int) -> Array:
        """The target of the same chords transposed by some semitones."""

"""One class per recording: the base of key, genre and the like."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Array, Decoder, Floats, Grid, Metric, Task, shares
from deepmir.tasks.output import Output
from deepmir.tasks.shared import f_measure, options, tags

LEAST = 0.01  # classes with a lower probability are not written


class SingleLabel(Task):
    """Softmax over the classes; the most probable one is the result."""

    shortest: float = 1.0  # the least on which a person would judge
    time_varying: bool = False
    confident: bool = True

    @property
    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """The classes."""

    @abstractmethod
    def index(self, jams: Jams) -> int | None:
        """The class of an annotation, as an index in :attr:`labels`; None without one."""

    @abstractmethod
    def annotation(self, index: int, confidence: float) -> Annotation:
        """One class, for the whole recording."""

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """One-hot over the classes, shape (V,)."""
        index = self.index(jams)
        return None if index is None else np.eye(len(self.labels), dtype=np.float32)[index]

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """One label out of V."""
        return Output.of(self.labels, "softmax")

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **given: Any) -> Decoder:
        """The most probable class, with its probability as confidence."""
        options.refuse(self.name, given)

        def decode(activations: Array) -> list[Annotation]:
            best = int(np.argmax(activations))
            return [self.annotation(best, float(activations[best]))]

        return decode

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "accuracy"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """One share."""
        return shares(("accuracy",))

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """Whether the class is correct."""
        truth = self.index(reference)
        return {} if truth is None else {"accuracy": float(truth == self.index(estimate))}

    def claims(self, reference: Jams, estimate: Jams) -> Floats:
        """One: the class, and whether it is correct."""
        found = next(estimate.find(self.namespaces[0]), None)
        truth, guess = self.index(reference), self.index(estimate)
        if truth is None or found is None or not found.observations:
            return np.zeros((0, 3))
        sure = max(tags.confidence(o) for o in found.observations)
        return np.array([[sure, float(truth == guess), 1.0]])


class Tagged(SingleLabel):
    """A class that is a tag; all likely ones are written, and each has its own score."""

    @property
    @abstractmethod
    def kind(self) -> str:
        """The kind of the tags, for the sandbox of the annotation."""

    def annotation(self, index: int, confidence: float) -> Annotation:
        """One class as a tag."""
        return tags.annotation(self.kind, [self._tag(index, confidence)])

    def _tag(self, index: int, confidence: float) -> Observation:
        return Observation(0.0, 0.0, self.labels[index], confidence)

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **given: Any) -> Decoder:
        """All classes of at least 1 % with their probability as confidence, the best first."""
        options.refuse(self.name, given)

        def decode(activations: Array) -> list[Annotation]:
            order = np.argsort(-activations, kind="stable")
            # The first is the decision, and is kept even if it is weak in a large vocabulary.
            kept = [i for rank, i in enumerate(order) if not rank or activations[i] >= LEAST]
            return [tags.annotation(self.kind, (self._tag(i, float(activations[i])) for i in kept))]

        return decode

    # 4. Metrics -----------------------------------------------------------------------------

    @property
    def measures(self) -> Mapping[str, Metric]:
        """Shares: accuracy per recording, all others for the whole part."""
        return shares(("accuracy",)) | f_measure.measures(self.labels)

    def claims(self, reference: Jams, estimate: Jams) -> Floats:
        """One per class that is written."""
        truth, said = self.index(reference), tags.words(estimate, self.kind)
        if truth is None or not said:
            return np.zeros((0, 3))
        return np.array([(sure, word == self.labels[truth], 1) for word, sure in said.items()])

    def row(self, reference: Jams, estimate: Jams) -> tuple[float, ...] | None:
        """True and estimated class; -1 for an estimate without one."""
        truth, guess = self.index(reference), self.index(estimate)
        return None if truth is None else (float(truth), -1.0 if guess is None else float(guess))

    def failed_row(self, reference: Jams) -> tuple[float, ...] | None:
        """No class: a miss for its own, and not a false alarm for any other."""
        return self.row(reference, Jams(reference.duration, ()))

    def corpus_metrics(self, rows: Floats) -> dict[str, float]:
        """F of every class, and the unweighted mean, in which rare classes count like common ones.

        Args:
            rows: of :meth:`row`, shape (tracks, 2).
        """
        truth, guess = rows.astype(int).T
        width = len(self.labels)
        hits = np.bincount(truth[truth == guess], minlength=width).astype(np.float64)
        misses = np.bincount(truth, minlength=width) - hits
        false_alarms = np.bincount(guess[guess >= 0], minlength=width) - hits
        return f_measure.macro(f_measure.f_measures(hits, false_alarms, misses), self.labels)

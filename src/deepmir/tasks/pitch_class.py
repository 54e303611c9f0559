"""Pitch class of a single tone: the teaching example of one dense layer (studies/teaching)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Array, Decoder, Effect, Grid, Metric, Output, Task, shares
from deepmir.tasks.shared.options import refuse

LABELS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def reference_index(jams: Jams) -> int | None:
    """The pitch class of an annotation, semitones above C; None where it has none."""
    found = jams.first("pitch_class")
    if found is None or not found.observations:
        return None
    value = found.observations[0].value
    return (LABELS.index(value["tonic"]) + int(value["pitch"])) % 12


@dataclass(frozen=True)
class PitchClass(Task):
    """12 classes, softmax."""

    name: str = "pitch_class"
    namespaces: tuple[str, ...] = ("pitch_class",)
    time_varying: bool = False

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """One-hot over the 12 pitch classes, shape (12,)."""
        index = reference_index(jams)
        return None if index is None else np.eye(12, dtype=np.float32)[index]

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """One label of 12."""
        return Output.of(LABELS, "softmax")

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **options: Any) -> Decoder:
        """The most probable pitch class, with its probability as confidence."""
        refuse(self.name, options)

        def decode(activations: Array) -> list[Annotation]:
            best = int(np.argmax(activations))
            value = {"tonic": "C", "pitch": best}
            observation = Observation(0.0, 0.0, value, float(activations[best]))
            return [Annotation("pitch_class", (observation,))]

        return decode

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "accuracy"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """One share."""
        return shares(("accuracy",))

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """Whether the pitch class is right."""
        truth = reference_index(reference)
        return {} if truth is None else {"accuracy": float(truth == reference_index(estimate))}

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """A pitch shift moves the class; stretching time moves nothing."""
        return {"pitch_shift": "change", "time_stretch": "keep"}

    def deform_target(self, target: Array, deformation: str, amount: float) -> Array:
        """Move the class by `amount` semitones."""
        return np.roll(target, round(amount))


TASK = PitchClass()

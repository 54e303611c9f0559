"""Pitch class of a single tone: the teaching example of one dense layer (studies/teaching)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Array, Effect
from deepmir.tasks.shared.classes import SingleLabel
from deepmir.tasks.shared.harte import ROOTS


@dataclass(frozen=True)
class PitchClass(SingleLabel):
    """12 classes, softmax."""

    name: str = "pitch_class"
    namespaces: tuple[str, ...] = ("pitch_class",)

    labels = ROOTS

    def index(self, jams: Jams) -> int | None:
        """The pitch class of an annotation, in semitones above C; None without one."""
        found = jams.first("pitch_class")
        if found is None or not found.observations:
            return None
        value = found.observations[0].value
        return (self.labels.index(value["tonic"]) + int(value["pitch"])) % 12

    def annotation(self, index: int, confidence: float) -> Annotation:
        """A pitch class, as semitones above C."""
        value = {"tonic": "C", "pitch": index}
        return Annotation("pitch_class", (Observation(0.0, 0.0, value, confidence),))

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """A pitch shift moves the class; time stretching changes nothing."""
        return {"pitch_shift": "change", "time_stretch": "keep"}

    def deform_target(self, target: Array, deformation: str, amount: float) -> Array:
        """Shift the class by `amount` semitones."""
        return np.roll(target, round(amount))


TASK = PitchClass()

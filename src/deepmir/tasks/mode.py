"""Major or minor triad: the teaching example of one convolution (studies/teaching)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Array, Decoder, Effect, Grid, Metric, Output, Task, shares
from deepmir.tasks.shared.options import refuse

LABELS = ("major", "minor")
QUALITIES = {"maj": 0, "min": 1}


def reference_index(jams: Jams) -> int | None:
    """The mode of the first chord of an annotation; None where it is neither major nor minor."""
    found = jams.first("chord")
    if found is None or not found.observations:
        return None
    quality = str(found.observations[0].value).partition(":")[2]
    return QUALITIES.get(quality)


def estimated_index(jams: Jams) -> int | None:
    """The mode that an estimate names."""
    found = jams.first("tag_open")
    if found is None or not found.observations or found.observations[0].value not in LABELS:
        return None
    return LABELS.index(found.observations[0].value)


@dataclass(frozen=True)
class Mode(Task):
    """Two classes, softmax."""

    name: str = "mode"
    namespaces: tuple[str, ...] = ("chord", "tag_open")
    time_varying: bool = False

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """One-hot over major and minor, shape (2,)."""
        index = reference_index(jams)
        return None if index is None else np.eye(2, dtype=np.float32)[index]

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """One label of two."""
        return Output.of(LABELS, "softmax")

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **options: Any) -> Decoder:
        """The more probable mode, with its probability as confidence."""
        refuse(self.name, options)

        def decode(activations: Array) -> list[Annotation]:
            best = int(np.argmax(activations))
            observation = Observation(0.0, 0.0, LABELS[best], float(activations[best]))
            return [Annotation("tag_open", (observation,))]

        return decode

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "accuracy"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """One share."""
        return shares(("accuracy",))

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """Whether the mode is right."""
        truth = reference_index(reference)
        return {} if truth is None else {"accuracy": float(truth == estimated_index(estimate))}

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """A mode is the same in every key and at every tempo."""
        return {"pitch_shift": "keep", "time_stretch": "keep"}


TASK = Mode()

"""Major or minor triad: the teaching example of one convolution (studies/teaching)."""

from collections.abc import Mapping
from dataclasses import dataclass

from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Effect
from deepmir.tasks.shared import tags
from deepmir.tasks.shared.classes import SingleLabel

QUALITIES = {"maj": 0, "min": 1}


@dataclass(frozen=True)
class Mode(SingleLabel):
    """Two classes, softmax."""

    name: str = "mode"
    namespaces: tuple[str, ...] = ("chord", "tag_open")

    labels = ("major", "minor")

    def index(self, jams: Jams) -> int | None:
        """The mode of the first chord; None if it is neither major nor minor."""
        found = jams.first("chord")
        if found is None or not found.observations:
            return None
        return QUALITIES.get(str(found.observations[0].value).partition(":")[2])

    def annotation(self, index: int, confidence: float) -> Annotation:
        """A `tag_open` annotation, `major` or `minor`."""
        return Annotation("tag_open", (Observation(0.0, 0.0, self.labels[index], confidence),))

    # 4. Metrics -----------------------------------------------------------------------------

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """Whether the tag of the estimate is the mode of the reference's chord."""
        truth, guess = self.index(reference), tags.strongest(estimate.first("tag_open"))
        return {} if truth is None else {"accuracy": float(self.labels[truth] == guess)}

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """A mode is the same in every key and at every tempo."""
        return {"pitch_shift": "keep", "time_stretch": "keep"}


TASK = Mode()

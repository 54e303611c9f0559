"""The view of what describes a whole recording (tempo, genre, tags, mood): words."""

from dataclasses import dataclass

from deepmir.files.annotations import Jams, Observation
from deepmir.report.views.base import Scene, View
from deepmir.tasks import mood_quadrant

SHOWN = 8


@dataclass(frozen=True)
class Words:
    """A view of the observations of one namespace.

    Attributes:
        namespace: of JAMS.
        kind: of a `tag_open`.
        unit: behind each value.
    """

    namespace: str
    kind: str = ""
    unit: str = ""

    def __call__(self, scene: Scene) -> View:
        """Both sides, the most confident first."""
        return View(
            (
                ("Reference", self._words(scene.reference)),
                ("Predicted", self._words(scene.estimate)),
            )
        )

    def _words(self, jams: Jams) -> str:
        annotation = jams.first(self.namespace, self.kind)
        if annotation is None or not annotation.observations:
            return "nothing"
        ordered = sorted(annotation.observations, key=lambda o: -(o.confidence or 0.0))
        more = len(ordered) - SHOWN
        text = ", ".join(self._one(o) for o in ordered[:SHOWN])
        return text + (f" and {more} less likely" if more > 0 else "")

    def _one(self, observation: Observation) -> str:
        value = observation.value
        if isinstance(value, list):
            value = " and ".join(f"{part:+.2f}" for part in value)
        elif isinstance(value, float):
            value = f"{value:.1f}"
        confidence = observation.confidence
        sure = "" if confidence is None or confidence == 1 else f" ({confidence:.2f})"
        return f"{value}{self.unit}{sure}"


@dataclass(frozen=True)
class Quadrant(Words):
    """A view of the quadrant of a mood, which a reference may have as valence and arousal."""

    def _words(self, jams: Jams) -> str:
        if jams.first(self.namespace, self.kind) is not None:
            return super()._words(jams)
        index = mood_quadrant.TASK.index(jams)
        return "nothing" if index is None else mood_quadrant.TASK.labels[index]

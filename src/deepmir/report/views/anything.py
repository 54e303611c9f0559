"""The view of tasks without their own: both sides as a list."""

from deepmir.files.annotations import Jams
from deepmir.report.views.base import Mark, Scene, View

SHOWN = 8


def view(scene: Scene) -> View:
    """List the annotations that the prediction has, and mark where each begins."""
    namespaces = [annotation.namespace for annotation in scene.estimate.annotations]
    words: list[tuple[str, str]] = []
    marks: list[Mark] = []
    for namespace in namespaces:
        words.append((f"Reference, {namespace}", _listed(scene.reference, namespace)))
        words.append((f"Predicted, {namespace}", _listed(scene.estimate, namespace)))
        marks += _starts(scene, scene.reference, namespace, "right", -0.1, 0.5)
        marks += _starts(scene, scene.estimate, namespace, "other", 0.5, 1.1)
    legend = (("right", "reference, above"), ("other", "prediction, below"))
    return View(tuple(words), tuple(marks), legend if marks else (), margin=0.1)


def _listed(jams: Jams, namespace: str) -> str:
    annotation = jams.first(namespace)
    if annotation is None or not annotation.observations:
        return "nothing"
    found = annotation.observations
    texts = [f"{_short(o.value)} at {o.time:.2f} s" for o in found[:SHOWN]]
    more = len(found) - SHOWN
    return "; ".join(texts) + (f"; and {more} more" if more > 0 else "")


def _short(value: object) -> str:
    text = "event" if value is None else str(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _starts(
    scene: Scene, jams: Jams, namespace: str, kind: str, top: float, bottom: float
) -> list[Mark]:
    annotation = jams.first(namespace)
    if annotation is None:
        return []
    inside = annotation.times[annotation.times <= scene.seconds].tolist()
    return [Mark(kind, time, top, time, bottom) for time in inside]

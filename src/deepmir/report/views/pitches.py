"""The views of pitch over time: a melody as a line, notes as dashes, at their frequencies."""

from collections.abc import Iterator

import numpy as np

from deepmir.files.annotations import Jams
from deepmir.report.views.base import Mark, Scene, View

STEP = 0.05  # seconds between the points of a drawn contour
TOLERANCE = (
    50.0  # cents: how far a pitch may be off and still count (mir_eval's raw pitch accuracy)
)
JUMP = 200.0  # cents between two points above which no line joins them


def melody(scene: Scene) -> View:
    """Both contours over the picture; the prediction's is red where it is off."""
    truth, guess = (_contour(jams, scene.seconds) for jams in (scene.reference, scene.estimate))
    with np.errstate(invalid="ignore"):
        right = np.abs(guess - truth) <= TOLERANCE
    marks = [*_line(scene, truth, "other"), *_line(scene, guess, "wrong", ~right)]
    marks += _line(scene, guess, "right", right)
    words = (
        ("Reference", f"melody for {np.isfinite(truth).mean():.0%} of the excerpt"),
        ("Predicted", f"melody for {np.isfinite(guess).mean():.0%} of it"),
    )
    legend = (
        ("other", "melody of the reference"),
        ("right", "prediction, right within 50 cents"),
        ("wrong", "prediction, another pitch or no melody there"),
    )
    return View(words, tuple(marks), legend)


def _contour(jams: Jams, seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Pitch in cents above A4 at every step; NaN where unvoiced."""
    points = np.full(int(seconds / STEP) + 1, np.nan)
    annotation = jams.first("pitch_contour")
    if annotation is None:
        return points
    for observation in annotation.observations:
        place = round(observation.time / STEP)
        value = observation.value
        if place < len(points) and value["voiced"] and value["frequency"] > 0:
            points[place] = 1200 * np.log2(value["frequency"] / 440)
    return points


def _line(
    scene: Scene,
    cents: np.ndarray[tuple[int], np.dtype[np.float64]],
    kind: str,
    where: np.ndarray[tuple[int], np.dtype[np.bool_]] | None = None,
) -> Iterator[Mark]:
    for place in range(len(cents) - 1):
        first, second = cents[place], cents[place + 1]
        if not np.isfinite(first) or (where is not None and not where[place]):
            continue
        joined = np.isfinite(second) and abs(second - first) < JUMP
        heights = [_height(scene, c) for c in (first, second if joined else first)]
        yield Mark(kind, place * STEP, heights[0], (place + 1) * STEP, heights[1])


def _height(scene: Scene, cents: float) -> float:
    return scene.height(440 * 2 ** (float(cents) / 1200))


def notes(scene: Scene) -> View:
    """Notes at their frequencies: the reference's, and over them the prediction's."""
    marks: list[Mark] = []
    words = []
    for name, jams, kind in (
        ("Reference", scene.reference, "other strong"),
        ("Predicted", scene.estimate, "right"),
    ):
        found = [
            o
            for annotation in jams.find("note_midi")
            if not annotation.sandbox.get("drums")
            for o in annotation.observations
            if o.time < scene.seconds
        ]
        words.append((name, f"{len(found)} notes in the excerpt"))
        for o in found:
            height = _height(scene, 100 * (float(o.value) - 69))
            end = min(o.time + o.duration, scene.seconds)
            marks.append(Mark(kind, o.time, height, end, height))
    legend = (("other strong", "note of the reference"), ("right", "note of the prediction"))
    return View(tuple(words), tuple(marks), legend)

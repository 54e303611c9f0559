"""Singing voice detection: vocal activity (Table 1: low subjectivity, short scale)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Array, Decoder, Effect, Floats, Grid, Metric, Task, shares
from deepmir.tasks.output import Output
from deepmir.tasks.shared import tags
from deepmir.tasks.shared.options import make

HOP = 0.01  # seconds between the scored instants


def sung(jams: Jams) -> Floats | None:
    """Intervals in seconds with singing, shape (intervals, 2).

    They are the tags "voice" of a `tag_open` annotation of kind `voice`: without such tags,
    nothing is sung. An annotation without a kind must have such a tag. None without such an
    annotation.
    """
    found = jams.first("tag_open", kind="voice")
    if found is None:
        return None
    voice = np.array([value == "voice" for value in found.values], dtype=bool)
    if "kind" not in found.sandbox and not voice.any():
        return None
    intervals: Floats = found.intervals[voice]
    return intervals


def annotation(intervals: Floats) -> Annotation:
    """A `tag_open` annotation of kind `voice`, from intervals in seconds, shape (intervals, 2)."""
    spans = intervals.tolist()
    return tags.annotation("voice", (Observation(a, b - a, "voice") for a, b in spans))


@dataclass(frozen=True)
class Singing(Task):
    """One sigmoid per frame."""

    name: str = "singing"
    namespaces: tuple[str, ...] = ("tag_open",)
    time_varying: bool = True
    min_frame_rate: float = 5.0

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """1 with singing, else 0, shape (frames, 1)."""
        intervals = sung(jams)
        return None if intervals is None else grid.inside(intervals)[:, None].astype(np.float32)

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """One label, present or absent."""
        return Output.of(("voice",), "sigmoid")

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **options: Any) -> Decoder:
        """A running median, then a threshold (Lehner, Widmer and Sonnleitner, ICASSP 2014).

        Args:
            frame_rate: of the activations, frames per second.
            options: those of `decoders.activity.Activity`; the default window is shorter.
        """
        from deepmir.decoders.activity import Activity

        find = make(Activity, frame_rate, {"width": 0.4, **options})
        return lambda activations: [annotation(find(activations)[0][:, :2])]

    @property
    def choices(self) -> Mapping[str, tuple[Any, ...]]:
        """The threshold, and the length of the median window.

        Thresholds below .7 only for validation on music that is partly instrumental: a network
        that has not heard any takes instruments in recordings for voices (docs/history.md).
        """
        return {"threshold": (0.7, 0.4, 0.5, 0.6, 0.8, 0.9), "width": (0.4, 0.2, 0.8, 1.6)}

    # 4. Metrics -----------------------------------------------------------------------------

    primary: str = "accuracy"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """All are shares, the false alarm of the time without singing."""
        right = shares(("accuracy", "f_measure", "precision", "recall"))
        return right | {"false_alarm": Metric("less", worst=1.0)}

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """Accuracy, F, precision, recall and false alarm of the voice, every 10 ms.

        The false alarm is the share of the time without singing that is estimated as sung. If
        nothing is sung, F, precision and recall are 1 if nothing is estimated either, else 0; if
        everything is sung, the false alarm is 0.
        """
        intervals, guess = sung(reference), sung(estimate)
        if intervals is None:
            return {}
        grid = Grid(0.0, HOP, max(round(reference.duration / HOP), 1))
        truth = grid.inside(intervals)
        found = grid.inside(np.zeros((0, 2)) if guess is None else guess)
        right, missed = int((truth & found).sum()), int((truth & ~found).sum())
        invented = int((~truth & found).sum())
        nothing = float(right + missed + invented == 0)
        return {
            "accuracy": float((truth == found).mean()),
            "f_measure": _ratio(2 * right, 2 * right + missed + invented, nothing),
            "precision": _ratio(right, right + invented, nothing),
            "recall": _ratio(right, right + missed, nothing),
            "false_alarm": _ratio(invented, int((~truth).sum()), 0.0),
        }

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """Stretching moves the voice, which is accounted for by the grid of the target."""
        return {"time_stretch": "change", "pitch_shift": "keep"}


def _ratio(part: int, whole: int, undefined: float) -> float:
    return part / whole if whole else undefined


TASK = Singing()

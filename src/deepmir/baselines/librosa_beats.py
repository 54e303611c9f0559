"""librosa's beat tracker with its defaults (D. Ellis, JNMR 2007), without downbeats."""

from collections.abc import Callable
from pathlib import Path

from deepmir.files.annotations import Annotation, Observation
from deepmir.files.samples import Samples
from deepmir.tasks.base import Task


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Nothing is learned, so `folder` is not read."""

    def annotate(samples: Samples) -> list[Annotation]:
        from librosa.beat import beat_track

        _, times = beat_track(y=samples, sr=sample_rate, units="time")
        return [Annotation("beat", tuple(Observation(float(time)) for time in times))]

    return annotate

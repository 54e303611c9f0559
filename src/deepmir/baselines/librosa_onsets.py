"""librosa's onset detector with its defaults: peaks of the spectral flux of a mel spectrum."""

from collections.abc import Callable
from pathlib import Path

from deepmir.files.annotations import Annotation
from deepmir.files.samples import Samples
from deepmir.tasks.base import Task
from deepmir.tasks.onset import TASK as ONSET


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Nothing is learned, so `folder` is not read."""

    def annotate(samples: Samples) -> list[Annotation]:
        from librosa.onset import onset_detect

        times = onset_detect(y=samples, sr=sample_rate, units="time")
        return [ONSET.annotation(times.tolist())]

    return annotate

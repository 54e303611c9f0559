"""Essentia's RhythmExtractor2013: beats by voting of several features, and their tempo.

J. Zapata, M. Davies and E. Gomez, "Multi-feature beat tracking", IEEE/ACM TASLP 22(4), 2014.
It detects no downbeats, and no tempo above 208 BPM.
"""

from collections.abc import Callable
from pathlib import Path

from deepmir.baselines.shared import essentia
from deepmir.files.annotations import Annotation, Observation
from deepmir.files.samples import Samples
from deepmir.tasks.base import Task


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Nothing is learned, so `folder` is not read; the task is tempo or beat.

    Raises:
        DeepmirError: when Essentia is not installed.
    """
    extract = essentia.algorithm("RhythmExtractor2013", method="multifeature")

    def annotate(samples: Samples) -> list[Annotation]:
        bpm, times, *_ = extract(essentia.at_its_rate(samples, sample_rate))
        if task.name == "tempo":
            return [Annotation("tempo", (Observation(0.0, 0.0, round(float(bpm), 3), 1.0),))]
        return [Annotation("beat", tuple(Observation(float(time)) for time in times))]

    return annotate

"""librosa's tempo with its defaults: the autocorrelation of the onset strength.

It prefers tempi near 120 BPM (D. Ellis, "Beat tracking by dynamic programming", JNMR 36(1), 2007).
"""

from collections.abc import Callable
from pathlib import Path

from deepmir.files.annotations import Annotation, Observation
from deepmir.files.samples import Samples
from deepmir.tasks.base import Task


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Nothing is learned, so `folder` is not read."""

    def annotate(samples: Samples) -> list[Annotation]:
        from librosa.feature import tempo

        bpm = float(tempo(y=samples, sr=sample_rate)[0])
        return [Annotation("tempo", (Observation(0.0, 0.0, round(bpm, 3), 1.0),))]

    return annotate

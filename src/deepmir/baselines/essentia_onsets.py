"""Essentia's onset detection: high-frequency content combined with complex-domain difference.

As its OnsetRate with its defaults: J. Bello et al., "On the use of phase and energy for
musical onset detection in the complex domain", IEEE Signal Processing Letters 11(6), 2004, and
P. Brossier, J. Bello and M. Plumbley, "Fast labelling of notes in music signals", ISMIR 2004.
"""

from collections.abc import Callable
from pathlib import Path

from deepmir.baselines.shared import essentia
from deepmir.files.annotations import Annotation
from deepmir.files.samples import Samples
from deepmir.tasks.base import Task
from deepmir.tasks.onset import TASK as ONSET


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Nothing is learned, so `folder` is not read.

    Raises:
        DeepmirError: when Essentia is not installed.
    """
    detect = essentia.algorithm("OnsetRate")

    def annotate(samples: Samples) -> list[Annotation]:
        times, _ = detect(essentia.at_its_rate(samples, sample_rate))
        return [ONSET.annotation([float(time) for time in times])]

    return annotate

"""Essentia's PredominantPitchMelodia: the melody, selected among contours of salient pitches.

J. Salamon and E. Gomez, "Melody extraction from polyphonic music signals using pitch contour
characteristics", IEEE TASLP 20(6), 2012; after an equal-loudness filter, as there.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from deepmir.baselines.shared import essentia
from deepmir.files.annotations import Annotation
from deepmir.files.samples import Samples
from deepmir.tasks.base import Task
from deepmir.tasks.melody import annotation

HOP = 128  # samples, Essentia's default
EVERY = 3  # one of three instants is kept: 8.7 ms apart, while scores are computed every 10 ms


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Nothing is learned, so `folder` is not read.

    Raises:
        DeepmirError: when Essentia is not installed.
    """
    weigh = essentia.algorithm("EqualLoudness")
    extract = essentia.algorithm("PredominantPitchMelodia", hopSize=HOP)

    def annotate(samples: Samples) -> list[Annotation]:
        pitch, _ = extract(weigh(essentia.at_its_rate(samples, sample_rate)))
        kept = np.asarray(pitch, dtype=np.float64)[::EVERY]
        times = np.arange(len(kept)) * EVERY * HOP / essentia.SAMPLE_RATE
        return [annotation(times.tolist(), kept.tolist(), (kept > 0).tolist())]

    return annotate

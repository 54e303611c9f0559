"""Essentia's RhythmExtractor2013: beats by several features that vote, and their tempo.

J. Zapata, M. Davies and E. Gomez, "Multi-feature beat tracking", IEEE/ACM TASLP 22(4), 2014.
Essentia is no dependency of deepmir: its licence is the AGPL, and not every system has a package.
"""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deepmir.annotations import Annotation, Observation
from deepmir.audio import Samples
from deepmir.errors import DeepmirError
from deepmir.tasks.base import Task

# The only sample rate that the extractor takes, Hz.
SAMPLE_RATE = 44100


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Nothing is learned, so `folder` is not read; the task is tempo or beat.

    Raises:
        DeepmirError: Essentia is not installed.
    """
    extract = _extractor()

    def annotate(samples: Samples) -> list[Annotation]:
        import librosa

        at_rate = librosa.resample(samples, orig_sr=sample_rate, target_sr=SAMPLE_RATE)
        bpm, times, *_ = extract(at_rate)
        if task.name == "tempo":
            return [Annotation("tempo", (Observation(0.0, 0.0, round(float(bpm), 3), 1.0),))]
        return [Annotation("beat", tuple(Observation(float(time)) for time in times))]

    return annotate


def _extractor() -> Any:
    try:
        standard = importlib.import_module("essentia.standard")
    except ImportError:
        raise DeepmirError(
            "essentia_rhythm: Essentia is not installed: `pip install essentia`"
        ) from None
    return standard.RhythmExtractor2013(method="multifeature")

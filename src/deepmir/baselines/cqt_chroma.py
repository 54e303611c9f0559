"""librosa's constant-Q chromagram unchanged: the baseline of a learned chroma."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.decoders.vector_frames import VectorFrames
from deepmir.files.annotations import Annotation
from deepmir.files.samples import Samples
from deepmir.tasks.base import Task

RATE = 10.0  # approximate frames per second


def chromagram(samples: Samples, sample_rate: int) -> tuple[npt.NDArray[np.float32], float]:
    """The chromagram, shape (frames, 12), C first, and its frames per second.

    The hop is the multiple of 64 samples, as required by seven octaves of the transform, that is
    closest to ten frames per second.
    """
    import librosa

    hop = max(1, round(sample_rate / RATE / 64)) * 64
    chroma = librosa.feature.chroma_cqt(y=samples, sr=sample_rate, hop_length=hop)
    return chroma.T.astype(np.float32), sample_rate / hop


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Nothing is learned, so `folder` is not read."""

    def annotate(samples: Samples) -> list[Annotation]:
        chroma, frame_rate = chromagram(samples, sample_rate)
        return [VectorFrames(frame_rate=frame_rate, max_rate=2 * RATE)(chroma)]

    return annotate

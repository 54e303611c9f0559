"""Key by correlation of a mean chromagram with the probe-tone profiles.

Profiles: C. L. Krumhansl, *Cognitive Foundations of Musical Pitch*, Oxford 1990, table of the
Krumhansl and Kessler (1982) ratings. The chromagram is librosa's of the constant-Q transform.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.files.annotations import Annotation
from deepmir.files.samples import Samples
from deepmir.tasks.base import Task
from deepmir.tasks.key import TASK

MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


def mean_chroma(samples: Samples, sample_rate: int) -> npt.NDArray[np.float64]:
    """Mean over time of librosa's CQT chromagram, shape (12,), C first."""
    import librosa

    chroma = librosa.feature.chroma_cqt(y=samples, sr=sample_rate, hop_length=2048)
    mean: npt.NDArray[np.float64] = chroma.mean(axis=1, dtype=np.float64)
    return mean


def correlations(
    chroma: npt.NDArray[np.float64], major: Sequence[float], minor: Sequence[float]
) -> npt.NDArray[np.float64]:
    """Pearson correlation with the profile of each of the 24 keys, shape (24,); 0 for silence.

    Args:
        chroma: shape (12,), C first.
        major: the profile of C major, 12 values.
        minor: the profile of C minor, 12 values.
    """
    if np.ptp(chroma) == 0:
        return np.zeros(24)
    profiles = [np.roll(profile, tonic) for profile in (major, minor) for tonic in range(12)]
    return np.array([np.corrcoef(chroma, profile)[0, 1] for profile in profiles])


def by_profiles(
    sample_rate: int, major: Sequence[float], minor: Sequence[float]
) -> Callable[[Samples], list[Annotation]]:
    """The annotator that chooses the key with the best correlation; see :func:`correlations`."""

    def annotate(samples: Samples) -> list[Annotation]:
        scores = correlations(mean_chroma(samples, sample_rate), major, minor)
        best = int(np.argmax(scores))
        confidence = float(np.clip(scores[best], 0, 1))
        return [TASK.annotation(best, confidence)]

    return annotate


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Nothing is learned, so `folder` is not read."""
    return by_profiles(sample_rate, MAJOR, MINOR)

"""Melody by pYIN: the best path through the candidates of a probabilistic YIN.

M. Mauch and S. Dixon, "pYIN: a fundamental frequency estimator using probabilistic threshold
distributions", ICASSP 2014, in librosa's implementation. It is meant for a single voice.
"""

from collections.abc import Callable
from pathlib import Path

from deepmir.files.annotations import Annotation
from deepmir.files.samples import Samples
from deepmir.tasks.base import Task
from deepmir.tasks.melody import LOWEST, annotation

HIGHEST = 1760.0  # Hz, A6
SECONDS = 2048 / 22050  # per frame: five periods of the lowest pitch
FRAME_RATE = 50  # frames per second

# Semitones. Its path is searched over all pairs of pitches: a minute of audio takes eleven seconds
# with librosa's 0.1, two with 0.2, and scores allow half a semitone.
RESOLUTION = 0.2


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Nothing is learned, so `folder` is not read."""
    return lambda samples: [melody(samples, sample_rate)]


def melody(
    samples: Samples, sample_rate: int, lowest: float = LOWEST, highest: float = HIGHEST
) -> Annotation:
    """The melody of a recording.

    Args:
        samples: shape (n,).
        sample_rate: in Hz.
        lowest: frequency of the search range, in Hz.
        highest: frequency of the search range, in Hz.
    """
    import librosa

    hop = sample_rate // FRAME_RATE
    frequencies, voiced, _ = librosa.pyin(
        samples,
        sr=sample_rate,
        fmin=lowest,
        fmax=highest,
        frame_length=round(SECONDS * LOWEST / lowest * sample_rate),
        hop_length=hop,
        resolution=RESOLUTION,
        fill_na=None,  # a guess in unvoiced frames
    )
    times = librosa.times_like(frequencies, sr=sample_rate, hop_length=hop)
    return annotation(times.tolist(), frequencies.tolist(), voiced.tolist())

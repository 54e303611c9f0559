"""SuperFlux: spectral flux that is robust to vibrato.

S. Böck and G. Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013, as in
librosa's example: 138 mel bands in decibels, a maximum filter over three of them, the difference
of frames two apart; the peak threshold is librosa's.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.files.annotations import Annotation
from deepmir.files.samples import Samples
from deepmir.tasks.base import Task
from deepmir.tasks.onset import TASK as ONSET

WINDOW = 2048 / 44100  # seconds
FRAME_RATE = 200  # frames per second
BANDS = 138
LOWEST, HIGHEST = 27.5, 16000.0  # Hz
LAG = 2  # frames
NEIGHBOURS = 3  # bands

# Windows in seconds of the peak picking in the authors' implementation (CPJKU/SuperFlux), by
# librosa's names; librosa counts windows into the future from the frame itself.
BEHIND = {"pre_max": 0.01, "pre_avg": 0.15, "wait": 0.03}
AHEAD = {"post_max": 0.05, "post_avg": 0.0}


def strength(samples: Samples, sample_rate: int) -> npt.NDArray[np.float32]:
    """The onset strength at 200 frames per second, shape (frames,)."""
    import librosa
    from librosa.onset import onset_strength

    power = librosa.feature.melspectrogram(
        y=samples,
        sr=sample_rate,
        n_fft=round(WINDOW * sample_rate),
        hop_length=sample_rate // FRAME_RATE,
        fmin=LOWEST,
        fmax=min(HIGHEST, sample_rate / 2),
        n_mels=BANDS,
    )
    flux: npt.NDArray[np.float32] = onset_strength(
        S=librosa.power_to_db(power, ref=np.max), lag=LAG, max_size=NEIGHBOURS
    )
    return flux


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Nothing is learned, so `folder` is not read."""

    def annotate(samples: Samples) -> list[Annotation]:
        from librosa.onset import onset_detect

        windows = {name: round(t * FRAME_RATE) for name, t in BEHIND.items()}
        windows |= {name: round(t * FRAME_RATE) + 1 for name, t in AHEAD.items()}
        times = onset_detect(
            onset_envelope=strength(samples, sample_rate),
            sr=sample_rate,
            hop_length=sample_rate // FRAME_RATE,
            units="time",
            **windows,
        )
        return [ONSET.annotation(times.tolist())]

    return annotate

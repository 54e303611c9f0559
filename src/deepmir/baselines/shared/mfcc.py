"""Summary statistics of MFCCs: the features of conventional machine learning.

S. Davis and P. Mermelstein, "Comparison of parametric representations for monosyllabic word
recognition in continuously spoken sentences", IEEE TASSP 28(4), 1980; with mean and deviation over
time as in G. Tzanetakis and P. Cook, "Musical genre classification of audio signals", IEEE TSAP
10(5), 2002.
"""

import numpy as np
import numpy.typing as npt

from deepmir.files.samples import Samples

Array = npt.NDArray[np.float64]

COEFFICIENTS = 20
STEP = 4  # frames of the coefficients per frame of the context
CONTEXT = 1.0  # seconds covered by a frame of the context


def hop(sample_rate: int) -> int:
    """Samples between frames of the coefficients: about 25 ms."""
    return sample_rate // 40


def context_rate(sample_rate: int) -> float:
    """Frames per second of :func:`contexts`, about 10."""
    return sample_rate / (hop(sample_rate) * STEP)


def coefficients(samples: Samples, sample_rate: int) -> Array:
    """20 MFCCs and their slopes, shape (frames, 40).

    Args:
        samples: mono, shape (samples,).
        sample_rate: in Hz.
    """
    import librosa

    mfcc = librosa.feature.mfcc(
        y=samples, sr=sample_rate, n_mfcc=COEFFICIENTS, hop_length=hop(sample_rate)
    )
    # The slope is fitted to nine frames, repeated beyond the ends.
    slopes = librosa.feature.delta(mfcc, mode="nearest")
    return np.concatenate([mfcc, slopes]).T.astype(np.float64)


def summary(samples: Samples, sample_rate: int) -> Array:
    """Mean and deviation over a recording of each coefficient and slope, shape (80,)."""
    values = coefficients(samples, sample_rate)
    return np.concatenate([values.mean(axis=0), values.std(axis=0)])


def contexts(samples: Samples, sample_rate: int) -> Array:
    """The same for the second around each instant, at about 10 instants per second.

    Returns:
        Shape (instants, 80), at :func:`context_rate`.
    """
    from scipy.ndimage import uniform_filter1d

    values = coefficients(samples, sample_rate)
    width = round(CONTEXT * sample_rate / hop(sample_rate)) // 2 * 2 + 1
    mean = uniform_filter1d(values, width, axis=0, mode="nearest")
    square = uniform_filter1d(values**2, width, axis=0, mode="nearest")
    deviation = np.sqrt(np.maximum(square - mean**2, 0.0))
    return np.asarray(np.concatenate([mean, deviation], axis=1)[::STEP], dtype=np.float64)

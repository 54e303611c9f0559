"""Noise: between white and pink, at a level that is relative to the patch's own."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from deepmir.deformations import powers
from deepmir.representations import Representation

Array = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

BANK_SECONDS = 20.0
LOWEST = 20.0  # Hz: below this pink noise rises no further


class Noise(NamedTuple):
    """One patch's noise.

    Attributes:
        ratio: amplitude of the noise over that of the patch, both root mean squares.
        tilt: beta of its power f^-beta: 0 is white, 1 is pink.
    """

    ratio: float
    tilt: float


def draw(most: float, rng: np.random.Generator) -> Noise:
    """A ratio of at most `most` and a tilt from white to pink."""
    return Noise(float(rng.uniform(0, most)), float(rng.uniform(0, 1)))


def log_slope(frequencies: Floats) -> Floats:
    """Logarithm of the power of pink noise, any shape: times beta, it is that of f^-beta."""
    return -np.log(np.maximum(frequencies, LOWEST) / LOWEST)


def added(samples: Array, noise: Noise, sample_rate: int, rng: np.random.Generator) -> Array:
    """Add noise to audio, shape (samples,).

    Args:
        samples: shape (samples,).
        noise: how much of which.
        sample_rate: in Hz.
        rng: where its samples are from.
    """
    from scipy.fft import irfft, next_fast_len, rfft, rfftfreq

    size = next_fast_len(len(samples), real=True)
    white = rng.standard_normal(size, dtype=np.float32)
    slope = np.exp(noise.tilt / 2 * log_slope(rfftfreq(size, 1 / sample_rate)))
    coloured = irfft(rfft(white) * slope.astype(np.float32), size)[: len(samples)]
    scale = noise.ratio * _rms(samples) / max(_rms(coloured), 1e-12)
    return np.asarray(samples + coloured * np.float32(scale), dtype=np.float32)


def _rms(samples: Array) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def bank(representation: Representation) -> Array:
    """Powers of white noise as the representation hears it, shape (N, F, frames).

    Whatever the filters and windows do to the level and to neighbours in time and frequency is in
    it; patches take their noise from anywhere in it, always the same twenty seconds.
    """
    rng = np.random.default_rng(0)
    samples = rng.standard_normal(round(BANK_SECONDS * representation.sample_rate), np.float32)
    values = powers.unconditioned(representation)(samples)
    exponent = powers.Powers.of(representation).exponent
    heard: Array = values.reshape(*values.shape[:2], -1).transpose(2, 1, 0) ** exponent
    return np.ascontiguousarray(heard)

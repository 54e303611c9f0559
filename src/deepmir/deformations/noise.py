"""Noise: between white and pink, at a level relative to that of the patch."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from deepmir.deformations import powers
from deepmir.deformations.base import Array, LevelDeformation, Levels, Numbers
from deepmir.representations import Representation

if TYPE_CHECKING:
    from torch import Tensor

Floats = npt.NDArray[np.float64]

BANK_SECONDS = 20.0
LOWEST = 20.0  # Hz: below this the power of pink noise is constant


class Noise(NamedTuple):
    """The noise of one patch.

    Attributes:
        ratio: amplitude of the noise relative to that of the patch, both root mean square.
        tilt: exponent beta of its power f^-beta: 0 is white, 1 is pink.
    """

    ratio: float
    tilt: float


class AddedNoise(LevelDeformation):
    """The amount is the maximum noise, as a ratio of amplitudes."""

    name = "noise"
    unit = "amplitude of the noise over that of the patch"
    largest = 10.0
    order = 40

    def draw(self, most: float, rng: np.random.Generator) -> Numbers:
        """Ratio, tilt, and the start in the bank of noise, as a share of the bank."""
        return np.array([*draw(most, rng), rng.random()], np.float32)

    def constants(self, representation: Representation) -> Mapping[str, Numbers]:
        """The features of noise in the representation."""
        slope = log_slope(representation.channel_frequencies)
        return {"slope": slope, "bank": bank(representation)}

    def deform_audio(
        self, samples: Array, most: float, sample_rate: int, rng: np.random.Generator
    ) -> Array:
        """Draw noise and add it."""
        return added(samples, draw(most, rng), sample_rate, rng)

    def deform_levels(
        self, levels: Levels, lengths: "Tensor", drawn: "Tensor", constants: Mapping[str, "Tensor"]
    ) -> Levels:
        """Add powers of noise at a ratio to those of each patch."""
        import torch

        power = levels.settled()
        ratio, tilt, start = drawn.unbind(1)
        noises = constants["bank"]
        first = (start * noises.shape[2]).long()[:, None]
        frames = (first + torch.arange(power.shape[3], device=power.device)) % noises.shape[2]
        tilted = torch.exp(tilt[:, None, None] * constants["slope"])[..., None]
        found = noises[:, :, frames].permute(2, 0, 1, 3) * tilted
        scale = ratio**2 * _mean(power, lengths) / _mean(found, lengths)
        return Levels(power + found * scale[:, None, None, None])


def draw(most: float, rng: np.random.Generator) -> Noise:
    """A ratio of at most `most` and a tilt from white to pink."""
    return Noise(float(rng.uniform(0, most)), float(rng.uniform(0, 1)))


def _mean(power: "Tensor", lengths: "Tensor") -> "Tensor":
    """Mean power of each patch without padding, shape (B,)."""
    import torch

    known = torch.arange(power.shape[3], device=power.device) < lengths[:, None]
    by_frame = power.mean((1, 2))
    return torch.where(known, by_frame, 0).sum(1) / lengths


def log_slope(frequencies: Floats) -> Floats:
    """Logarithm of the power of pink noise, any shape: times beta, it is that of f^-beta."""
    return -np.log(np.maximum(frequencies, LOWEST) / LOWEST)


def added(samples: Array, noise: Noise, sample_rate: int, rng: np.random.Generator) -> Array:
    """Add noise to audio, shape (samples,).

    Args:
        samples: shape (samples,).
        noise: its amount and colour.
        sample_rate: in Hz.
        rng: the generator of its samples.
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
    """Powers of white noise in the representation, shape (N, F, frames).

    It includes the effects of filters and windows on the level and on neighbours in time and
    frequency; patches start anywhere in it, always the same twenty seconds.
    """
    rng = np.random.default_rng(0)
    samples = rng.standard_normal(round(BANK_SECONDS * representation.sample_rate), np.float32)
    values = powers.unconditioned(representation)(samples)
    exponent = powers.Powers.of(representation).exponent
    power: Array = values.reshape(*values.shape[:2], -1).transpose(2, 1, 0) ** exponent
    return np.ascontiguousarray(power)


DEFORMATION = AddedNoise()

"""Equaliser: a smooth random frequency curve, as of a room, a microphone or a mastering desk.

The curve has a separate level every two octaves with smooth transitions. J. Schlüter and T. Grill,
ISMIR 2015, filter with one random bell (their "frequency filters", of 10 dB at most).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from deepmir.deformations.base import Array, LevelDeformation, Levels, Numbers
from deepmir.representations import Representation

if TYPE_CHECKING:
    from torch import Tensor

Floats = npt.NDArray[np.float64]

POINTS = 50.0 * 4.0 ** np.arange(5)  # Hz: where the curve's levels are drawn, 50 to 12800

# Hz: dense enough to interpolate the curve linearly, which is ten times as fast.
GRID = np.geomspace(POINTS[0], POINTS[-1], 400)

# Seconds of silence after the audio: longer than a curve this smooth rings, at either end.
RINGING = 0.2


class Equaliser(LevelDeformation):
    """The amount is the maximum of decibels up or down, at any frequency."""

    name = "equaliser"
    unit = "dB up and down"
    largest = 40.0
    order = 20

    def draw(self, most: float, rng: np.random.Generator) -> Numbers:
        """Levels at :data:`POINTS`, at most `most` dB up or down, shape (points,)."""
        return rng.uniform(-most, most, len(POINTS)).astype(np.float32)

    def constants(self, representation: Representation) -> Mapping[str, Numbers]:
        """The weight of each point at each bin, shape (points, N, F)."""
        return {"weights": weights(representation.channel_frequencies)}

    def deform_audio(
        self, samples: Array, most: float, sample_rate: int, rng: np.random.Generator
    ) -> Array:
        """Draw a curve and filter."""
        return filtered(samples, self.draw(most, rng), sample_rate)

    def deform_levels(
        self, levels: Levels, lengths: "Tensor", drawn: "Tensor", constants: Mapping[str, "Tensor"]
    ) -> Levels:
        """Add the curves with levels of shape (B, points)."""
        import torch

        curves = torch.einsum("bp,pnf->bnf", drawn, constants["weights"])
        return levels.louder(curves[..., None])


def weights(frequencies: Floats) -> Floats:
    """The weight of each point at each frequency; a curve is the product with its levels.

    Between points the level follows 3 t^2 - 2 t^3 over log-frequency, which exceeds neither, and
    beyond the first and the last it is constant.

    Args:
        frequencies: in Hz, any shape.

    Returns:
        Shape (points, *shape); sums to 1 over the points.
    """
    octaves = np.log2(np.maximum(frequencies, 1e-3) / POINTS[0]) / 2
    place = octaves.clip(0, len(POINTS) - 1)
    apart = np.abs(place - np.arange(len(POINTS)).reshape(-1, *[1] * np.ndim(frequencies)))
    near = (1 - apart).clip(0, 1)
    return np.asarray(near**2 * (3 - 2 * near))


def filtered(samples: Array, levels: Array, sample_rate: int) -> Array:
    """Filter audio with a curve, without delay.

    Args:
        samples: shape (samples,).
        levels: at :data:`POINTS`, dB.
        sample_rate: in Hz.
    """
    from scipy.fft import irfft, next_fast_len, rfft, rfftfreq

    size = next_fast_len(len(samples) + round(RINGING * sample_rate), real=True)
    gains = 10 ** (np.tensordot(levels, weights(GRID), 1) / 20)
    spectrum = rfft(samples, size)
    spectrum *= np.interp(rfftfreq(size, 1 / sample_rate), GRID, gains).astype(np.float32)
    return np.asarray(irfft(spectrum, size)[: len(samples)], dtype=np.float32)


DEFORMATION = Equaliser()

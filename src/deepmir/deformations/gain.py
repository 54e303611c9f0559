"""Gain: the patch is louder or softer as a whole.

J. Schlüter and T. Grill, "Exploring data augmentation for improved singing voice detection with
neural networks", ISMIR 2015 (their "loudness", of 10 dB at most).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from deepmir.deformations.base import Array, LevelDeformation, Levels, Numbers

if TYPE_CHECKING:
    from torch import Tensor


class Gain(LevelDeformation):
    """The amount is the maximum of decibels up or down."""

    name = "gain"
    unit = "dB up and down"
    largest = 40.0
    order = 30

    def draw(self, most: float, rng: np.random.Generator) -> Numbers:
        """Decibels, at most `most` up or down, shape (1,)."""
        return rng.uniform(-most, most, 1).astype(np.float32)

    def deform_audio(
        self, samples: Array, most: float, sample_rate: int, rng: np.random.Generator
    ) -> Array:
        """Draw and amplify."""
        samples *= np.float32(amplitude(rng.uniform(-most, most)))
        return samples

    def deform_levels(
        self, levels: Levels, lengths: "Tensor", drawn: "Tensor", constants: Mapping[str, "Tensor"]
    ) -> Levels:
        """Add the decibels, shape (B, 1)."""
        return levels.louder(drawn[:, :, None, None])


def amplitude(decibels: float) -> float:
    """The factor for the samples."""
    return float(10 ** (decibels / 20))


DEFORMATION = Gain()

"""Gain: the patch is louder or softer as a whole.

J. Schlüter and T. Grill, "Exploring data augmentation for improved singing voice detection with
neural networks", ISMIR 2015 (their "loudness", of 10 dB at most).
"""

import numpy as np


def draw(most: float, rng: np.random.Generator) -> float:
    """Decibels, at most `most` up or down."""
    return float(rng.uniform(-most, most))


def amplitude(decibels: float) -> float:
    """The factor of the samples."""
    return float(10 ** (decibels / 20))

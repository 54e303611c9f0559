"""Clipping: recorded or mastered too loud, so the peaks are cut off."""

import numpy as np

from deepmir.deformations.base import Array, SoundDeformation


class Clipping(SoundDeformation):
    """The amount is the most by which the patch's peak exceeds full scale."""

    name = "clipping"
    unit = "dB of overdrive"
    largest = 40.0
    order = 25

    def deform_audio(
        self, samples: Array, most: float, sample_rate: int, rng: np.random.Generator
    ) -> Array:
        """Draw an overdrive and clip."""
        return clipped(samples, float(rng.uniform(0, most)))


def clipped(samples: Array, overdrive: float) -> Array:
    """Clip audio a number of dB below its peak, with its level preserved, shape (samples,).

    The level is preserved because recordings are normalised to one loudness afterwards.
    """
    limit = float(np.abs(samples).max()) * 10 ** (-overdrive / 20)
    cut = samples.clip(-limit, limit)
    level = np.sqrt(np.square(samples, dtype=np.float64).sum())
    left = np.sqrt(np.square(cut, dtype=np.float64).sum())
    return np.asarray(cut * np.float32(level / max(left, 1e-12)), dtype=np.float32)


DEFORMATION = Clipping()

"""Reverb: a room, as decaying noise after the direct sound.

J. A. Moorer, "About this reverberation business", Computer Music Journal 3(2), 1979: the impulse
response of a hall sounds like white noise with an exponential decay.
"""

import numpy as np

from deepmir.deformations.base import Array, SoundDeformation

DIRECT = (0.0, 15.0)  # dB of the direct sound relative to all that follows: from far to near


class Reverb(SoundDeformation):
    """The amount is the longest reverberation time."""

    name = "reverb"
    unit = "seconds of reverberation time"
    largest = 10.0
    order = 10

    def deform_audio(
        self, samples: Array, most: float, sample_rate: int, rng: np.random.Generator
    ) -> Array:
        """Draw a room and apply it."""
        return reverberated(samples, response(most, sample_rate, rng))


def response(most: float, sample_rate: int, rng: np.random.Generator) -> Array:
    """Impulse response of a random room, shape (samples,), with energy 1.

    The direct sound is its first sample, so nothing is delayed.

    Args:
        most: the longest reverberation time RT60 in seconds, during which the level falls by
            60 dB.
        sample_rate: in Hz.
        rng: the patch's own generator.
    """
    rt60 = rng.uniform(0, most)
    direct = rng.uniform(*DIRECT)
    samples = 2 + round(rt60 * sample_rate)
    decay = 10 ** (-3 * np.arange(samples) / (samples - 1))
    room = rng.standard_normal(samples) * decay
    room[0] = 0.0
    room /= np.linalg.norm(room)
    room[0] = 10 ** (direct / 20)
    return np.asarray(room / np.linalg.norm(room), dtype=np.float32)


def reverberated(samples: Array, room: Array) -> Array:
    """Audio in a room, shape (samples,); the tail after its end is cut."""
    from scipy.signal import fftconvolve

    return np.asarray(fftconvolve(samples, room)[: len(samples)], dtype=np.float32)


DEFORMATION = Reverb()

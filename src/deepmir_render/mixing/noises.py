"""Noises of recordings: tape and amplifiers, mains hum, records."""

import numpy as np
import numpy.typing as npt

from deepmir_render.mixing.mix import Noise
from deepmir_render.playing.played import SAMPLE_RATE

Samples = npt.NDArray[np.float32]

# Pink noise from white: J. O. Smith, Spectral Audio Signal Processing, "Synthesis of 1/F Noise".
PINK = (
    (0.049922035, -0.095993537, 0.050612699, -0.004408786),
    (1.0, -2.494956002, 2.017265875, -0.522189400),
)
HARMONICS = (1.0, 0.5, 0.6, 0.2, 0.3, 0.1, 0.15)  # of the hum of a mains transformer
CRACKLES = 12.0  # per second
CLICK = 60  # samples in which one fades


def make(noise: Noise, samples: int, rng: np.random.Generator) -> Samples:
    """Noise of arbitrary level, shape (1 or 2, samples): hum is the same on both channels."""
    if noise.kind == "hum":
        return _hum(noise.hum, samples, rng)
    if noise.kind == "crackle":
        return _crackle(samples, rng)
    white = _white(samples, rng)
    if noise.kind == "white":
        return white
    from scipy.signal import lfilter

    b, a = (np.array(each, dtype=np.float32) for each in PINK)
    return np.asarray(lfilter(b, a, white), dtype=np.float32)


def _white(samples: int, rng: np.random.Generator) -> Samples:
    """Uniformly distributed: it sounds like Gaussian noise, and is three times as fast."""
    return rng.random((2, samples), dtype=np.float32) - np.float32(0.5)


def _hum(frequency: float, samples: int, rng: np.random.Generator) -> Samples:
    """Harmonics of a frequency in whole Hz, which repeat every second."""
    turns = 2 * np.pi * np.arange(SAMPLE_RATE) / SAMPLE_RATE
    phases = rng.uniform(0, 2 * np.pi, len(HARMONICS))
    second = sum(
        gain * np.sin((order + 1) * frequency * turns + phases[order])
        for order, gain in enumerate(HARMONICS)
    )
    once = np.round(second, 7).astype(np.float32)
    return np.resize(once, samples)[np.newaxis]


def _crackle(samples: int, rng: np.random.Generator) -> Samples:
    """Clicks of various sizes above a soft hiss."""
    sound = np.float32(0.01) * _white(samples, rng)
    count = int(rng.poisson(CRACKLES * samples / SAMPLE_RATE))
    starts = rng.integers(0, max(1, samples - CLICK), count)
    sizes = rng.standard_exponential((count, 2)) * rng.choice((-1.0, 1.0), (count, 2))
    fade = np.round(0.93 ** np.arange(CLICK), 7) * (-1.0) ** (np.arange(CLICK) // 7)
    for start, size in zip(starts, sizes, strict=True):
        length = min(CLICK, samples - start)
        sound[:, start : start + length] += np.outer(size, fade[:length]).astype(np.float32)
    return sound

"""Saturation: what tape, valves and overdriven amplifiers do to loud sounds."""

import numpy as np
import numpy.typing as npt
from numba import njit

Samples = npt.NDArray[np.float32]


def saturate(sound: Samples, drive: float, loud: float) -> None:
    """Bend a sound in place as an amplifier does, keeping the level of its loud parts.

    Args:
        sound: shape (channels, samples).
        drive: dB by which the loud parts are above where bending begins.
        loud: level of the loud parts (RMS) in dB relative to full scale.
    """
    before = float(round(10 ** ((drive - loud) / 20), 9))
    bent = _curve(np.array([10 ** (drive / 20)], dtype=np.float32))[0]
    after = float(round(10 ** (loud / 20) / float(bent), 9))
    for channel in sound:
        _bend(channel, np.float32(before), np.float32(after))


def _curve(samples: Samples) -> Samples:
    curved = samples.copy()
    _bend(curved, np.float32(1.0), np.float32(1.0))
    return curved


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _bend(samples: Samples, before: np.float32, after: np.float32) -> None:
    """A rational function that is within 2 % of the hyperbolic tangent, and 1 from 3 on."""
    three = np.float32(3.0)
    a, b = np.float32(27.0), np.float32(9.0)
    for i in range(len(samples)):
        x = min(three, max(-three, before * samples[i]))
        square = x * x
        samples[i] = after * x * (a + square) / (a + b * square)

"""Echo: a few repeats that alternate between left and right."""

import numpy as np
import numpy.typing as npt
from numba import njit

from deepmir_render.mixing.mix import Echo
from deepmir_render.playing.performance_plain import SAMPLE_RATE

Samples = npt.NDArray[np.float32]

REPEATS = 4


def add_echoes(sound: Samples, send: Samples, echo: Echo) -> None:
    """Add the echoes of what is sent to a sound in place, both of shape (2, samples)."""
    mono = 0.5 * (send[0] + send[1])
    gain = 1.0
    for repeat in range(1, REPEATS + 1):
        delay = round(repeat * echo.seconds * SAMPLE_RATE)
        if delay >= len(mono):
            return
        near = repeat % 2
        add_late(sound[near, delay:], mono, np.float32(gain))
        add_late(sound[1 - near, delay:], mono, np.float32(0.4 * gain))
        gain *= echo.feedback


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def add_late(into: Samples, heard: Samples, gain: np.float32) -> None:
    """Add to all of one channel, in place, the beginning of another times a gain."""
    for i in range(len(into)):
        into[i] += gain * heard[i]

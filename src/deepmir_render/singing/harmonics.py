"""The sum of the harmonics of a fundamental whose levels change."""

import numpy as np
from numba import njit

from deepmir_render.singing.phonetics import Array


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def summed(phase: Array, levels: Array, ramp: Array) -> Array:
    """Sum of the harmonics, each sine from the two before: sin(k+1)x = 2 cos x sin kx - sin(k-1)x.

    Args:
        phase: of the fundamental, shape (frames, samples of a frame).
        levels: at the edges of the frames, shape (harmonics, frames + 1).
        ramp: from 0 to 1 over a frame.
    """
    total = np.zeros_like(phase)
    for frame in range(phase.shape[0]):
        into = total[frame]
        twice_cosine, sine = 2 * np.cos(phase[frame]), np.sin(phase[frame])
        last = np.zeros_like(sine)
        for harmonic in range(levels.shape[0]):
            level = levels[harmonic, frame]
            rise = levels[harmonic, frame + 1] - level
            for i in range(ramp.size):
                into[i] += (level + rise * ramp[i]) * sine[i]
                last[i], sine[i] = sine[i], twice_cosine[i] * sine[i] - last[i]
    return total

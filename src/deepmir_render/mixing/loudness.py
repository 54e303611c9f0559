"""Loudness as in broadcasting, without gates.

The weighting follows ITU-R BS.1770-4: a shelf for the head and a high-pass filter. It is applied to
every fourth sample of a running mean, as there is little energy above 5 kHz.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

from deepmir_render.mixing.equaliser import equalise
from deepmir_render.mixing.mix import Band
from deepmir_render.playing.played import SAMPLE_RATE

STEP = 4  # samples
# A filter for every fourth sample is one for four times the frequency.
WEIGHTING = (
    Band("high_shelf", STEP * 1500.0, gain=4.0),
    Band("high_pass", STEP * 38.0, quality=0.5),
)
BLOCK = SAMPLE_RATE // 10 // STEP  # in those
ACTIVE = 20.0  # dB below the loud blocks of a voice: softer blocks are rests


def powers(sound: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Weighted mean square of each tenth of a second of the mono sum, shape (blocks,)."""
    weighted = _thinned(sound[0], sound[-1])[np.newaxis]
    equalise(weighted, WEIGHTING)
    blocks = -(-weighted.shape[1] // BLOCK)
    padded = np.pad(weighted[0].astype(np.float64), (0, blocks * BLOCK - weighted.shape[1]))
    padded = padded.reshape(blocks, BLOCK)
    return np.asarray(np.square(padded).mean(axis=1))


def voice_gain(
    voice: npt.NDArray[np.float32], others: npt.NDArray[np.float32], wanted: float
) -> float:
    """Factor that makes a voice louder than the rest by `wanted` dB while it is active.

    Args:
        voice: shape (channels, samples).
        others: shape (channels, samples).
        wanted: level in dB.

    Returns:
        The factor; 1 if one of them is silent.
    """
    sung, played = powers(voice), powers(others)
    loud = np.percentile(sung[sung > 0], 90) if (sung > 0).any() else 0.0
    active = sung > loud * 10 ** (-ACTIVE / 10)
    singing, beside = sung[active].sum(), played[active].sum()
    if singing <= 1e-12 or beside <= 1e-12:
        return 1.0
    return round(float(np.sqrt(beside / singing) * 10 ** (wanted / 20)), 7)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _thinned(
    left: npt.NDArray[np.float32], right: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Means of both channels over `STEP` samples, without the remainder at the end."""
    means = np.empty(len(left) // STEP, dtype=np.float32)
    share = np.float32(1 / (2 * STEP))
    for i in range(len(means)):
        total = np.float32(0.0)
        for j in range(STEP * i, STEP * i + STEP):
            total += left[j] + right[j]
        means[i] = share * total
    return means

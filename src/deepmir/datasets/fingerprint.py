"""What a recording sounds like in 172 bytes a second, alike however it is coded and how loud it is.

J. Haitsma and T. Kalker, "A highly robust audio fingerprinting system", ISMIR 2002: 32 bits for
each frame, the signs of energy differences between neighbouring bands and frames. Instead of one
long window for each of many frames, short windows overlap by three quarters and the energies of
their bands are averaged, which takes a tenth of the time.
"""

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from deepmir.files import audio
from deepmir.files.fft import rfft
from deepmir.files.samples import Samples

RATE = 5512  # Hz
WINDOW = 512  # samples, 93 ms
HOP = 128  # samples, 23 ms
AVERAGED = 32  # windows: 0.74 s, so that half a hop changes few bits
BITS = 32
LOWEST, HIGHEST = 300.0, 2000.0  # Hz

# Of the mean energy: frames below it say more about the coder than about the music.
QUIET = 1e-4
NOTHING = 0  # the word of such a frame

BLOCK = 1 << 7  # windows transformed at once, so few that they stay in the cache

Words = npt.NDArray[np.uint32]
Energies = npt.NDArray[np.float32]


def fingerprint(samples: Samples, sample_rate: int) -> Words:
    """The fingerprint of a recording.

    Args:
        samples: mono, at any level, shape (samples,).
        sample_rate: of them, Hz.

    Returns:
        32 bits for each :data:`HOP` samples at :data:`RATE`, :data:`NOTHING` where it is too quiet
        to say something, shape (frames,); no frame of what is shorter than 0.84 s.
    """
    energies = _energies(audio.resample(samples, sample_rate, RATE))
    # E(n, m) - E(n, m + 1) - (E(n - 1, m) - E(n - 1, m + 1)) > 0, equation 1 of the paper.
    across = energies[:, :-1] - energies[:, 1:]
    bits = across[1:] > across[:-1]
    words = np.packbits(bits, axis=1).view(">u4")[:, 0].astype(np.uint32)
    totals = energies[1:].sum(axis=1)
    words[totals <= QUIET * totals.mean() if totals.size else slice(0)] = NOTHING
    return words


def _energies(samples: Samples) -> Energies:
    """Energy of 33 bands, logarithmically spaced, averaged over time, shape (frames, 33)."""
    if samples.size < WINDOW + (AVERAGED - 1) * HOP:
        return np.zeros((1, BITS + 1), dtype=np.float32)
    windows = sliding_window_view(samples, WINDOW)[::HOP]
    window = np.hanning(WINDOW).astype(np.float32)
    bands = np.repeat(_bands(), 2, axis=0)  # for the squares of real and imaginary parts
    energies = np.empty((len(windows), BITS + 1), np.float32)
    room = np.empty((BLOCK, WINDOW), np.float32)
    for start in range(0, len(windows), BLOCK):
        some = windows[start : start + BLOCK]
        tapered = np.multiply(some, window, out=room[: len(some)])
        parts = rfft(tapered).view(np.float32)
        np.matmul(np.square(parts, out=parts), bands, out=energies[start : start + BLOCK])
    weights = np.hanning(AVERAGED + 2)[1:-1].astype(np.float32)
    averaged: Energies = sliding_window_view(energies, AVERAGED, axis=0) @ weights
    return averaged


def _bands() -> Energies:
    """How much of each bin belongs to each band, shape (bins, 33); a low band is a bin or two."""
    edges = np.geomspace(LOWEST, HIGHEST, BITS + 2) * WINDOW / RATE
    bins = np.arange(WINDOW // 2 + 1)[:, None]
    inside = np.minimum(bins + 0.5, edges[1:]) - np.maximum(bins - 0.5, edges[:-1])
    shares: Energies = np.clip(inside, 0, 1).astype(np.float32)
    return shares

"""Audio fingerprints of 172 bytes a second, robust to coding and level.

J. Haitsma and T. Kalker, "A highly robust audio fingerprinting system", ISMIR 2002: 32 bits for
each frame, the signs of energy differences between neighbouring bands and frames. Instead of one
long window for each of many frames, short windows overlap by three quarters and the energies of
their bands are averaged, which takes a tenth of the time.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from deepmir.files import audio
from deepmir.files.fft import rfft
from deepmir.files.samples import Samples

RATE = 5512.5  # Hz
WINDOW = 512  # samples, 93 ms
HOP = 128  # samples, 23 ms
AVERAGED = 32  # windows: 0.74 s, so that half a hop changes few bits
BITS = 32
LOWEST, HIGHEST = 300.0, 2000.0  # Hz

# Of the mean energy: frames below it say more about the coder than about the music.
QUIET = 1e-4
NOTHING = 0  # the word of such a frame

BLOCK = 1 << 6  # windows transformed at once, so few that they stay in the cache
ROW = 16  # samples of the result that one row of a product gives
LENGTH = 10  # of the filter before thinning, in samples of the result:
KAISER = 4.0  # what is folded down to HIGHEST and below is 45 dB lower

Words = npt.NDArray[np.uint32]
Energies = npt.NDArray[np.float32]


def fingerprint(samples: Samples, sample_rate: float) -> Words:
    """The fingerprint of a recording.

    Args:
        samples: mono, at any level, shape (samples,).
        sample_rate: of them, Hz.

    Returns:
        32 bits for each :data:`HOP` samples at :data:`RATE`, :data:`NOTHING` where it is too quiet
        for one, shape (frames,); no frames for less than 0.84 s.
    """
    energies = _energies(_thinned(samples, sample_rate))
    # E(n, m) - E(n, m + 1) - (E(n - 1, m) - E(n - 1, m + 1)) > 0, equation 1 of the paper.
    across = energies[:, :-1] - energies[:, 1:]
    bits = across[1:] > across[:-1]
    words = np.packbits(bits, axis=1).view(">u4")[:, 0].astype(np.uint32)
    totals = energies[1:].sum(axis=1)
    words[totals <= QUIET * totals.mean() if totals.size else slice(0)] = NOTHING
    return words


def _thinned(samples: Samples, sample_rate: float) -> Samples:
    """The recording at :data:`RATE`.

    Only what is below HIGHEST counts: where every so manyth sample is kept, a short filter does for
    it, in a fifth of the time.
    """
    factor = round(sample_rate / RATE)
    if factor in (0, 1) or factor * RATE != sample_rate:
        return audio.resample(samples, sample_rate, RATE)
    weights = _low_pass(factor)
    width = ROW * factor
    rows = samples[: len(samples) // width * width].reshape(-1, width)
    thinned = rows @ weights[:width]
    # What a row needs of the next one: rows that overlap would be copied.
    thinned[:-1] += rows[1:, : len(weights) - width] @ weights[width:]
    return thinned.reshape(-1)


@lru_cache
def _low_pass(factor: int) -> Energies:
    """The filter at each of :data:`ROW` places, shape (samples, ROW)."""
    size = LENGTH * factor + 1
    taps = np.sinc(np.arange(size) / factor - LENGTH / 2) * np.kaiser(size, KAISER) / factor
    weights = np.zeros(((ROW - 1) * factor + size, ROW), np.float32)
    for place in range(ROW):
        weights[place * factor : place * factor + size, place] = taps
    return weights


def _energies(samples: Samples) -> Energies:
    """Energy of 33 bands, logarithmically spaced, averaged over time, shape (frames, 33)."""
    if samples.size < WINDOW + (AVERAGED - 1) * HOP:
        return np.zeros((1, BITS + 1), dtype=np.float32)
    windows = sliding_window_view(samples, WINDOW)[::HOP]
    window = np.hanning(WINDOW).astype(np.float32)
    used, bands = _bands()
    energies = np.empty((len(windows), BITS + 1), np.float32)
    room = np.empty((BLOCK, WINDOW), np.float32)
    for start in range(0, len(windows), BLOCK):
        some = windows[start : start + BLOCK]
        tapered = np.multiply(some, window, out=room[: len(some)])
        parts = rfft(tapered).view(np.float32)[:, used]
        np.matmul(np.square(parts, out=parts), bands, out=energies[start : start + BLOCK])
    weights = np.hanning(AVERAGED + 2)[1:-1].astype(np.float32)
    averaged: Energies = sliding_window_view(energies, AVERAGED, axis=0) @ weights
    return averaged


@lru_cache
def _bands() -> tuple[slice, Energies]:
    """How much of each bin belongs to each band, and which bins; a low band is a bin or two.

    Real and imaginary parts are next to each other: their squares have the same weight.
    """
    edges = np.geomspace(LOWEST, HIGHEST, BITS + 2) * WINDOW / RATE
    bins = np.arange(WINDOW // 2 + 1)[:, None]
    inside = np.minimum(bins + 0.5, edges[1:]) - np.maximum(bins - 0.5, edges[:-1])
    shares = np.repeat(np.clip(inside, 0, 1), 2, axis=0).astype(np.float32)
    heard = np.flatnonzero(shares.any(axis=1))
    used = slice(int(heard[0]), int(heard[-1]) + 1)
    return used, shares[used]

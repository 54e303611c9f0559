"""An acoustic fingerprint: the same recording found again, coded, louder or shifted.

J. Haitsma and T. Kalker, "A highly robust audio fingerprinting system", ISMIR 2002: 32 bits for
each frame, the signs of energy differences between neighbouring bands and neighbouring frames.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RATE = 5512  # Hz
WINDOW = 2048  # samples, 0.37 s
HOP = 64  # samples, 11.6 ms: a window that is shifted by half of it is next to the same
BITS = 32
LOWEST, HIGHEST = 300.0, 2000.0  # Hz

# Of the mean energy: frames below it say more about the coder than about the music.
QUIET = 1e-4

BLOCK = 1 << 10  # frames transformed at once

Words = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Fingerprint:
    """That of one recording.

    Attributes:
        words: 32 bits for each frame, shape (frames,).
        sounding: whether the frame is loud enough to say something, shape (frames,).
    """

    words: Words
    sounding: npt.NDArray[np.bool_]


def fingerprint(samples: npt.NDArray[np.float32]) -> Fingerprint:
    """The fingerprint of a recording.

    Args:
        samples: at :data:`RATE`, shape (samples,).

    Returns:
        A frame for each :data:`HOP` samples, from the second window on; none of a recording that
        is not longer than a window.
    """
    energies = _energies(samples)
    # E(n, m) - E(n, m + 1) - (E(n - 1, m) - E(n - 1, m + 1)) > 0, equation 1 of the paper.
    across = energies[:, :-1] - energies[:, 1:]
    bits = across[1:] > across[:-1]
    words = np.packbits(bits, axis=1).view(">u4")[:, 0].astype(np.uint32)
    totals = energies[1:].sum(axis=1)
    return Fingerprint(words, totals > QUIET * (totals.mean() if totals.size else 0.0))


def _energies(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Energy of 33 bands, logarithmically spaced, shape (frames, 33)."""
    from scipy.fft import rfft

    if samples.size < WINDOW:
        return np.zeros((1, BITS + 1), dtype=np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    window = np.hanning(WINDOW).astype(np.float32)
    edges = np.geomspace(LOWEST, HIGHEST, BITS + 2) * WINDOW / RATE
    bins = np.arange(WINDOW // 2 + 1)
    bands = ((bins[:, None] >= edges[:-1]) & (bins[:, None] < edges[1:])).astype(np.float32)
    blocks = []
    for start in range(0, len(frames), BLOCK):
        spectra = rfft(frames[start : start + BLOCK] * window, axis=1)
        blocks.append((spectra.real**2 + spectra.imag**2) @ bands)
    return np.concatenate(blocks)

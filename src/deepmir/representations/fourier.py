"""The short-time Fourier transform in blocks of spectra that fit into the processor's cache."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view
from pydantic import Field

from deepmir.fields import Whole
from deepmir.files.fft import rfft
from deepmir.representations.framing import BLOCK, blocks, centred_frames

Array = npt.NDArray[np.float32]
Window = Annotated[Whole, Field(ge=2, le=2**20)]  # samples: at most 24 s at 44100 Hz
Taper = Literal["hann", "hamming", "blackman", "rectangular"]

# Cosine amplitudes of the windows (importing scipy.signal takes seconds).
_COSINES: dict[Taper, tuple[float, ...]] = {
    "hann": (0.5, -0.5),
    "hamming": (0.54, -0.46),
    "blackman": (0.42, -0.5, 0.08),
    "rectangular": (1.0,),
}


@lru_cache(maxsize=32)
def taper(shape: Taper, window: int) -> Array:
    """Periodic window function w of equation 2, float32, shape (window,)."""
    angle = 2 * np.pi * np.arange(window) / window
    cosines = [a * np.cos(k * angle) for k, a in enumerate(_COSINES[shape])]
    values: Array = np.sum(cosines, axis=0).astype(np.float32)
    values.setflags(write=False)
    return values


def spectra(
    samples: Array, window: int, hop: int, shape: Taper = "hann"
) -> Iterator[tuple[slice, npt.NDArray[np.complex64]]]:
    """Spectra of the windowed frames (equation 2 with w real), one block of frames at a time.

    Args:
        samples: Audio, shape (n,).
        window: Samples per frame.
        hop: Samples between frames.
        shape: Name of the window function.

    Yields:
        Indices of the frames in this block, and their spectra, complex64 (frames, 1 + window // 2).
    """
    weights = taper(shape, window)
    size = max(1, BLOCK // window)
    buffer = np.empty((size, window), np.float32)
    for which in blocks(1 + len(samples) // hop, size):
        windowed = buffer[: which.stop - which.start]
        np.multiply(centred_frames(samples, window, hop, which), weights, out=windowed)
        yield which, rfft(windowed)


def squared(spectrum: npt.NDArray[np.complex64]) -> Array:
    """Squares of real and imaginary parts side by side, in the spectrum's own memory.

    Args:
        spectrum: complex64, shape (frames, bins), overwritten.

    Returns:
        float32, shape (frames, 2 bins): power is the sum of each pair of columns.
    """
    parts = spectrum.view(np.float32)
    return np.square(parts, out=parts)


def resynthesised(
    spectrum: npt.NDArray[np.complex64],
    window: int,
    hop: int,
    shape: Taper,
    samples: int,
) -> Array:
    """Overlap-add of windowed frames over the sum of squared windows: the inverse of `spectra`.

    Args:
        spectrum: complex64, shape (frames, 1 + window // 2).
        window: Samples per frame.
        hop: Samples between frames.
        shape: Name of the window function.
        samples: Length of the result; its first sample is the centre of the first frame.

    Returns:
        Audio, shape (samples,).
    """
    from scipy.fft import irfft

    weights = taper(shape, window)
    length = (len(spectrum) - 1) * hop + window
    signal = np.zeros(max(length, window // 2 + samples) + hop, np.float32)
    overlap = np.zeros_like(signal)
    for which in blocks(len(spectrum), max(1, BLOCK // window)):
        frames = irfft(spectrum[which], n=window) * weights
        _overlap_add(frames, hop, signal[which.start * hop :])
        _overlap_add(np.broadcast_to(weights**2, frames.shape), hop, overlap[which.start * hop :])
    covered = overlap > np.finfo(np.float32).tiny
    np.divide(signal, overlap, out=signal, where=covered)
    return signal[window // 2 : window // 2 + samples]


def _overlap_add(frames: Array, hop: int, out: Array) -> None:
    """Add frames to ``out`` at multiples of the hop, one hop-wide strip of all frames at a time."""
    count, window = frames.shape
    for first in range(0, window, hop):
        strip = frames[:, first : first + hop]
        target = sliding_window_view(out[first:], strip.shape[1], writeable=True)[::hop][:count]
        target += strip

"""The constant-Q kernel: decimation, then one exact matrix product per octave of filters.

The definition, at the full sample rate and for filters of length L_k = Q sample_rate / f_k, is

    X[t, k] = sqrt(L_k) sum_n x[t hop + n] w_k[n] exp(-2 pi i f_k n / sample_rate),

with w_k a Hann window of sum one (Brown, 1991; the scaling is librosa's). A low-frequency filter
does not respond to high frequencies, so its sum is taken over a decimated signal, with the same
continuous window sampled at the lower rate. Nothing else is approximated: spectra are not
thresholded, and filters are not rounded to the lower rate.
"""

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import soxr
from numpy.lib.stride_tricks import sliding_window_view

from deepmir.representations.framing import BLOCK, blocks, excerpt

Array = npt.NDArray[np.float32]

# soxr's HQ filter is flat up to this share of the lower Nyquist frequency,
FLAT = 0.91
# and a filter keeps this many bandwidths on either side: the response of its side lobes beyond them
# is lost, 1e-5 of the transform of broad-band music (12 bandwidths lose 5e-5, 4 lose 3e-4).
SIDE_LOBES = 20
# Samples at the lowest rate during which the decimation filters ring.
RINGING = 64
# Samples of audio processed at once, without margins: memory does not grow with the file.
CHUNK = 1 << 20


class Filters(NamedTuple):
    """Constant-Q filters by ascending frequency (Hz), Q being centre frequency over bandwidth."""

    frequencies: tuple[float, ...]
    quality: float
    sample_rate: int


class Group(NamedTuple):
    """Neighbouring filters that share a decimated signal.

    Attributes:
        factor: Decimation factor of the signal.
        columns: Indices of the filters.
        before: Decimated samples by which the kernels begin before the centre of a frame.
        kernels: Real parts, then imaginary parts, shape (length, 2 filters).
    """

    factor: int
    columns: slice
    before: int
    kernels: Array


def quality(bins_per_octave: int, filter_scale: float = 1.0) -> float:
    """Q of filters whose bandwidth equals their spacing (half of it on either side)."""
    ratio = 2.0 ** (2 / bins_per_octave)
    return filter_scale * float((ratio + 1) / (ratio - 1))


def highest(filters: Filters) -> float:
    """Upper band edge of the highest filter, Hz (1.5 bins: a Hann window's bandwidth)."""
    return filters.frequencies[-1] * (1 + 0.75 / filters.quality)


def reach(filters: Filters, hop: int) -> int:
    """Samples on either side of a frame used by its longest filter and the decimation."""
    return max((group.before + RINGING) * group.factor for group in plan(filters, hop))


def constant_q(samples: Array, filters: Filters, hop: int) -> Iterator[tuple[slice, Array]]:
    """Magnitudes of the constant-Q transform, one block of frames at a time.

    Args:
        samples: Audio, shape (n,).
        filters: The filters.
        hop: Samples between frames.

    Yields:
        Indices of the frames in this block, of 1 + n // hop, and float32 values (frames, filters).
    """
    groups = plan(filters, hop)
    margin = math.ceil(
        reach(filters, hop) / hop
    )  # in frames: a multiple of every decimation factor
    for which in blocks(1 + len(samples) // hop, max(1, CHUNK // hop)):
        chunk = excerpt(samples, (which.start - margin) * hop, (which.stop + margin) * hop)
        values = np.empty((which.stop - which.start, len(filters.frequencies)), np.float32)
        for group, signal in zip(groups, _decimated(chunk, groups), strict=True):
            first = margin * hop // group.factor
            _project(signal, first, hop // group.factor, group, values[:, group.columns])
        yield which, values


def _decimated(chunk: Array, groups: tuple[Group, ...]) -> Iterator[Array]:
    """The signal at the rate of each group, each derived from the previous one."""
    signal, factor = chunk, 1
    for group in groups:
        if group.factor != factor:
            signal = soxr.resample(signal, group.factor, factor, quality="HQ")
            factor = group.factor
        yield signal


def _project(signal: Array, first: int, hop: int, group: Group, out: Array) -> None:
    """Write the magnitudes of one group's filters into ``out`` (frames, filters)."""
    length, width = group.kernels.shape
    half = width // 2
    frames = sliding_window_view(signal[first - group.before :], length)[::hop]
    for which in blocks(len(out), max(1, BLOCK // length)):
        parts = np.ascontiguousarray(frames[which]) @ group.kernels
        np.square(parts, out=parts)
        power = np.add(parts[:, :half], parts[:, half:])
        np.sqrt(power, out=out[which])


@lru_cache(maxsize=16)
def plan(filters: Filters, hop: int) -> tuple[Group, ...]:
    """Group the filters by octave and choose each group's decimation factor.

    Args:
        filters: The filters.
        hop: Samples between frames; decimation factors divide it.

    Returns:
        The groups, from the highest rate to the lowest.
    """
    chain = decimations(hop)
    factors = [_factor(filters, frequency, chain) for frequency in filters.frequencies]
    groups: list[Group] = []
    stop = len(factors)
    while stop:
        lowest = filters.frequencies[stop - 1] / 2 * (1 + 1e-9)
        start = min(
            k
            for k in range(stop)
            if factors[k] == factors[stop - 1] and filters.frequencies[k] > lowest
        )
        groups.append(_group(filters, factors[stop - 1], slice(start, stop)))
        stop = start
    return tuple(groups)


def decimations(hop: int) -> list[int]:
    """Factors that divide the hop, each a small multiple of the previous: 1, 4, 8, ... for 512.

    Frames of the decimated signal then begin on whole samples, and each rate is derived from the
    previous one. A hop with large prime factors costs time, never accuracy.
    """
    chain, prime = [1], 2
    while chain[-1] < hop:
        if hop // chain[-1] % prime == 0:
            chain.append(chain[-1] * prime)
        else:
            prime += 1
    # Decimation by 4 takes no longer than by 2, and the kernels of one octave are short.
    return [1, *chain[2:]] if chain[:3] == [1, 2, 4] else chain


def _factor(filters: Filters, frequency: float, chain: list[int]) -> int:
    """Largest decimation factor that preserves the filter and its side lobes."""
    wanted = frequency * (1 + SIDE_LOBES / filters.quality)
    limit = FLAT * filters.sample_rate / 2
    return max((factor for factor in chain if wanted * factor <= limit), default=1)


def _group(filters: Filters, factor: int, columns: slice) -> Group:
    lengths = [filters.quality * filters.sample_rate / f for f in filters.frequencies[columns]]
    before = math.ceil(math.ceil(max(lengths) / 2) / factor)
    offsets = np.arange(-before, before + 1) * factor
    kernels = [
        _kernel(offsets, length, f / filters.sample_rate) * factor
        for length, f in zip(lengths, filters.frequencies[columns], strict=True)
    ]
    both = np.concatenate([np.real(kernels), np.imag(kernels)]).T
    return Group(factor, columns, before, np.ascontiguousarray(both, dtype=np.float32))


def _kernel(
    offsets: npt.NDArray[np.int_], length: float, frequency: float
) -> npt.NDArray[np.complex128]:
    """One filter at the given offsets from its centre, in samples and cycles per sample."""
    # As in librosa, the Hann window is aligned to whole samples, from -ceil(length / 2).
    before = math.ceil(length / 2)
    period = before + math.floor(length / 2)
    phase = (offsets + before) / period
    window = np.where((phase >= 0) & (phase <= 1), 1 - np.cos(2 * np.pi * phase), 0) / period
    kernel: npt.NDArray[np.complex128] = window * np.exp(-2j * np.pi * frequency * offsets)
    return math.sqrt(length) * kernel

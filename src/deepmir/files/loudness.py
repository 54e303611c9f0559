"""Loudness as in broadcasting (ITU-R BS.1770-4), and cancellation between channels.

The absolute gate at -70 LUFS is not applied, so the same recording at another level differs
exactly by that level.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from deepmir.files.blocks import BLOCK, Block, full_scale, scaled
from deepmir.files.fft import rfft
from deepmir.files.samples import Samples

WINDOW = 0.1  # s
GATED = 4  # windows per block of the standard
GATE = 0.1  # -10 dB relative to the mean of all blocks
THINNED = 11025  # Hz: little energy is above half of it, which is aliased
SEVERAL = 4  # windows, transformed in the time of one
ROWS = 1 << 14  # of a matrix-vector product: with more, BLAS takes twice as long per row
OFFSET = -0.691  # dB, so that a sine of 997 Hz at full scale has -3.01 LKFS

CANCELLED = 0.25  # power of the mean of the channels, relative to theirs
SHARE = 0.1  # of the energy of a recording
SPARSE = 61  # every n-th frame is used to measure the level of each channel, as all take long


class Meter:
    """Measures a recording while it is read.

    Attributes:
        peak: the maximum magnitude of all channels; not finite if a sample is not.
        mixed: the maximum magnitude of the mix.
        samples: number of measured samples per channel.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        """Start with nothing measured."""
        self.peak = 0.0
        self.mixed = 0.0
        self.samples = 0
        self._thin = max(1, sample_rate // THINNED)
        self._window = max(2, round(sample_rate * WINDOW / self._thin)) * self._thin
        self._several = SEVERAL * self._window
        self._weights = _weighting(self._window, self._thin, sample_rate)
        self._room = np.empty(self._several + BLOCK, np.float32)
        self._waiting = 0  # samples in it, of windows that are too few so far
        self._powers: list[npt.NDArray[np.float64]] = []
        self._of_channels = np.zeros(channels)
        self._cancelled = 0.0

    def add(self, block: Block, mono: Samples) -> None:
        """Measure some samples, shape (frames, channels), and their mix, shape (frames,)."""
        if not len(block):
            return
        loudest = max(float(block.max()), -float(block.min())) / full_scale(block)
        self.peak = float(np.maximum(self.peak, loudest))  # propagates NaN
        self.mixed = max(self.mixed, float(mono.max()), -float(mono.min()))
        if block.shape[1] > 1:
            power = np.array([np.dot(one, one) for one in scaled(block[::SPARSE]).T], np.float64)
            sparse = mono[::SPARSE]
            if np.dot(sparse, sparse) < CANCELLED * power.mean():
                self._cancelled += float(power.sum())
            self._of_channels += power
        self.samples += len(mono)
        room = self._room
        if (count := self._waiting + len(mono)) > len(room):
            room = self._room = np.resize(room, count)
        room[self._waiting : count] = mono
        whole = count // self._several * self._several
        self._powers.append(self._weighted(room[:whole]))
        self._waiting = count - whole
        room[: self._waiting] = room[whole:count]

    def _weighted(self, samples: Samples) -> npt.NDArray[np.float64]:
        """Mean square of each filtered window, from the energy of its spectrum."""
        if not len(samples):
            return np.zeros(0)
        rows, ones = samples.reshape(-1, self._thin), np.ones(self._thin, np.float32)
        thin = np.empty(len(rows), np.float32)
        for first in range(0, len(rows), ROWS):
            np.dot(rows[first : first + ROWS], ones, out=thin[first : first + ROWS])
        parts = rfft(thin.reshape(-1, self._window // self._thin)).view(np.float32)
        return np.asarray(np.square(parts, out=parts) @ self._weights, np.float64)

    @property
    def cancelling(self) -> bool:
        """Whether a tenth of the sound almost vanishes in the mean of the channels."""
        return self._cancelled > SHARE * float(self._of_channels.sum())

    @property
    def loudest_channel(self) -> int:
        """The channel with the most energy."""
        return int(self._of_channels.argmax())

    @property
    def loudness(self) -> float:
        """Loudness of the mix in LUFS, without the absolute gate; minus infinity for silence."""
        rest = self._waiting // self._window * self._window
        windows = np.concatenate([*self._powers, self._weighted(self._room[:rest])])
        if not len(windows):  # the remainder at the end only counts if there is nothing else
            self._room[self._waiting : self._window] = 0
            windows = self._weighted(self._room[: self._window])
        size = min(GATED, len(windows))
        blocks = np.convolve(windows, np.full(size, 1 / size), "valid")
        loud = blocks[blocks >= GATE * blocks.mean()]
        power = float(loud.mean())
        return OFFSET + 10 * np.log10(power) if power > 0 else -np.inf


@lru_cache(maxsize=8)
def _weighting(window: int, thin: int, sample_rate: int) -> Samples:
    """Factors from the squares in a real FFT to the weighted mean square.

    Args:
        window: samples of the recording.
        thin: number of samples summed for each one that is transformed.
        sample_rate: of the recording, Hz.
    """
    frequencies = np.fft.rfftfreq(window // thin, thin / sample_rate)
    # The filters of the standard, tables 1 and 2, are given for this rate.
    z = np.exp(-2j * np.pi * np.minimum(frequencies, 23999.0) / 48000)
    shelf = _response(z, (1.53512485958697, -2.69169618940638, 1.19839281085285))
    shelf /= _response(z, (1.0, -1.69065929318241, 0.73248077421585))
    high_pass = _response(z, (1.0, -2.0, 1.0))
    high_pass /= _response(z, (1.0, -1.99004745483398, 0.99007225036621))
    steps = np.exp(2j * np.pi * np.outer(frequencies, np.arange(thin)) / sample_rate)
    sums = np.abs(steps.sum(axis=1))  # effect of the summation on each frequency
    factors = np.square(np.abs(shelf * high_pass) / sums) / (window // thin) ** 2
    factors[1 : (window // thin + 1) // 2] *= 2  # also stand for the negative frequencies
    # Real and imaginary parts have the same weight: no magnitude is needed.
    weights: Samples = np.repeat(factors, 2).astype(np.float32)
    return weights


def _response(z: npt.NDArray[np.complex128], taps: tuple[float, ...]) -> npt.NDArray[np.complex128]:
    return np.asarray(sum(tap * z**i for i, tap in enumerate(taps)))

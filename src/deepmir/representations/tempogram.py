"""Autocorrelation tempogram, for networks that estimate tempo and metre."""

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from deepmir.fields import Whole
from deepmir.representations.base import Array, Axis
from deepmir.representations.conditioning import Decibel
from deepmir.representations.derived import Derived
from deepmir.representations.fourier import taper
from deepmir.representations.framing import BLOCK, Context, blocks, centred_frames
from deepmir.representations.mel import Mel


class Tempogram(Derived):
    """Local autocorrelation of the onset strength (Grosche, Mueller and Kurth, ICASSP 2010).

    Onset strength is the mean over frequency of the frame-to-frame increases of a mel-spectrogram
    in decibels. Bin ``l`` is a lag of l frames; frames are divided by their maximum.
    """

    axis: ClassVar[Axis] = "tempo"
    bins_per_octave: ClassVar[None] = None
    frontend: ClassVar[str] = "derived.Periodicity"
    kind: Literal["tempogram"] = "tempogram"
    bins: Whole = Field(
        384, ge=2, le=10_000, description="lags, and frames of the window of correlation"
    )
    source: Mel = Field(
        Mel(conditioning=(Decibel(),)), description="the mel-spectrogram whose rises are onsets"
    )

    @property
    def frequencies(self) -> npt.NDArray[np.float64]:
        """Repetitions per second at every lag, shape (bins,), Hz, infinite at lag 0."""
        lags = np.arange(self.bins, dtype=np.float64)
        rates = np.full(self.bins, np.inf)
        rates[1:] = self.frame_rate / lags[1:]
        return rates

    @property
    def raw_unit(self) -> str:
        """Unit before conditioning."""
        return "autocorrelation / maximum"

    @property
    def raw_signed(self) -> bool:
        """Whether values can be negative before conditioning."""
        return True

    @property
    def delay(self) -> int:
        """Frames from an increase to its onset: a frame extends half a window past its centre."""
        return 1 + self.source.window // (2 * self.hop)

    def raw_context(self) -> Context:
        """Temporal context of its frames, before conditioning."""
        half = self.bins // 2
        return self.source.context().wider(half + self.delay, half)

    def onset_strength(self, samples: Array) -> Array:
        """Mean increase over frequency, delayed by `delay`, shape (frames,)."""
        levels = self.source(samples)
        strength = np.zeros(len(levels), np.float32)
        delay = self.delay
        for which in blocks(len(levels) - delay, 4096):
            rises = levels[which.start + 1 : which.stop + 1] - levels[which]
            strength[which.start + delay : which.stop + delay] = np.maximum(rises, 0).mean(axis=1)
        return strength

    def analyse(self, samples: Array) -> Array:
        """Frames of the (separated) samples."""
        from scipy.fft import irfft, next_fast_len, rfft

        strength = _ramped(self.onset_strength(samples), self.bins // 2)
        frames = self.frames(len(samples))
        values = np.empty((frames, self.bins), np.float32)
        size = next_fast_len(2 * self.bins - 1, real=True)
        weights = taper("hann", self.bins)
        for which in blocks(frames, max(1, BLOCK // size)):
            shifted = slice(which.start + self.bins // 2, which.stop + self.bins // 2)
            windowed = centred_frames(strength, self.bins, 1, shifted) * weights
            spectrum = rfft(windowed, size)
            power = (spectrum * spectrum.conj()).real
            found = irfft(power, size)[:, : self.bins]
            peak = np.abs(found).max(axis=1, keepdims=True)
            np.divide(found, peak, out=found, where=peak > np.finfo(np.float32).tiny)
            values[which] = found
        return values


def _ramped(strength: Array, length: int) -> Array:
    """Fade in to the first value and out from the last: no onset at the ends of the recording."""
    return np.pad(strength, length, mode="linear_ramp")

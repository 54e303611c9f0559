"""Harmonic-percussive separation of the samples, an optional step before any representation."""

import math
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from deepmir.fields import Count, Positive, Whole
from deepmir.representations.fourier import Window, resynthesised, spectra
from deepmir.representations.framing import Context, blocks
from deepmir.representations.versioned import Versioned

Array = npt.NDArray[np.float32]

# Frames separated at once: memory does not grow with the file.
CHUNK = 1024


class Separation(Versioned):
    """Median filtering of the STFT (Fitzgerald, DAFx 2010), with Wiener masks and margins.

    Harmonic parts are smooth along time, percussive ones along frequency: the medians of |S| in
    each direction, H and P, give the mask ``H^p / (H^p + (margin P)^p)`` of the harmonic
    component, and with H and P exchanged that of the percussive one (margins: Driedger,
    Mueller and Disch, ISMIR 2014).
    """

    keep: Literal["harmonic", "percussive"] = Field(description="the component that is kept")
    window: Window = Field(2048, description="samples a frame of the STFT")
    hop: Count = Field(512, description="samples from frame to frame of the STFT")
    kernel: Whole = Field(31, ge=3, le=1001, description="frames, and bins, of the medians; odd")
    power: Positive = Field(2.0, le=100, description="exponent p of the masks")
    margin: Positive = Field(
        1.0, ge=1, le=100, description="how much the component must exceed the other"
    )

    @model_validator(mode="after")
    def _covers_all(self) -> Self:
        if self.kernel % 2 == 0:
            raise ValueError(f"kernel must be odd, but is {self.kernel}")
        if self.hop > self.window // 2:
            raise ValueError(f"hop {self.hop} is above half the window, {self.window // 2}")
        return self

    def __call__(self, samples: Array) -> Array:
        """Separate audio.

        Args:
            samples: Audio, shape (n,).

        Returns:
            The component, shape (n,).
        """
        frames = 1 + len(samples) // self.hop
        reach = self.kernel // 2 + -(-self.window // self.hop)
        result = np.empty(len(samples), np.float32)
        for which in blocks(frames, CHUNK):
            first, last = max(which.start - reach, 0), min(which.stop + reach, frames)
            part = self._separated(samples, first, last)
            stop = which.stop * self.hop if which.stop < frames else len(samples)
            start = which.start * self.hop
            result[start:stop] = part[start - first * self.hop : stop - first * self.hop]
        return result

    def _separated(self, samples: Array, first: int, last: int) -> Array:
        """The component from frame ``first`` to ``last``, inexact near its ends inside the file."""
        at_end = last > len(samples) // self.hop
        signal = samples[first * self.hop : None if at_end else (last - 1) * self.hop]
        spectrum = np.concatenate([s for _, s in spectra(signal, self.window, self.hop)])
        spectrum *= self._mask(np.abs(spectrum))
        return resynthesised(spectrum, self.window, self.hop, "hann", len(signal))

    def _mask(self, magnitudes: Array) -> Array:
        """Share of the component in each bin, shape of ``magnitudes`` (frames, bins)."""
        from deepmir.representations.medians import running_median

        harmonic = running_median(magnitudes, self.kernel)
        percussive = running_median(np.ascontiguousarray(magnitudes.T), self.kernel).T
        kept, other = (harmonic, percussive) if self.keep == "harmonic" else (percussive, harmonic)
        # Divided by the larger one, the powers neither overflow nor underflow.
        rival = other * np.float32(self.margin)
        largest = np.maximum(kept, rival)
        audible = largest > np.finfo(np.float32).tiny
        largest[~audible] = 1
        share, rest = (kept / largest) ** self.power, (rival / largest) ** self.power
        mask: Array = np.full_like(share, 0.5 if self.margin == 1 else 0)
        np.divide(share, share + rest, out=mask, where=audible)
        return mask


def context_of(reach: int, hop: int, separation: Separation | None) -> Context:
    """The temporal context of a frame.

    Args:
        reach: samples on either side of its centre that it depends on.
        hop: samples between frames.
        separation: applied to these samples before.
    """
    if separation is None:
        frames = math.ceil(reach / hop)
        return Context(frames, frames)
    # A sample lies in the frames of one window on either side, each of them within a median.
    reach += 2 * separation.window + (separation.kernel // 2) * separation.hop
    frames = math.ceil(reach / hop)
    return Context(frames, frames, separation.hop // math.gcd(hop, separation.hop))

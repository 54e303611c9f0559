"""Spectra compressed by a filterbank: what mel, bark, ERB, gammatone and log-frequency share."""

from abc import abstractmethod
from functools import lru_cache
from typing import Annotated, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from deepmir.fields import Count, Whole
from deepmir.representations.banded import Band, banded, product
from deepmir.representations.base import Array, Framed
from deepmir.representations.fourier import Taper, Window, spectra, squared

Weights = npt.NDArray[np.float64]
Bins = Annotated[Count, Field(le=10_000)]

# Weights of a filterbank, which are half a gigabyte and two seconds while it is made.
LARGEST = 2**23


class Filterbank(Framed):
    """Weighted sums of the bins of an STFT."""

    window: Window = Field(2048, description="samples a frame of the STFT")
    taper: Taper = Field("hann", description="window function")
    power: Whole = Field(2, ge=1, le=2, description="what is summed: 1 magnitudes, 2 powers")

    @abstractmethod
    def weights(self) -> Weights:
        """The filterbank, shape (bins, 1 + window // 2)."""

    @property
    def fourier_frequencies(self) -> Weights:
        """Frequencies of the STFT's bins, shape (1 + window // 2,), Hz."""
        bins = np.arange(1 + self.window // 2, dtype=np.float64)
        return bins * (self.sample_rate / self.window)

    @property
    def _unit(self) -> str:
        return "power" if self.power == 2 else "magnitude"

    @abstractmethod
    def _check_band(self) -> None:
        """Raise ValueError if the filters do not lie between zero and Nyquist."""

    @model_validator(mode="after")
    def _no_dead_bin(self) -> Self:
        if self.bins * self.window // 2 > LARGEST:
            raise ValueError(
                f"{self.bins} filters over a window of {self.window} samples are too many weights: "
                "use fewer bins or a shorter window"
            )
        self._check_band()
        with np.errstate(all="ignore"):  # filters without a width are found empty
            empty = np.flatnonzero(~(self.weights() > 0).any(axis=1))
        if empty.size:
            raise ValueError(
                f"{len(empty)} of {self.bins} filters, the first at "
                f"{self.frequencies[empty[0]]:.0f} Hz, fall between the bins of a "
                f"{self.window}-sample window: use fewer bins or a longer window, "
                "or widen the band (fmin, fmax)"
            )
        return self

    def _analyse(self, samples: Array) -> Array:
        bands = _bands(self)
        values = np.empty((self.frames(len(samples)), self.bins), np.float32)
        for which, spectrum in spectra(samples, self.window, self.hop, self.taper):
            summed = squared(spectrum) if self.power == 2 else np.abs(spectrum)
            product(summed, bands, values[which])
        return values


@lru_cache(maxsize=16)
def _bands(bank: Filterbank) -> tuple[Band, ...]:
    weights = bank.weights()
    # Power is a sum of two squares: giving both the same weight saves the pass that adds them.
    return banded(np.repeat(weights, 2, axis=1) if bank.power == 2 else weights)

"""Spectra compressed by a filterbank: the base of mel, bark, ERB, gammatone and log-frequency.

A new filterbank is a class with a `kind`, its `frequencies` and its `weights` or, for triangles,
its `edges`; everything else is inherited.
"""

from abc import abstractmethod
from functools import lru_cache
from typing import Annotated, ClassVar, Literal, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from deepmir.fields import Count, Number, Positive, Whole
from deepmir.representations.base import Array, Axis, Framed
from deepmir.representations.fourier import Taper, Window, spectra, squared

Weights = npt.NDArray[np.float64]
Bins = Annotated[Count, Field(le=10_000)]
Norm = Literal["none", "area", "sum"]

# Limit of weights of a filterbank: half a gigabyte and two seconds during construction.
LARGEST = 2**23

# Filters per group: fewer waste less on zeros, more keep the matrix product efficient.
GROUP = 16


class Filterbank(Framed):
    """Weighted sums of the bins of an STFT."""

    axis: ClassVar[Axis] = "frequency"
    frontend: ClassVar[str] = "fourier.Bank"
    stackable: ClassVar[bool] = True

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
    def reach(self) -> int:
        """Samples on either side of its centre that a frame depends on."""
        return self.window // 2

    @property
    def raw_unit(self) -> str:
        """Unit before conditioning."""
        return "power" if self.power == 2 else "magnitude"

    @abstractmethod
    def check_band(self) -> None:
        """Raise ValueError if the filters do not lie between zero and Nyquist."""

    @model_validator(mode="after")
    def _no_dead_bin(self) -> Self:
        if self.bins * self.window // 2 > LARGEST:
            raise ValueError(
                f"{self.bins} filters over a window of {self.window} samples are too many weights: "
                "use fewer bins or a shorter window"
            )
        self.check_band()
        with np.errstate(all="ignore"):  # filters of zero width are detected as empty
            empty = np.flatnonzero(~(self.weights() > 0).any(axis=1))
        if empty.size:
            raise ValueError(
                f"{len(empty)} of {self.bins} filters, the first at "
                f"{self.frequencies[empty[0]]:.0f} Hz, fall between the bins of a "
                f"{self.window}-sample window: use fewer bins or a longer window, "
                "or widen the band (fmin, fmax)"
            )
        return self

    def analyse(self, samples: Array) -> Array:
        """Frames of the (separated) samples."""
        bands = _bands(self)
        values = np.empty((self.frames(len(samples)), self.bins), np.float32)
        for which, spectrum in spectra(samples, self.window, self.hop, self.taper):
            summed = squared(spectrum) if self.power == 2 else np.abs(spectrum)
            product(summed, bands, values[which])
        return values


class Auditory(Filterbank):
    """Filters evenly spaced on an auditory scale."""

    bins_per_octave: ClassVar[None] = None
    bins: Bins = Field(128, description="number of filters")
    fmin: Number = Field(0.0, ge=0, description="lowest frequency, Hz")
    fmax: Positive | None = Field(None, description="highest frequency, Hz; null is Nyquist")

    @property
    def highest(self) -> float:
        """Highest frequency, Hz."""
        return self.sample_rate / 2 if self.fmax is None else self.fmax

    def check_band(self) -> None:
        """Raise ValueError if the filters do not lie between zero and Nyquist."""
        if not self.fmin < self.highest <= self.sample_rate / 2:
            raise ValueError(
                f"fmin {self.fmin:g} and fmax {self.highest:g} Hz must increase and stay "
                f"below half the sample rate, {self.sample_rate / 2:g} Hz"
            )


class Triangular(Auditory):
    """Triangles between neighbouring corners, evenly spaced on an auditory scale."""

    norm: Norm = Field("area", description="what the filters have in common: area, sum or height")

    @property
    @abstractmethod
    def edges(self) -> Weights:
        """Corners of the triangles, shape (bins + 2,), Hz."""

    @property
    def frequencies(self) -> Weights:
        """Peak of every filter, shape (bins,), Hz."""
        return self.edges[1:-1]

    def weights(self) -> Weights:
        """The filterbank, shape (bins, 1 + window // 2)."""
        edges = self.edges
        return normalised(
            triangles(edges, self.fourier_frequencies), self.norm, edges[2:] - edges[:-2]
        )


def triangles(edges: Weights, frequencies: Weights) -> Weights:
    """Triangles of height one between neighbouring edges.

    Args:
        edges: Increasing; filter k rises from edge k to k + 1 and falls to k + 2; (filters + 2,).
        frequencies: Where the filters are sampled, on the scale of the edges, shape (inputs,).

    Returns:
        float64, shape (filters, inputs).
    """
    rising = (frequencies - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - frequencies) / (edges[2:] - edges[1:-1])[:, None]
    heights: Weights = np.maximum(np.minimum(rising, falling), 0.0)
    return heights


def normalised(weights: Weights, norm: Norm, widths: Weights) -> Weights:
    """Scale each filter.

    Args:
        weights: Filterbank, shape (filters, inputs).
        norm: ``area`` divides by half the width in Hz (Slaney's constant energy per filter),
            ``sum`` by the sum of the weights, ``none`` leaves peaks of one.
        widths: Width of each filter at its base, shape (filters,), Hz.

    Returns:
        float64, shape (filters, inputs).
    """
    if norm == "area":
        return np.asarray(weights * (2 / widths)[:, None])
    if norm == "sum":
        sums = np.maximum(weights.sum(axis=1), np.finfo(np.float64).tiny)
        return np.asarray(weights / sums[:, None])
    return weights


class Band(NamedTuple):
    """Filters ``rows``, all zero outside the inputs ``columns``; weights (inputs, filters)."""

    rows: slice
    columns: slice
    weights: Array


def banded(weights: npt.NDArray[np.float64], group: int = GROUP) -> tuple[Band, ...]:
    """Split a filterbank into groups of neighbouring filters without their common zeros.

    Args:
        weights: Filterbank, shape (filters, inputs).
        group: Filters per group.

    Returns:
        The groups, in order.
    """
    return tuple(_band(weights, first, group) for first in range(0, len(weights), group))


def _band(weights: npt.NDArray[np.float64], first: int, group: int) -> Band:
    rows = weights[first : first + group]
    used = np.flatnonzero(rows.any(axis=0))
    columns = slice(int(used[0]), int(used[-1]) + 1) if used.size else slice(0, 1)
    kept = np.ascontiguousarray(rows[:, columns].T, dtype=np.float32)
    return Band(slice(first, first + len(rows)), columns, kept)


def product(values: Array, bands: tuple[Band, ...], out: Array) -> None:
    """Write ``values @ weights.T`` into ``out``.

    Args:
        values: Inputs, shape (frames, inputs).
        bands: The filterbank, from `banded`.
        out: Result, shape (frames, filters), overwritten.
    """
    for rows, columns, weights in bands:
        np.matmul(values[:, columns], weights, out=out[:, rows])


@lru_cache(maxsize=16)
def _bands(bank: Filterbank) -> tuple[Band, ...]:
    weights = bank.weights()
    # Power is a sum of two squares: giving both the same weight saves the pass that adds them.
    return banded(np.repeat(weights, 2, axis=1) if bank.power == 2 else weights)

"""Constant-Q transform (tutorial, section 3.2, equation 4)."""

from typing import ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from deepmir.fields import Count, Positive
from deepmir.representations.base import Array, Axis, Framed
from deepmir.representations.constant_q import Filters, constant_q, highest, quality, reach

# Limit of the total length of all filters: two gigabytes during construction.
LARGEST = 2**26
C1 = 32.70319566257483  # Hz, with A4 at 440 Hz


class Cqt(Framed):
    """Magnitudes at centre frequencies ``f_c(k) = fmin 2^(k / bins_per_octave)`` (equation 4).

    Every filter spans the same number of cycles, so resolution follows pitch.
    """

    axis: ClassVar[Axis] = "frequency"
    frontend: ClassVar[str] = "constant_q.ConstantQ"
    stackable: ClassVar[bool] = True
    kind: Literal["cqt"] = "cqt"
    bins: Count = Field(
        84, le=10_000, description="number of filters: octaves times bins_per_octave"
    )
    bins_per_octave: Count = Field(12, le=1200, description="beta of equation 4: 12, 24, 36, ...")
    fmin: Positive = Field(C1, description="lowest frequency, Hz; the default is C1")
    filter_scale: Positive = Field(1.0, le=100, description="below 1 shortens the filters in time")

    @property
    def frequencies(self) -> npt.NDArray[np.float64]:
        """Centre of every bin, shape (bins,), Hz (equation 4)."""
        return self.fmin * 2.0 ** (np.arange(self.bins) / self.bins_per_octave)

    @property
    def filters(self) -> Filters:
        """The filters as passed to the kernel."""
        q = quality(self.bins_per_octave, self.filter_scale)
        return Filters(tuple(self.frequencies.tolist()), q, self.sample_rate)

    @property
    def channel_filters(self) -> tuple[Filters, npt.NDArray[np.int_]]:
        """The filters, and the filter index of each bin, shape (bins, 1)."""
        return self.filters, np.arange(self.bins)[:, None]

    @property
    def reach(self) -> int:
        """Samples on either side of its centre that a frame depends on."""
        return reach(self.filters, self.hop)

    @model_validator(mode="after")
    def _below_nyquist(self) -> Self:
        check_octaves(self.bins, self.bins_per_octave)
        check_lengths(self.filters)
        if highest(self.filters) > self.sample_rate / 2:
            raise ValueError(
                f"the highest of {self.bins} bins reaches {highest(self.filters):.0f} Hz, above "
                f"half the sample rate, {self.sample_rate / 2:g} Hz: lower fmin, or use fewer bins"
            )
        return self

    @property
    def raw_unit(self) -> str:
        """Unit before conditioning."""
        return "magnitude"

    def analyse(self, samples: Array) -> Array:
        """Frames of the (separated) samples."""
        values = np.empty((self.frames(len(samples)), self.bins), np.float32)
        for which, block in constant_q(samples, self.filters, self.hop):
            values[which] = block
        return values


def check_lengths(filters: Filters) -> None:
    """Refuse filters that are too long, before they are constructed.

    Raises:
        ValueError: when all of them together would fill the memory.
    """
    cycles = sum(1 / frequency for frequency in filters.frequencies)
    if filters.quality * filters.sample_rate * cycles > LARGEST:
        longest = filters.quality / filters.frequencies[0]
        raise ValueError(
            f"{len(filters.frequencies)} filters of up to {longest:.3g} s are too long: raise "
            "fmin, or lower bins, bins_per_octave or filter_scale"
        )


def check_octaves(bins: int, bins_per_octave: int) -> None:
    """Refuse twice the range of hearing, before its frequencies are computed.

    Raises:
        ValueError: when the bins span more than 20 octaves.
    """
    if bins > 20 * bins_per_octave:
        raise ValueError(f"{bins} bins at {bins_per_octave} an octave are more than 20 octaves")

"""Harmonic CQT: constant-Q transforms of the harmonics as channels (Bittner et al., ISMIR 2017)."""

from typing import Annotated, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from deepmir.fields import Different, Positive
from deepmir.representations.base import Array, Axis, Base
from deepmir.representations.constant_q import Filters, constant_q, highest, reach
from deepmir.representations.cqt import Cqt, check_lengths
from deepmir.representations.derived import Derived
from deepmir.representations.framing import Context
from deepmir.representations.separation import Separation, context_of

Harmonic = Annotated[Positive, Field(ge=0.01, le=100)]


class Hcqt(Derived):
    """Channel ``h`` holds, in bin k, the CQT at ``h f_c(k)`` (equation 4 with fmin times h).

    Harmonics of one note then lie in one bin, where a small convolution kernel covers them all.
    """

    axis: ClassVar[Axis] = "frequency"
    frontend: ClassVar[str] = "constant_q.ConstantQ"
    kind: Literal["hcqt"] = "hcqt"
    source: Cqt = Field(
        Cqt(bins=216, bins_per_octave=36), description="the CQT of the first harmonic"
    )
    harmonics: Different[tuple[Harmonic, ...]] = Field(
        (0.5, 1.0, 2.0, 3.0, 4.0, 5.0),
        min_length=2,
        max_length=32,
        description="multiples h of fmin",
    )

    @property
    def bins(self) -> int:
        """Bins of the CQT."""
        return self.source.bins

    @property
    def bins_per_octave(self) -> int:
        """Bins per octave of the CQT."""
        return self.source.bins_per_octave

    @property
    def channels(self) -> int:
        """Number of harmonics."""
        return len(self.harmonics)

    @property
    def frequencies(self) -> npt.NDArray[np.float64]:
        """Fundamental of every bin, shape (bins,), Hz."""
        return self.source.frequencies

    @property
    def channel_frequencies(self) -> npt.NDArray[np.float64]:
        """Centre of every bin of every channel, shape (channels, bins), Hz."""
        return np.outer(self.harmonics, self.frequencies)

    @property
    def parts(self) -> tuple[Base, ...]:
        """None: the source defines the filters, and is not computed."""
        return ()

    @property
    def separation(self) -> Separation | None:  # type: ignore[override]
        """The separation applied to the samples before anything else."""
        return self.source.separation

    def raw_context(self) -> Context:
        """Temporal context of its frames, before conditioning."""
        return context_of(reach(self.channel_filters[0], self.hop), self.hop, self.separation)

    @property
    def raw_unit(self) -> str:
        """Unit before conditioning."""
        return "magnitude"

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.source.conditioning:
            raise ValueError("give the conditioning to hcqt, not to its source")
        if self.source.storage != "float16":
            raise ValueError("the source of hcqt is not stored: declare storage for hcqt")
        filters, _ = self.channel_filters
        check_lengths(filters)
        top = highest(filters)
        if top > self.sample_rate / 2:
            raise ValueError(
                f"harmonic {max(self.harmonics):g} of the source's highest bin reaches {top:.0f} "
                f"Hz, above half the sample rate, {self.sample_rate / 2:g} Hz: use fewer bins or "
                "harmonics"
            )
        return self

    @property
    def channel_filters(self) -> tuple[Filters, npt.NDArray[np.int_]]:
        """Each filter once, and the filter index of each bin and harmonic, (bins, harmonics).

        Octave-related harmonics share almost all of their frequencies.
        """
        wanted = np.outer(self.frequencies, self.harmonics)
        cents = np.round(1200e3 * np.log2(wanted)).astype(np.int64)  # equal to a thousandth
        _, first, index = np.unique(cents, return_index=True, return_inverse=True)
        shared = wanted.ravel()[first]
        filters = self.source.filters._replace(frequencies=tuple(shared.tolist()))
        return filters, index.reshape(self.bins, self.channels)

    def analyse(self, samples: Array) -> Array:
        """Frames of the (separated) samples."""
        filters, places = self.channel_filters
        values = np.empty((self.frames(len(samples)), self.bins, self.channels), np.float32)
        for which, block in constant_q(samples, filters, self.hop):
            values[which] = block[:, places]
        return values

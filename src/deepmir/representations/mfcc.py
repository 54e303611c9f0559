"""Mel-frequency cepstral coefficients (compared with chromagrams in the tutorial's section 3.2)."""

from typing import ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from deepmir.fields import Count
from deepmir.representations.base import Array, Axis
from deepmir.representations.conditioning import Decibel
from deepmir.representations.derived import Derived
from deepmir.representations.mel import Mel


class Mfcc(Derived):
    """First coefficients of the orthonormal cosine transform (II) of a log mel-spectrogram.

    Davis and Mermelstein (1980).
    """

    axis: ClassVar[Axis] = "coefficient"
    bins_per_octave: ClassVar[None] = None
    frontend: ClassVar[str] = "derived.Cepstrum"
    kind: Literal["mfcc"] = "mfcc"
    bins: Count = Field(20, le=10_000, description="number of coefficients")
    source: Mel = Field(
        Mel(conditioning=(Decibel(),)), description="the mel-spectrogram, conditioned by a log"
    )

    @property
    def frequencies(self) -> npt.NDArray[np.float64]:
        """NaN for every bin: coefficients have no frequency."""
        return np.full(self.bins, np.nan)

    @property
    def raw_unit(self) -> str:
        """Unit before conditioning."""
        return self.source.units

    @property
    def raw_signed(self) -> bool:
        """Whether values can be negative before conditioning."""
        return True

    @model_validator(mode="after")
    def _enough_bands(self) -> Self:
        if self.bins > self.source.bins:
            raise ValueError(f"{self.source.bins} mel bins cannot give {self.bins} coefficients")
        return self

    def cosines(self) -> Array:
        """The required rows of the cosine transform, shape (bins, source bins)."""
        # A product with a few rows costs less than the full transform.
        size = self.source.bins
        rows = np.arange(self.bins)[:, None]
        transform = np.cos(np.pi / size * rows * (np.arange(size) + 0.5)) * np.sqrt(2 / size)
        transform[0] /= np.sqrt(2)
        return np.asarray(transform, dtype=np.float32)

    def analyse(self, samples: Array) -> Array:
        """Frames of the (separated) samples."""
        coefficients: Array = self.source(samples) @ self.cosines().T
        return coefficients

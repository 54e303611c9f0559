"""Chromagram (tutorial, section 3.2, equation 5)."""

from typing import Annotated, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from deepmir.fields import Count
from deepmir.representations.base import Array, Axis
from deepmir.representations.cqt import Cqt
from deepmir.representations.derived import Derived
from deepmir.representations.logfrequency import LogFrequency

# Order of the vector norm for each name.
ORDERS = {"maximum": np.inf, "euclidean": 2, "sum": 1}


class Chroma(Derived):
    """``C(b) = sum_z |X(b + z beta)|`` over octaves z (equation 5), with X a CQT or log-frequency.

    With beta a multiple of ``bins``, the bins around each pitch class are summed as well. Class 0
    is the pitch of the source's fmin, C by default.
    """

    axis: ClassVar[Axis] = "pitch class"
    frontend: ClassVar[str] = "derived.Folded"
    stackable: ClassVar[bool] = True
    kind: Literal["chroma"] = "chroma"
    bins: Count = Field(
        12,
        le=10_000,
        description="pitch classes; divides the source's bins_per_octave",
    )
    source: Annotated[Cqt | LogFrequency, Field(discriminator="kind")] = Field(
        Cqt(bins=252, bins_per_octave=36), description="the log-frequency spectrum that is folded"
    )
    norm: Literal["maximum", "euclidean", "sum", "none"] = Field(
        "maximum", description="what each frame is divided by"
    )

    @property
    def bins_per_octave(self) -> int:
        """Number of pitch classes, which fill one octave."""
        return self.bins

    @property
    def frequencies(self) -> npt.NDArray[np.float64]:
        """Lowest frequency of every pitch class, shape (bins,), Hz."""
        return self.source.fmin * 2.0 ** (np.arange(self.bins) / self.bins)

    @property
    def raw_unit(self) -> str:
        """Unit before conditioning."""
        return self.source.units if self.norm == "none" else f"{self.source.units} / {self.norm}"

    @property
    def raw_signed(self) -> bool:
        """Whether values can be negative before conditioning."""
        return self.source.signed

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.source.bins_per_octave % self.bins:
            raise ValueError(
                f"{self.bins} pitch classes do not divide the source's "
                f"{self.source.bins_per_octave} bins per octave"
            )
        return self

    def folding(self) -> Array:
        """Binary matrix that sums bins into pitch classes, shape (source bins, bins)."""
        merged = self.source.bins_per_octave // self.bins
        nearest = (np.arange(self.source.bins) + merged // 2) // merged % self.bins
        return np.equal.outer(nearest, np.arange(self.bins)).astype(np.float32)

    def analyse(self, samples: Array) -> Array:
        """Frames of the (separated) samples."""
        classes: Array = self.source(samples) @ self.folding()
        if self.norm == "none":
            return classes
        size = np.linalg.norm(classes, ORDERS[self.norm], axis=1, keepdims=True)
        # Silent frames stay zero instead of becoming noise at full scale.
        np.divide(classes, size, out=classes, where=size > np.finfo(np.float32).tiny)
        return classes

"""Bark spectrogram (named in the tutorial's section 3.2)."""

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from deepmir.representations.filterbank import Bins, Triangular

Values = npt.NDArray[np.float64]


class Bark(Triangular):
    """Triangular filters, evenly spaced on the bark scale ``26.81 f / (1960 + f) - 0.53``.

    The scale is Traunmueller's (JASA, 1990) without the corrections at its two ends.
    """

    kind: Literal["bark"] = "bark"
    bins: Bins = Field(64, description="number of filters")

    @property
    def edges(self) -> Values:
        """Corners of the triangles, shape (bins + 2,), Hz."""
        lowest, highest = to_bark(np.array([self.fmin, self.highest]))
        return from_bark(np.linspace(float(lowest), float(highest), self.bins + 2))


def to_bark(frequencies: Values) -> Values:
    """Hertz to bark, any shape."""
    return 26.81 * frequencies / (1960 + frequencies) - 0.53


def from_bark(barks: Values) -> Values:
    """Bark to hertz, the inverse of `to_bark`."""
    return 1960 * (barks + 0.53) / (26.28 - barks)

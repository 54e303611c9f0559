"""ERB-rate spectrogram (equivalent rectangular bandwidths, named in the tutorial's section 3.2)."""

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from deepmir.representations.filterbank import Bins, Triangular

Values = npt.NDArray[np.float64]


class Erb(Triangular):
    """Triangular filters, evenly spaced on the ERB-rate scale ``21.4 log10(1 + 0.00437 f)``.

    The scale is Glasberg and Moore's (Hearing Research, 1990, equation 4).
    """

    kind: Literal["erb"] = "erb"
    bins: Bins = Field(64, description="number of filters")

    @property
    def edges(self) -> Values:
        """Corners of the triangles, shape (bins + 2,), Hz."""
        return erb_spaced(self.fmin, self.highest, self.bins + 2)


def erb_spaced(lowest: float, highest: float, count: int) -> Values:
    """Frequencies evenly spaced on the ERB-rate scale, including both ends, shape (count,), Hz."""
    rates = 21.4 * np.log10(1 + 0.00437 * np.array([lowest, highest]))
    spaced = np.linspace(float(rates[0]), float(rates[1]), count)
    return np.asarray((10 ** (spaced / 21.4) - 1) / 0.00437)


def bandwidth(frequencies: Values) -> Values:
    """Equivalent rectangular bandwidth ``24.7 (1 + 0.00437 f)``, any shape, Hz."""
    return 24.7 * (1 + 0.00437 * frequencies)

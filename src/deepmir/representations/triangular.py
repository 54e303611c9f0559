"""What the filterbanks of triangles share: mel, bark and ERB differ in where the corners are."""

from abc import abstractmethod

import numpy as np
import numpy.typing as npt
from pydantic import Field

from deepmir.representations.auditory import Auditory
from deepmir.representations.triangles import Norm, normalised, triangles

Values = npt.NDArray[np.float64]


class Triangular(Auditory):
    """Triangles between neighbouring corners that a scale of hearing spaces evenly."""

    norm: Norm = Field("area", description="what the filters have in common: area, sum or height")

    @property
    @abstractmethod
    def edges(self) -> Values:
        """Corners of the triangles, shape (bins + 2,), Hz."""

    @property
    def frequencies(self) -> Values:
        """Peak of every filter, shape (bins,), Hz."""
        return self.edges[1:-1]

    def weights(self) -> Values:
        """The filterbank, shape (bins, 1 + window // 2)."""
        edges = self.edges
        return normalised(
            triangles(edges, self.fourier_frequencies), self.norm, edges[2:] - edges[:-2]
        )

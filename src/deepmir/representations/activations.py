"""What the representations that are the outputs of networks have in common."""

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from deepmir import paths
from deepmir.errors import DeepmirError
from deepmir.representations.base import Array, Axis
from deepmir.representations.derived import Derived
from deepmir.representations.framing import Context


class Activations(Derived):
    """Outputs of a network, one row for every frame of its input.

    Features are computed by the stage `features` alone: the networks are on a higher floor.
    """

    axis: ClassVar[Axis] = "coefficient"
    bins_per_octave: ClassVar[None] = None
    frontend: ClassVar[str] = "rows.Rows"

    @property
    def frequencies(self) -> npt.NDArray[np.float64]:
        """The number of every bin, shape (bins,): they have no frequency."""
        return np.arange(self.bins, dtype=np.float64)

    @property
    def raw_unit(self) -> str:
        """Unit before conditioning."""
        return "activation"

    @property
    def raw_signed(self) -> bool:
        """Whether values can be negative before conditioning."""
        return True

    def raw_context(self) -> Context:
        """An output may have heard everything.

        Raises:
            DeepmirError: always.
        """
        raise DeepmirError("activations of a network are kept in HDF5: leave precompute out")

    def analyse(self, samples: Array) -> Array:
        """Computed by `deepmir.models`, which has the networks.

        Raises:
            DeepmirError: always.
        """
        raise DeepmirError(
            f"kind {self.kind} is the output of a network, which only "
            f"`{paths.deepmir('features')}` computes"
        )

"""The base of representations that are outputs of networks."""

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from deepmir import paths
from deepmir.errors import DeepmirError
from deepmir.representations.base import Array, Axis
from deepmir.representations.derived import Derived
from deepmir.representations.framing import Context


class Activations(Derived):
    """Outputs of a network, one row per frame of its input.

    Only the stage `features` computes them: this package does not depend on the networks.
    """

    axis: ClassVar[Axis] = "coefficient"
    bins_per_octave: ClassVar[None] = None
    frontend: ClassVar[str] = "rows.Rows"

    @property
    def frequencies(self) -> npt.NDArray[np.float64]:
        """The index of every bin, shape (bins,), in place of a frequency."""
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
        """An output may depend on the whole recording.

        Raises:
            DeepmirError: always.
        """
        raise DeepmirError("activations of a network are kept in HDF5: leave precompute out")

    def analyse(self, samples: Array) -> Array:
        """Computed by `deepmir.models`, which can use networks.

        Raises:
            DeepmirError: always.
        """
        raise DeepmirError(
            f"kind {self.kind} is the output of a network, which only "
            f"`{paths.deepmir('features')}` computes"
        )

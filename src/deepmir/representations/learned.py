"""What representations have in common that a trained model computes, and not the samples alone."""

import json
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from deepmir import paths
from deepmir.errors import DeepmirError
from deepmir.fields import Count
from deepmir.representations.base import Array, Axis, Derived
from deepmir.representations.framing import Context


class Learned(Derived):
    """A representation by the weights of a model: features are computed by `features` alone.

    Attributes:
        called: what its frames are, in words.
        computed_by: the module whose `function` makes what computes them.
    """

    axis: ClassVar[Axis] = "coefficient"
    bins_per_octave: ClassVar[None] = None
    frontend: ClassVar[str] = "rows.Rows"
    called: ClassVar[str]
    computed_by: ClassVar[str]
    bins: Count = Field(1, le=100_000, description="found: the numbers of a frame")
    weights: str = Field(
        "",
        pattern="^[0-9a-f]{0,64}$",
        description="found: hash of the weights, or of the declaration that has them",
    )

    if TYPE_CHECKING:  # a field of every kind

        @property
        def model(self) -> str:
            """Whose weights they are."""

    @property
    def frequencies(self) -> npt.NDArray[np.float64]:
        """The number of every bin, shape (bins,): they have no frequency."""
        return np.arange(self.bins, dtype=np.float64)

    @property
    def stamp(self) -> str:
        """The digest, with the weights of a model of the same file as they are now."""
        try:
            card = json.loads((paths.model(self.model) / "card.json").read_bytes())
            return f"{self.digest}-{card['weights_sha256'][:16]}"
        except (OSError, ValueError, KeyError, TypeError):
            return self.digest

    @property
    def raw_unit(self) -> str:
        """Unit before conditioning."""
        return "activation"

    @property
    def raw_signed(self) -> bool:
        """Whether values can be negative before conditioning."""
        return True

    def raw_context(self) -> Context:
        """A frame may have heard everything.

        Raises:
            DeepmirError: always.
        """
        raise DeepmirError(f"{self.called} are kept in HDF5: leave precompute out")

    def analyse(self, samples: Array) -> Array:
        """Computed by `deepmir.models`, which has the networks.

        Raises:
            DeepmirError: always.
        """
        raise DeepmirError(
            f"{self.called}, here of {self.model}, are computed by `{paths.deepmir('features')}` "
            "alone"
        )

"""The base of representations computed by the weights of a deepmir model."""

import json
from typing import TYPE_CHECKING

from pydantic import Field

from deepmir import paths
from deepmir.fields import Count
from deepmir.representations.activations import Activations


class Learned(Activations):
    """Outputs of a model trained here, shipped with deepmir, or with random weights."""

    bins: Count = Field(1, le=100_000, description="found: the numbers of a frame")
    weights: str = Field(
        "",
        pattern="^[0-9a-f]{0,64}$",
        description="found: hash of the weights, or of the declaration that has them",
    )

    if TYPE_CHECKING:  # a field of every kind

        @property
        def model(self) -> str:
            """The model that has the weights."""

    @property
    def stamp(self) -> str:
        """The digest, including the current weights of a model from the same file."""
        try:
            card = json.loads((paths.model(self.model) / "card.json").read_bytes())
            return f"{self.digest}-{card['weights_sha256'][:16]}"
        except (OSError, ValueError, KeyError, TypeError):
            return self.digest

"""What the representations have in common that a model of deepmir computes by its weights."""

import json
from typing import TYPE_CHECKING

from pydantic import Field

from deepmir import paths
from deepmir.fields import Count
from deepmir.representations.activations import Activations


class Learned(Activations):
    """Outputs of a model that was trained here, comes with deepmir, or has random weights."""

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
    def stamp(self) -> str:
        """The digest, with the weights of a model of the same file as they are now."""
        try:
            card = json.loads((paths.model(self.model) / "card.json").read_bytes())
            return f"{self.digest}-{card['weights_sha256'][:16]}"
        except (OSError, ValueError, KeyError, TypeError):
            return self.digest

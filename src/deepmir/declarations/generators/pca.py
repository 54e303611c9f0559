"""Principal components: what a linear autoencoder learns."""

from typing import Literal

from deepmir.declarations.generators.coding import Coding


class Pca(Coding):
    """Principal components of patches: what the best linear autoencoder gives back.

    They are those of the patches that an autoencoder of the same `training` is trained on, of all
    epochs so far.
    """

    kind: Literal["pca"]

    @property
    def networks(self) -> tuple[str, str]:
        """One linear layer, and its mirror."""
        return "d1", ""

"""Principal components: what a linear autoencoder learns."""

from typing import Literal

from deepmir.declarations.generators.coding import Coding


class Pca(Coding):
    """Principal components of patches: the reconstruction of the best linear autoencoder.

    They are computed from the patches that an autoencoder with the same `training` is trained on,
    over all epochs so far.
    """

    kind: Literal["pca"]

    @property
    def networks(self) -> tuple[str, str]:
        """One linear layer, and its mirror."""
        return "d1", ""

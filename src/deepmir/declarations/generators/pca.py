"""Principal components: what a linear autoencoder learns."""

from typing import Literal

from deepmir.declarations.generators.base import Base


class Pca(Base):
    """Principal components of patches: what the best linear autoencoder gives back."""

    kind: Literal["pca"]

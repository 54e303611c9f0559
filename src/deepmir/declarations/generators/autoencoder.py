"""An autoencoder (tutorial, A.4)."""

from typing import Literal

from deepmir.declarations.generators.base import Base


class Autoencoder(Base):
    """A network with a bottleneck that learns to give back its input (A.4, Figure 14)."""

    kind: Literal["autoencoder"]

"""Bottleneck features of an autoencoder of another representation (appendix A.4)."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from deepmir.fields import Count, Flag, Text
from deepmir.representations.learned import Learned
from deepmir.representations.mel import Mel

if TYPE_CHECKING:  # any kind but raw audio and networks: see `deepmir/representations/__init__`
    from deepmir.representations.base import Base

    Heard = Base


class Code(Learned):
    """The code h of Figure 14: one vector for the patch around each instant.

    Patches have the length used to train the generator and its standardisation; beyond the ends of
    a recording they are filled with the mean of the training data. The code of a variational
    autoencoder is the mean of its distribution.
    """

    kind: Literal["code"] = "code"
    model: Text = Field("autoencoder", description="a generator of the kind autoencoder or pca")
    every: Count = Field(1, le=100_000, description="frames of the input from one code to the next")
    source: "Heard" = Field(Mel(bins=40), description="found: the input of the generator")
    network: str = Field("d1", max_length=10_000, description="found: the encoder")
    patch: Count = Field(1, le=2**20, description="found: frames of a patch")
    variational: Flag = Field(False, description="found: whether the encoder gives a distribution")

    @property
    def hop(self) -> int:
        """Samples between codes."""
        return self.source.hop * self.every

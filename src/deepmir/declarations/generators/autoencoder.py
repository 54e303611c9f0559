"""An autoencoder (tutorial, A.4)."""

from typing import Literal

from pydantic import Field

from deepmir.declarations.generators.coding import Coding
from deepmir.fields import Number


class Autoencoder(Coding):
    """A network with a bottleneck that learns to reconstruct its input (A.4, Figure 14).

    It takes patches of `training.patch_seconds`; each has one code. Its output is compared with the
    input by the squared error of the standardised features.
    """

    kind: Literal["autoencoder"]
    encoder: str = Field(
        max_length=10_000,
        description="in the tutorial's notation; the bare `d1` at its end is as wide as the code",
    )
    decoder: str = Field(
        "",
        max_length=10_000,
        description="the decoder, with its last layer written out; default: the mirror "
        "of the encoder",
    )
    noise: Number = Field(
        0.0,
        ge=0,
        le=100,
        description="standard deviation of the noise added to the standardised input, in "
        "training only: above 0, a denoising autoencoder (Vincent et al. "
        "2008)",
    )
    variational: Number = Field(
        0.0,
        ge=0,
        le=1e6,
        description="weight of the divergence between the codes' distribution and a standard "
        "normal one: above 0, a variational autoencoder (Kingma and Welling 2014); 1: its bound on "
        "the likelihood, for noise of deviation 1 in the output",
    )

    @property
    def networks(self) -> tuple[str, str]:
        """Encoder and decoder; the latter empty for the mirror of the former."""
        return self.encoder, self.decoder

    @property
    def is_variational(self) -> bool:
        """Whether the encoder gives a distribution of codes."""
        return self.variational > 0

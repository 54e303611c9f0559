"""The kinds of generators that `params.yaml` can declare (tutorial, appendix)."""

from typing import Annotated, get_args

from pydantic import Field

from deepmir.declarations.generators.autoencoder import Autoencoder
from deepmir.declarations.generators.gan import Gan
from deepmir.declarations.generators.pca import Pca
from deepmir.declarations.generators.wavenet import WaveNet

Generator = Annotated[Autoencoder | Pca | WaveNet | Gan, Field(discriminator="kind")]

KINDS = tuple(
    get_args(one.model_fields["kind"].annotation)[0] for one in get_args(get_args(Generator)[0])
)
"""Their words."""

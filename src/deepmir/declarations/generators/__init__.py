"""The kinds of generators that `params.yaml` can declare (tutorial, appendix)."""

from typing import Annotated

from pydantic import Field

from deepmir.declarations.generators.autoencoder import Autoencoder
from deepmir.declarations.generators.gan import Gan
from deepmir.declarations.generators.pca import Pca
from deepmir.declarations.generators.wavenet import WaveNet

Generator = Annotated[Autoencoder | Pca | WaveNet | Gan, Field(discriminator="kind")]

"""Autoencoders (tutorial, A.4, Figure 14): plain, denoising and variational."""

from deepmir.declarations.generated import GeneratorEntry
from deepmir.generators.autoencoder.method import CodingMethod
from deepmir.generators.autoencoder.module import AutoencoderModule


class AutoencoderMethod(CodingMethod):
    """A network with a bottleneck."""

    name = "autoencoder"

    def module(self, entry: GeneratorEntry) -> AutoencoderModule:
        """The module to train.

        Raises:
            DeepmirError: when data are missing, stale or unusable.
        """
        return AutoencoderModule(entry)


METHOD = AutoencoderMethod()

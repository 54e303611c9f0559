"""Principal components, fitted to the patches that would train an autoencoder."""

import torch
from torch import Tensor

from deepmir.declarations.generated import GeneratorEntry
from deepmir.generators.autoencoder.method import CodingMethod
from deepmir.generators.autoencoder.module import CodingModule
from deepmir.generators.autoencoder.principal import Moments, linear


class PcaModule(CodingModule):
    """Accumulates patches; after every epoch the weights are the components of all so far."""

    automatic_optimization = False

    def __init__(self, entry: GeneratorEntry) -> None:
        """Read the data; see :class:`CodingModule`."""
        super().__init__(entry)
        shape = self.network.shape
        self.network.requires_grad_(False)
        # Stored in checkpoints, so that a resumed run continues.
        self.moments = Moments(shape.channels * shape.bins * (shape.frames or 1))

    def training_step(self, x: Tensor, index: int) -> None:
        """Accumulate a batch of patches."""
        z = self.network.standardised(x)
        self.moments.add(z.flatten(1))
        self.note("train/loss", (self.network(z) - z).square().mean(), x)

    def on_validation_epoch_start(self) -> None:
        """Compute the components; validation follows the training of its epoch."""
        linear(self.network, *self.moments.components(self.network.code))

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """None: there are no gradients."""
        return []


class PcaMethod(CodingMethod):
    """Principal components of patches."""

    name = "pca"

    def module(self, entry: GeneratorEntry) -> PcaModule:
        """The module to fit.

        Raises:
            DeepmirError: when data are missing, stale or unusable.
        """
        return PcaModule(entry)


METHOD = PcaMethod()

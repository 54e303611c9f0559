"""Adversarial training of a generator and a discriminator (Goodfellow et al., 2014)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.optim import AdamW, Optimizer
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import DataLoader, TensorDataset

from deepmir.declarations.training import Training
from deepmir.errors import DeepmirError
from deepmir.generators import frechet
from deepmir.generators.base import GeneratorModule
from deepmir.generators.gan import losses, networks
from deepmir.generators.gan.networks import Discriminator, Generator, Sizes
from deepmir.generators.gan.patches import Batches
from deepmir.networks import processes
from deepmir.training import trainer
from deepmir.training.module import averaging

BETAS = (0.0, 0.9)  # of Adam, for both losses: Miyato et al., and Gulrajani et al., 2017
COMPONENTS = 32  # principal components of the patches, for the comparison of epochs
MOST = 1024  # patches for estimating them


@dataclass(frozen=True)
class Part:
    """Patches in [-1, 1], shape (n, 1, F, T), and their classes, shape (n, conditions)."""

    patches: Tensor
    classes: Tensor


class Game(GeneratorModule):
    """The two networks with their optimisers and data.

    The epoch whose patches are closest to the validation part is kept, by the Frechet distance of
    principal components. The losses cannot be used: each network's depends on how good the other
    one is. Nor are the features of the classifier: they are for the final judgement, and should not
    have influenced training.
    """

    monitor = "validation/frechet"
    mode = "min"

    def __init__(
        self,
        sizes: Sizes,
        training: Training,
        train: Part,
        validation: Part,
        about: Mapping[str, Any],
        *,
        loss: losses.Loss,
        discriminator_steps: int = 1,
        penalty: float = 10.0,
    ) -> None:
        """Assemble the parts.

        Args:
            sizes: of the networks.
            training: training options.
            train: the training part.
            validation: the validation part.
            about: the data entry of the card.
            loss: `hinge`, with spectral normalisation; or `wasserstein`, with a penalty.
            discriminator_steps: per step of the generator.
            penalty: weight of the gradient penalty, lambda of Gulrajani et al.
        """
        super().__init__()
        self.automatic_optimization = False
        self.generator = Generator(sizes)
        self.discriminator = Discriminator(sizes, normalised=loss == "hinge")
        self.average = None
        if training.weight_average:
            follow = averaging(training.weight_average)
            self.average = AveragedModel(self.generator, avg_fn=follow, use_buffers=True)
            self.average.requires_grad_(False)
        self.sizes, self.training_options = sizes, training
        self.part, self.validation = train, validation
        self.loss, self.steps, self.penalty = loss, discriminator_steps, penalty
        self.about = dict(about)
        self.components = _principal(train.patches)
        self._made: list[Tensor] = []

    @property
    def best_generator(self) -> Generator:
        """The generator to validate and keep: with averaged weights, or the weights themselves."""
        if self.average is None:
            return self.generator
        assert isinstance(self.average.module, Generator)
        return self.average.module

    def kept(self) -> dict[str, Tensor]:
        """The weights of the generator; the discriminator is no longer needed."""
        return {name: value.cpu() for name, value in self.best_generator.state_dict().items()}

    def learned_from(self) -> dict[str, Any]:
        """The data entry of the card."""
        return self.about

    def train_dataloader(self) -> DataLoader[tuple[Tensor, Tensor]]:
        """A new epoch of patches; Lightning calls this for every epoch."""
        options = self.training_options
        count = options.patches_per_epoch or len(self.part.patches)
        batches = Batches(
            self.part.patches,
            self.part.classes,
            batches=-(-count // options.batch_size),
            batch_size=options.batch_size,
            seed=(options.seed, self.current_epoch),
            places=(processes.rank(), processes.count()),
        )
        return DataLoader(batches, batch_size=None, num_workers=options.workers)

    def val_dataloader(self) -> DataLoader[tuple[Tensor, ...]]:
        """The validation part, in order."""
        data = TensorDataset(self.validation.patches, self.validation.classes)
        return DataLoader(data, batch_size=self.training_options.batch_size)

    def configure_optimizers(self) -> list[Optimizer]:
        """One per network, at a constant rate: the game has no end to slow down for."""
        options = self.training_options
        return [
            AdamW(n.parameters(), options.learning_rate, BETAS, weight_decay=options.weight_decay)
            for n in (self.generator, self.discriminator)
        ]

    def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> None:
        """A step of the discriminator, and every few steps one of the generator."""
        trainer.draw_anew(self, self.training_options.seed, index)
        real, classes = batch
        of_generator, of_discriminator = self.optimizers()
        noise = torch.randn(len(real), self.sizes.latent, device=self.device)
        before = self.current_epoch * len(self.trainer.train_dataloader) + index
        both = (before + 1) % self.steps == 0
        with torch.set_grad_enabled(both):
            made = self.generator(noise, classes)
        self._step(of_discriminator, self._against(real, made.detach(), classes), "discriminator")
        if not both:
            return
        self.discriminator.requires_grad_(False)
        loss = losses.of_generator(self.discriminator(made, classes))
        self._step(of_generator, loss, "generator")
        self.discriminator.requires_grad_(True)
        if self.average is not None:
            self.average.update_parameters(self.generator)

    def _against(self, real: Tensor, made: Tensor, classes: Tensor) -> Tensor:
        """The loss of the discriminator."""
        both = self.discriminator(torch.cat([real, made]), torch.cat([classes, classes]))
        loss = losses.of_discriminator(self.loss, *both.chunk(2))
        if self.loss == "hinge":
            return loss
        judge: Callable[[Tensor], Tensor] = lambda x: self.discriminator(x, classes)  # noqa: E731
        between = torch.rand(len(real), device=self.device)
        return loss + self.penalty * losses.gradient_penalty(judge, real, made, between)

    def _step(self, optimizer: Any, loss: Tensor, name: str) -> None:
        if not torch.isfinite(loss):
            raise DeepmirError(
                f"the loss of the {name} is not finite: lower training.learning_rate"
            )
        optimizer.zero_grad()
        self.manual_backward(loss)
        self.clip_gradients(
            optimizer,
            gradient_clip_val=self.training_options.gradient_clip,
            gradient_clip_algorithm="norm",
        )
        optimizer.step()
        self.log(f"train/{name}", loss, on_step=False, on_epoch=True, sync_dist=True)

    def on_validation_epoch_start(self) -> None:
        """Discard the last epoch."""
        self._made = []

    def validation_step(self, batch: tuple[Tensor, Tensor], index: int) -> None:
        """Patches with the classes of validation, from the same noise in every epoch."""
        drawn = torch.Generator().manual_seed(self.training_options.seed + index)
        noise, _ = networks.draw(self.sizes, batch[1].tolist(), drawn)
        self._made.append(self.best_generator(noise.to(self.device), batch[1]).cpu())

    def on_validation_epoch_end(self) -> None:
        """Their distance to those of validation."""
        made, real = torch.cat(self._made), self.validation.patches
        values = frechet.distance(self._reduced(made), self._reduced(real))
        self.log(self.monitor, values)

    def _reduced(self, patches: Tensor) -> Any:
        return patches.flatten(1).float().numpy() @ self.components


def _principal(patches: Tensor) -> Any:
    """The first principal components of patches, as columns, shape (F * T, components)."""
    flat = patches[:: -(-len(patches) // MOST)].flatten(1).numpy()
    _, _, rows = np.linalg.svd(flat - flat.mean(axis=0), full_matrices=False)
    return rows[:COMPONENTS].T

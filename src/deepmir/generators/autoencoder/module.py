"""The trained module: patches through a bottleneck, compared with themselves (A.4, Figure 14)."""

import math
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from deepmir.declarations.generated import GeneratorEntry
from deepmir.declarations.generators.autoencoder import Autoencoder as Declared
from deepmir.declarations.generators.coding import Coding
from deepmir.errors import DeepmirError
from deepmir.generators.autoencoder.patches import RandomPatches, WholeTracks, usable
from deepmir.generators.base import GeneratorModule
from deepmir.models import codes
from deepmir.models.codes import Autoencoder
from deepmir.training import trainer
from deepmir.training.optimiser import one_cycle


def made(entry: GeneratorEntry) -> Autoencoder:
    """Encoder and decoder as declared, with fresh weights."""
    declared = entry.generator
    assert isinstance(declared, Coding)
    shape = codes.shape_of(entry.representation, declared.frames(entry.representation))
    return Autoencoder(*declared.networks, shape, declared.code, declared.is_variational)


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """The divergence of normal distributions from the standard one, in nats.

    Kullback-Leibler divergence in closed form (Kingma and Welling 2014, appendix B).

    Args:
        mean: shape (B, code).
        log_variance: the same shape.

    Returns:
        Shape (B,).
    """
    each: Tensor = (mean.square() + log_variance.exp() - 1 - log_variance).sum(1) / 2
    return each


class CodingModule(GeneratorModule):
    """Encoder and decoder with their data; the standardisation of the input is measured."""

    def __init__(self, entry: GeneratorEntry) -> None:
        """Read the data.

        Raises:
            DeepmirError: when they are missing, stale or unusable.
        """
        super().__init__()
        self.options = entry.generator.training
        self.network = made(entry)
        frames = self.network.shape.frames
        assert frames is not None
        self.corpus = entry.files.read_to_train()
        self.store = entry.files.open_features(entry.representation)
        self.tracks = {
            part: usable(self.corpus, part, self.store, frames) for part in ("train", "validation")
        }
        self.network.encoder.standardise_by(self.store.read(t) for t in self.tracks["train"])
        total = sum(self.store.length(track) for track in self.tracks["train"])
        patches = self.options.patches_per_epoch or max(1, round(total / frames))
        self.batches = math.ceil(patches / self.options.batch_size)

    def train_dataloader(self) -> DataLoader[Tensor]:
        """A new epoch of patches; Lightning calls this for every epoch."""
        assert self.network.shape.frames is not None
        patches = RandomPatches(
            self.store,
            self.tracks["train"],
            self.network.shape.frames,
            batches=self.batches,
            batch_size=self.options.batch_size,
            seed=(self.options.seed, self.current_epoch),
        )
        return DataLoader(patches, batch_size=None, num_workers=self.options.workers)

    def val_dataloader(self) -> DataLoader[Tensor]:
        """All patches of the validation tracks."""
        assert self.network.shape.frames is not None
        whole = WholeTracks(self.store, self.tracks["validation"], self.network.shape.frames)
        return DataLoader(whole, batch_size=None)

    def validation_step(self, x: Tensor, index: int) -> None:
        """The reconstruction error of patches, from their codes without sampling."""
        z = self.network.standardised(x)
        self.note("validation/loss", (self.network(z) - z).square().mean(), x)

    def note(self, name: str, value: Tensor, x: Tensor) -> None:
        """Log the mean over a batch; the value of an epoch is the mean over all patches."""
        self.log(name, value, on_step=False, on_epoch=True, batch_size=len(x))

    def kept(self) -> dict[str, Tensor]:
        """The tensors of the model, by name."""
        return self.network.state_dict()

    def learned_from(self) -> dict[str, Any]:
        """The data entry of the card."""
        return {
            "data_hash": self.corpus.data_hash,
            "split_hash": self.corpus.split_hash,
            "tracks": {part: len(tracks) for part, tracks in self.tracks.items()},
        }


class AutoencoderModule(CodingModule):
    """The same with a loss: the squared error plus, for variational codes, their divergence."""

    def __init__(self, entry: GeneratorEntry) -> None:
        """Read the data; see :class:`CodingModule`."""
        super().__init__(entry)
        assert isinstance(entry.generator, Declared)
        self.noise, self.weight = entry.generator.noise, entry.generator.variational
        shape = self.network.shape
        self.numbers = shape.channels * shape.bins * (shape.frames or 1)

    def training_step(self, x: Tensor, index: int) -> Tensor:
        """The loss of a batch of patches."""
        trainer.draw_anew(self, self.options.seed, index)
        z = self.network.standardised(x)
        mean, log_variance = self.network.encode(self.corrupted(z))
        code = mean
        if log_variance is not None:
            code = mean + torch.randn_like(mean) * (log_variance / 2).exp()
        loss = (self.network.decode(code) - z).square().mean() + self.prior(mean, log_variance)
        if not torch.isfinite(loss):
            raise DeepmirError("the loss is not finite: lower training.learning_rate")
        self.note("train/loss", loss, x)
        return loss

    def corrupted(self, z: Tensor) -> Tensor:
        """Standardised patches as the encoder's input: in training, with noise."""
        if not self.training or not self.noise:
            return z
        return z + self.noise * torch.randn_like(z)

    def prior(self, mean: Tensor, log_variance: Tensor | None) -> Tensor:
        """The loss of a distribution of codes, per output value; 0 for plain codes.

        Half the squared error plus the divergence bounds the likelihood of a patch under noise of
        deviation 1: this is twice the divergence, divided as the squared error is.
        """
        if log_variance is None:
            return torch.zeros((), device=mean.device)
        return 2 * self.weight * divergence(mean, log_variance).mean() / self.numbers

    def validation_step(self, x: Tensor, index: int) -> None:
        """The loss without sampling, and the error alone."""
        z = self.network.standardised(x)
        mean, log_variance = self.network.encode(z)
        error = (self.network.decode(mean) - z).square().mean()
        self.note("validation/loss", error + self.prior(mean, log_variance), x)
        if log_variance is not None:
            self.note("validation/error", error, x)
            self.note("validation/divergence", divergence(mean, log_variance).mean(), x)

    def configure_optimizers(self) -> dict[str, Any]:
        """The declared optimizer with one cycle of the learning rate."""
        weights = {"params": self.network.parameters(), "lr": self.options.learning_rate}
        return one_cycle([weights], self.options, self.batches)

"""The trained module of a WaveNet: network, data and optimiser."""

import math
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from deepmir.declarations.generated import GeneratorEntry
from deepmir.declarations.generators.wavenet import WaveNet as Declared
from deepmir.declarations.training import Training
from deepmir.errors import DeepmirError
from deepmir.features.corpus import Corpus
from deepmir.generators.base import GeneratorModule
from deepmir.generators.wavenet import recordings
from deepmir.generators.wavenet.network import WaveNet
from deepmir.generators.wavenet.recordings import (
    IGNORED,
    Batch,
    Excerpts,
    Recording,
    Vocabulary,
    Whole,
)
from deepmir.training.optimiser import one_cycle


def build(declared: Declared, words: Vocabulary) -> WaveNet:
    """The declared network, with initial weights."""
    return WaveNet(
        channels=declared.channels,
        skip_channels=declared.skip_channels,
        layers=declared.layers,
        stacks=declared.stacks,
        condition_channels=declared.condition_channels,
        pitches=len(words.pitches),
        instruments=len(words.instruments),
    )


def prepare(entry: GeneratorEntry) -> "WaveNetModule":
    """A network ready for training on the training part.

    Raises:
        DeepmirError: when data are missing, stale or unusable.
    """
    declared, rate = entry.generator, entry.representation.sample_rate
    assert isinstance(declared, Declared)
    data, store = entry.files.read_to_train(), entry.files.open_audio(rate)
    words = recordings.vocabulary(data.divided.train, declared.conditioning)
    parts = {
        part: recordings.read(getattr(data.divided, part), store, rate, words)
        for part in ("train", "validation")
    }
    length = max(1, round(declared.training.patch_seconds * rate))
    return WaveNetModule(build(declared, words), declared.training, length, data, words, parts)


class WaveNetModule(GeneratorModule):
    """Trains a WaveNet to maximise the likelihood of recordings."""

    def __init__(
        self,
        network: WaveNet,
        training: Training,
        length: int,
        data: Corpus,
        words: Vocabulary,
        parts: dict[str, list[Recording]],
    ) -> None:
        """Assemble the parts; nothing is computed yet.

        Args:
            network: to train.
            training: training options.
            length: samples per excerpt.
            data: the data set of the recordings.
            words: instruments and pitches.
            parts: the recordings of `train` and of `validation`.
        """
        super().__init__()
        self.network, self.options, self.length = network, training, length
        self.data, self.words, self.parts = data, words, parts
        self._validated: list[Tensor] = []

    @property
    def batches_per_epoch(self) -> int:
        """As many as cover the length of the training data, unless declared otherwise."""
        samples = sum(len(one.codes) for one in self.parts["train"])
        excerpts = self.options.patches_per_epoch or max(1, round(samples / self.length))
        return math.ceil(excerpts / self.options.batch_size)

    def train_dataloader(self) -> DataLoader[Batch]:
        """A new epoch of excerpts; Lightning calls this for every epoch."""
        excerpts = Excerpts(
            self.parts["train"],
            batches=self.batches_per_epoch,
            batch_size=self.options.batch_size,
            length=self.length,
            field=self.network.receptive_field,
            seed=(self.options.seed, self.current_epoch),
        )
        return DataLoader(excerpts, batch_size=None, num_workers=self.options.workers)

    def val_dataloader(self) -> DataLoader[Batch]:
        """Whole recordings."""
        field = self.network.receptive_field
        whole = Whole(self.parts["validation"], self.options.batch_size, field)
        return DataLoader(whole, batch_size=None)

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """The mean negative log-likelihood per sample, in bits."""
        bits = bits_of(self.network, batch)
        loss = bits.sum() / (batch.target != IGNORED).sum()
        if not torch.isfinite(loss):
            raise DeepmirError("the loss is not finite: lower training.learning_rate")
        size = {"batch_size": len(batch.target)}
        self.log("train/loss", loss, on_step=False, on_epoch=True, **size)
        return loss

    def on_validation_epoch_start(self) -> None:
        """Discard the last epoch."""
        self._validated = []

    def validation_step(self, batch: Batch, index: int) -> None:
        """The same for each whole recording."""
        self._validated.append(each(self.network, batch))

    def on_validation_epoch_end(self) -> None:
        """The mean over recordings."""
        self.log("validation/loss", torch.cat(self._validated).mean())

    def configure_optimizers(self) -> dict[str, Any]:
        """The declared optimizer with one cycle of the learning rate."""
        weights = {"params": self.parameters(), "lr": self.options.learning_rate}
        return one_cycle([weights], self.options, self.batches_per_epoch)

    def kept(self) -> dict[str, Tensor]:
        """The weights."""
        return self.network.state_dict()

    def learned_from(self) -> dict[str, Any]:
        """Hashes and tracks, and the vocabulary of instruments and pitches."""
        return {
            "data_hash": self.data.data_hash,
            "split_hash": self.data.split_hash,
            "tracks": {part: len(each) for part, each in self.parts.items()},
            "instruments": [*self.words.instruments],
            "pitches": [*self.words.pitches],
        }


def bits_of(network: WaveNet, batch: Batch) -> Tensor:
    """The negative log-likelihood of each sample in bits, 0 past the end, shape (B, T)."""
    logits = network(batch.past, batch.given).transpose(1, 2)
    nats = torch.nn.functional.cross_entropy(
        logits.float(), batch.target, ignore_index=IGNORED, reduction="none"
    )
    return nats / math.log(2)


def each(network: WaveNet, batch: Batch) -> Tensor:
    """Bits per sample of each recording, shape (B,)."""
    return bits_of(network, batch).sum(1) / (batch.target != IGNORED).sum(1)

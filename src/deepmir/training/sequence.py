"""Training of networks that write symbols, by the loop of every training (tutorial, A.5).

The decoder is given the true previous symbols (teacher forcing: Williams and Zipser, 1989), in
validation only for the loss; for the metrics of the task it is given its own output, the most
probable symbol each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from deepmir.declarations.neural import SequenceEntry
from deepmir.deformations.device import Deformer
from deepmir.deformations.time_stretch import cut
from deepmir.errors import DeepmirError
from deepmir.features.inputs import open_inputs
from deepmir.files.annotations import Jams
from deepmir.models import excerpts, sequence
from deepmir.models.card import SequenceCard
from deepmir.models.model import as_input
from deepmir.models.sequence import SequenceModel, Writer
from deepmir.sequences.decoder import loss
from deepmir.sequences.options import Decoding
from deepmir.sequences.spellings import spelling_of
from deepmir.tasks.base import Grid, Task
from deepmir.training import starting, taught, trainer
from deepmir.training.optimiser import one_cycle
from deepmir.training.patches import (
    Batch,
    Example,
    Patch,
    Patches,
    Sampler,
    batches_per_epoch,
    collate,
)
from deepmir.training.spelled import Spelled
from deepmir.training.taught import Taught
from deepmir.training.trainer import Run


@dataclass
class Validated:
    """The results of a validation track: the sum of its losses, its tokens, its scores."""

    loss: float
    tokens: int
    scores: dict[str, float]


class Tracks(Dataset[Batch]):
    """Whole tracks, each as a batch of its excerpts."""

    def __init__(self, examples: Sequence[Example], sampler: Sampler) -> None:
        """Tracks in their order; of the sampler, the task and the input are used, and no chance."""
        self.examples = examples
        self.sampler = sampler

    def __len__(self) -> int:
        return len(self.examples)

    def places(self, index: int) -> list[int]:
        """The first frame of each excerpt of a track."""
        return excerpts.starts(self.examples[index].frames, self.sampler.frames)

    def __getitem__(self, index: int) -> Batch:
        return collate([self._piece(self.examples[index], start) for start in self.places(index)])

    def _piece(self, example: Example, start: int) -> Patch:
        frames = min(self.sampler.frames, example.frames)
        rate = self.sampler.representation.frame_rate
        target = self.sampler.task.target(example.jams, Grid(start / rate, 1 / rate, frames))
        assert target is not None, example.track  # such tracks are left out beforehand
        return Patch(example.inputs.excerpt(example.track, start, frames), frames, frames, target)


class SequenceModule(pl.LightningModule):
    """A model with its task, its data and its optimiser."""

    def __init__(
        self,
        network: SequenceModel,
        task: Task,
        entry: SequenceEntry,
        sampler: Sampler,
        train: Sequence[Example],
        validation: Sequence[Example],
    ) -> None:
        """Put the parts together; nothing is computed yet."""
        super().__init__()
        self.model = network
        self.task = task
        self.training_options = entry.training
        self.sampler = sampler
        self.deformer = Deformer(sampler.representation, sampler.amounts, sound=False)
        self.train_examples = train
        self.validation_data = Tracks(validation, sampler)
        assert isinstance(sampler.task, Spelled)
        self.writer = Writer(
            network,
            sampler.task.spelling,
            entry.sequence.decoder,
            sampler.frames,
            sampler.representation.frame_rate,
        )
        self._validated: list[Validated] = []

    @property
    def batches_per_epoch(self) -> int:
        """See `patches.batches_per_epoch`."""
        return batches_per_epoch(self.train_examples, self.sampler.frames, self.training_options)

    def train_dataloader(self) -> DataLoader[Batch]:
        """A new epoch of patches; Lightning calls this for each."""
        patches = Patches(
            self.train_examples,
            self.sampler,
            batches=self.batches_per_epoch,
            batch_size=self.training_options.batch_size,
            seed=(self.training_options.seed, self.current_epoch),
        )
        return DataLoader(patches, batch_size=None, num_workers=self.training_options.workers)

    def val_dataloader(self) -> DataLoader[Batch]:
        """Whole, undeformed tracks."""
        return DataLoader(self.validation_data, batch_size=None)

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """The loss of a batch of patches, given the true previous symbols."""
        trainer.draw_anew(self, self.training_options.seed, index)
        x = cut(as_input(batch.x), batch.first, batch.source, batch.lengths)
        x = self.deformer(x, batch.lengths, batch.drawn)
        tokens = batch.target.long()
        value, number = loss(self.model(x, batch.lengths, tokens), tokens)
        if not torch.isfinite(value):
            raise DeepmirError("the loss is not finite: lower training.learning_rate")
        self.log("train/loss", value, on_step=False, on_epoch=True, batch_size=number)
        return value

    def on_validation_epoch_start(self) -> None:
        """Forget the last epoch."""
        self._validated = []

    def validation_step(self, batch: Batch, index: int) -> None:
        """The loss of a track's excerpts, and the task's own metrics of its transcription."""
        example = self.validation_data.examples[index]
        memory = self.model.remember(as_input(batch.x))
        tokens = batch.target.long()
        value, number = loss(self.model.decoder(memory, tokens), tokens)
        written = self.writer.read(memory, self.validation_data.places(index), beam=1)
        said = self.writer.annotation(written, example.frames)
        scores = self.task.metrics(example.jams, Jams(example.jams.duration, (said,)))
        self._validated.append(Validated(value.item() * number, number, scores))

    def on_validation_epoch_end(self) -> None:
        """The loss is a mean over symbols, scores are means over tracks."""
        found = self._validated
        self.log("validation/loss", sum(v.loss for v in found) / sum(v.tokens for v in found))
        trainer.log_means(self, [one.scores for one in found])

    def configure_optimizers(self) -> dict[str, Any]:
        """See :func:`one_cycle`."""
        rate = self.training_options.learning_rate
        groups = [{"params": list(self.model.parameters()), "lr": rate}]
        return one_cycle(groups, self.training_options, self.batches_per_epoch)


def train(
    entry: SequenceEntry,
    *,
    threads: int,
    progress: bool,
    code: str = "",
    callbacks: Sequence[pl.Callback] = (),
) -> Path:
    """Train a network that writes symbols; returns the folder of the model.

    Args:
        entry: the network and its data set.
        threads: of the CPU.
        progress: whether to draw a bar.
        code: hash of the training code; a checkpoint of other code is not resumed.
        callbacks: further Lightning callbacks; they observe and change nothing.

    Raises:
        DeepmirError: when data are missing, stale or unusable, a sequence is too long, the loss is
            not finite, or another process trains the same network.
    """
    with trainer.alone(entry.name, entry.training, threads):
        data = taught.of(entry)
        module = prepare(entry, data)
        run = Run(
            name=entry.name,
            training=entry.training,
            fingerprint=taught.fingerprint(entry, data, code),
            monitor=entry.training.monitor,
            mode=trainer.mode_of(module.task, entry.training.monitor),
        )
        history = trainer.fit(module, run, callbacks, progress)
        card = SequenceCard(
            name=entry.name,
            task=entry.sequence.task,
            network=entry.sequence.network,
            representation=entry.representation,
            writer=entry.sequence.decoder,
            excerpt_frames=module.sampler.frames,
            training={
                **run.about(history),
                "dataset": data[0].corpus.name,
                **taught.hashes(data[0]),
                "features_hash": entry.representation.stamp,
                "tracks": {
                    "train": len(module.train_examples),
                    "validation": len(module.validation_data),
                },
                "parameters": sum(p.numel() for p in module.model.parameters()),
            },
        )
        return run.keep(entry.folder, history, module.model.state_dict(), card)


def prepare(entry: SequenceEntry, data: Sequence[Taught]) -> SequenceModule:
    """A network ready to be trained, its standardisation measured.

    Raises:
        DeepmirError: when data are missing, stale or unusable, or a sequence is too long.
    """
    row, representation = entry.sequence, entry.representation
    pl.seed_everything(entry.training.seed, workers=True, verbose=False)
    seconds, rate = entry.training.patch_seconds, representation.frame_rate
    frames = round(seconds * rate)
    spelling = spelling_of(row.task, row.decoder.step, frames / rate)  # as a card tells it
    target = Spelled(entry.task, spelling, rate)
    inputs = open_inputs(data[0].files, representation, on_the_fly=False)
    train = taught.examples(data[0], "train", target, inputs, entry.training)
    validation = taught.examples(data[0], "validation", target, inputs)
    stretched = seconds * (1 + row.deformations.get("time_stretch", 0.0))
    for examples, longest in ((train, stretched), (validation, seconds)):
        _refuse_longer(examples, target, row.decoder, longest)
    network = sequence.build(row.network, representation, row.decoder, spelling)
    starting.check_layers(representation, [data[0].corpus])
    network.encoder.standardise_by(e.inputs.features(e.track) for e in train)
    sampler = Sampler(target, representation, frames, dict(row.deformations))
    return SequenceModule(network, entry.task, entry, sampler, train, validation)


def _refuse_longer(
    examples: Sequence[Example], target: Spelled, options: Decoding, seconds: float
) -> None:
    """Refuse excerpts that have more symbols than the decoder may write.

    Raises:
        DeepmirError: naming the fullest track.
    """
    most = {example.track: target.spelling.most(example.jams, seconds) for example in examples}
    track = max(most, key=lambda name: most[name])
    if most[track] > options.longest:
        raise DeepmirError(
            f"decoder.longest: {seconds:g} s of {track} can have {most[track]} symbols, more than "
            f"{options.longest}: raise it, or lower training.patch_seconds"
        )

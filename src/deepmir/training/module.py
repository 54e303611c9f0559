"""The Lightning module: a model with its task, its data and its optimiser."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import lightning.pytorch as pl
import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import DataLoader, Subset

from deepmir import tasks
from deepmir.declarations.training import Training
from deepmir.deformations.device import Deformer
from deepmir.deformations.time_stretch import cut
from deepmir.errors import DeepmirError
from deepmir.features.downmix import FULL_SCALE
from deepmir.features.frontend import Frontend
from deepmir.files.annotations import Jams
from deepmir.models import choosing, inference, losses
from deepmir.models.inference import Answer
from deepmir.models.model import Model, as_input
from deepmir.networks import processes
from deepmir.tasks.base import Task
from deepmir.training import starting, trainer
from deepmir.training.optimiser import one_cycle
from deepmir.training.patches import (
    Batch,
    Example,
    Patches,
    Sampler,
    WholeTracks,
    batches_per_epoch,
)
from deepmir.training.starting import Start

# Samples of audio turned into features at once: whole tracks then need no more memory than patches.
CHUNK = 1 << 22


@dataclass
class Validated:
    """What a batch of whole tracks gave: its losses, and of each track the metrics and the row."""

    losses: list[tuple[float, int]]
    scores: list[dict[str, float]] = field(default_factory=list)
    rows: list[tuple[float, ...]] = field(default_factory=list)


class TrainingModule(pl.LightningModule):
    """A model with its task, its data and its optimiser."""

    def __init__(
        self,
        network: Model,
        task: Task,
        training: Training,
        sampler: Sampler,
        train: Sequence[Example],
        validation: Sequence[Example],
        frontend: Frontend | None = None,
        weights: Tensor | None = None,
        started: Start | None = None,
    ) -> None:
        """Put the parts together; nothing is computed yet.

        Args:
            network: what is trained.
            task: what it learns.
            training: how.
            sampler: makes patches of tracks.
            train: the training tracks.
            validation: the validation tracks.
            frontend: computes features from audio, where they are not precomputed.
            weights: of each label in the loss, shape (V,).
            started: what the network starts with that was trained before.
        """
        super().__init__()
        self.model = network
        # Averaged weights follow where training leads without its noise (Polyak & Juditsky, 1992).
        self.average = None
        if training.weight_average:
            follow = averaging(training.weight_average)
            self.average = AveragedModel(network, avg_fn=follow, use_buffers=True)
            self.average.requires_grad_(False)
        self.frontend = frontend
        self.task = task
        self.training_options = training
        self.sampler = sampler
        self.deformer = Deformer(
            sampler.representation, sampler.amounts, sound=frontend is not None
        )
        self.train_examples = train
        self.validation_data = WholeTracks(validation, sampler, training.batch_size)
        self.weights = weights
        self.started = started
        # Validation uses excerpts of the same length as prediction will.
        self.excerpt = None if task.time_varying else sampler.frames
        self.learned = task.learned([example.jams for example in train])
        self.decoder = task.decoder(sampler.representation.frame_rate, **self.learned)
        self._validated: dict[int, Validated] = {}

    @property
    def best_model(self) -> Model:
        """The model to validate and keep: the average of the weights, or the weights themselves."""
        if self.average is None:
            return self.model
        assert isinstance(self.average.module, Model)
        return self.average.module

    @property
    def batches_per_epoch(self) -> int:
        """See `patches.batches_per_epoch`."""
        return batches_per_epoch(self.train_examples, self.sampler.frames, self.training_options)

    def train_dataloader(self) -> DataLoader[Batch]:
        """A new epoch of patches; Lightning calls this for each."""
        seed = (self.training_options.seed, self.current_epoch)
        patches = Patches(
            self.train_examples,
            self.sampler,
            batches=self.batches_per_epoch,
            batch_size=self.training_options.batch_size,
            seed=seed,
            places=(processes.rank(), processes.count()),
        )
        return DataLoader(
            patches,
            batch_size=None,
            num_workers=self.training_options.workers,
            pin_memory=torch.cuda.is_available(),
        )

    def val_dataloader(self) -> DataLoader[Batch]:
        """Whole, undeformed tracks: of several processes, each has every so many batches."""
        return DataLoader(Subset(self.validation_data, self._numbers()), batch_size=None)

    def _numbers(self) -> list[int]:
        """The batches that this process validates on: one at least, as Lightning wants it."""
        return [*range(len(self.validation_data))][processes.rank() :: processes.count()] or [0]

    def features(self, batch: Batch) -> Tensor:
        """The patches of a batch as a network takes them, shape (B, N, F, T)."""
        x = as_input(batch.x) if self.frontend is None else self._computed(batch)
        x = cut(x, batch.first, batch.source, batch.lengths)
        deformed: Tensor = self.deformer(x, batch.lengths, batch.drawn)
        return deformed

    def _computed(self, batch: Batch) -> Tensor:
        assert self.frontend is not None
        rows = max(1, CHUNK // batch.x.shape[1])
        parts = zip(torch.split(batch.x, rows), torch.split(batch.extent, rows), strict=True)
        with torch.no_grad():
            computed = [self.frontend(x.float() / FULL_SCALE, extent) for x, extent in parts]
        return torch.cat(computed)

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """The loss of a batch of patches."""
        trainer.draw_anew(self, self.training_options.seed, index)
        x, lengths, target = self.features(batch), batch.lengths, batch.target
        # Networks of an ensemble learn each by itself: what they have in common is the batch.
        output = self.task.output
        each = [
            losses.loss(output, losses.means(output, logits, target, lengths, self.weights, True))
            for logits in self.model.each(x, lengths)
        ]
        loss = torch.stack(each).mean()
        if not torch.isfinite(loss):
            raise DeepmirError("the loss is not finite: lower training.learning_rate")
        size = {"batch_size": len(x), "sync_dist": True}
        self.log("train/loss", loss, on_step=False, on_epoch=True, **size)
        return loss

    def on_train_batch_end(self, outputs: Any, batch: Batch, batch_idx: int) -> None:
        """Update the average after the optimiser's step."""
        if self.average is not None:
            self.average.update_parameters(self.model)

    def on_validation_epoch_start(self) -> None:
        """Forget the last epoch."""
        self._validated = {}

    def validation_step(self, batch: Batch, index: int) -> None:
        """The loss and the task's own metrics of whole tracks."""
        answer = self.predict(batch)
        number = self._numbers()[index]
        found = Validated(answer.losses(batch.target, self.weights))
        for example, values in zip(
            self.validation_data.batches[number], answer.activations(), strict=True
        ):
            estimate = Jams(example.jams.duration, tuple(self.decoder(values)))
            found.scores.append(self.task.metrics(example.jams, estimate))
            row = self.task.row(example.jams, estimate)
            found.rows.extend([] if row is None else [row])
        self._validated[number] = found

    def predict(self, batch: Batch) -> Answer:
        """The output of the network for a batch of whole tracks."""
        return inference.predict(
            self.best_model, self.task, self.features(batch), batch.lengths, self.excerpt
        )

    def on_validation_epoch_end(self) -> None:
        """Averages over tracks, not over batches of unequal size, nor over processes."""
        merged = {n: one for part in processes.gathered(self._validated) for n, one in part.items()}
        batches = [merged[number] for number in sorted(merged)]
        loss = losses.over_batches(self.task.output, [one.losses for one in batches])
        self.log("validation/loss", loss)
        trainer.log_means(self, [scores for one in batches for scores in one.scores])
        rows = [row for one in batches for row in one.rows]
        if rows:
            for name, value in self.task.corpus_metrics(np.array(rows)).items():
                self.log(f"validation/{name}", value)

    @torch.inference_mode()
    def choose_decoder(self) -> dict[str, Any]:
        """The decoding options for the card, from training annotations and the validation part.

        Returns:
            `decoder`, its options, and `calibration` of what states confidences.
        """
        parts = [part for part, _ in tasks.parts(self.task).values()]
        if not any(part.choices or part.confident for part in parts):
            return {"decoder": self.learned}
        self.eval()
        activations = (
            track
            for number in range(len(self.validation_data))
            for track in self.predict(self.validation_data[number]).activations()
        )
        references = (example.jams for example in self.validation_data.examples)
        return choosing.decoding(
            self.task,
            self.sampler.representation.frame_rate,
            zip(activations, references, strict=True),
            self.learned,
        )

    def configure_optimizers(self) -> dict[str, Any]:
        """The optimizer under one cycle of the learning rate, which is one way of adapting it."""
        groups = starting.groups(self.model, self.started, self.training_options)
        return one_cycle(groups, self.training_options, self.batches_per_epoch)


def averaging(kept: float) -> Callable[[Tensor, Tensor, Tensor | int], Tensor]:
    """A running average that decays at each step, and begins as a plain mean.

    Otherwise the untrained weights would influence it for many epochs.
    """

    def average(averaged: Tensor, current: Tensor, steps: Tensor | int) -> Tensor:
        return averaged + (current - averaged) * max(1 - kept, 1 / (int(steps) + 1))

    return average

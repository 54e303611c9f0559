"""Training: one loop for every task (tutorial, section 2.2).

The best checkpoint by a named validation value becomes the model. A training that is killed goes on
from its last epoch, and gives the same weights as one that was not: what is random is drawn from
the seed and the number of the epoch.
"""

import hashlib
import json
import logging
import math
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from torch import Tensor
from torch.utils.data import DataLoader

from deepmir import (
    corpus,
    deformations,
    losses,
    model,
    networks,
    paths,
    provenance,
    stages,
    tasks,
)
from deepmir.annotations import Jams
from deepmir.corpus import Corpus
from deepmir.downmix import FULL_SCALE
from deepmir.errors import DeepmirError
from deepmir.frontend import Frontend
from deepmir.health import Health
from deepmir.history import History
from deepmir.inputs import open_inputs
from deepmir.model import Card, Model, as_input
from deepmir.networks.network import Network
from deepmir.networks.plan import name_of
from deepmir.params import Experiment, Params, Training
from deepmir.patches import Batch, Example, Patches, Sampler, WholeTracks
from deepmir.tasks.base import Grid, Task

# Samples of audio turned into features at once: whole tracks then need no more memory than patches.
CHUNK = 1 << 22


class Trainee(pl.LightningModule):
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
    ) -> None:
        """Put the parts together; nothing is computed yet."""
        super().__init__()
        self.model = network
        self.frontend = frontend
        self.task = task
        self.training_options = training
        self.sampler = sampler
        self.train_examples = train
        self.validation_data = WholeTracks(validation, sampler, training.batch_size)
        self.decoder = task.decoder(sampler.representation.frame_rate)
        self._losses: list[tuple[float, int]] = []
        self._scores: list[dict[str, float]] = []

    @property
    def batches_per_epoch(self) -> int:
        """So many that an epoch is as long as the training data, unless declared otherwise."""
        frames = sum(example.frames for example in self.train_examples)
        declared = self.training_options.patches_per_epoch
        patches = declared or max(1, round(frames / self.sampler.frames))
        return math.ceil(patches / self.training_options.batch_size)

    def train_dataloader(self) -> DataLoader[Batch]:
        """A new epoch of patches; Lightning asks anew for each."""
        seed = (self.training_options.seed, self.current_epoch)
        patches = Patches(
            self.train_examples,
            self.sampler,
            batches=self.batches_per_epoch,
            batch_size=self.training_options.batch_size,
            seed=seed,
        )
        return DataLoader(
            patches,
            batch_size=None,
            num_workers=self.training_options.workers,
            pin_memory=torch.cuda.is_available(),
        )

    def val_dataloader(self) -> DataLoader[Batch]:
        """Whole, undeformed tracks."""
        return DataLoader(self.validation_data, batch_size=None)

    def features(self, batch: Batch) -> Tensor:
        """The patches of a batch as a network takes them, shape (B, N, F, T)."""
        x = as_input(batch.x) if self.frontend is None else self._computed(batch)
        x = deformations.cut(x, batch.first, batch.source, batch.lengths)
        return deformations.pitch_shift(x, batch.shift)

    def _computed(self, batch: Batch) -> Tensor:
        assert self.frontend is not None
        rows = max(1, CHUNK // batch.x.shape[1])
        parts = zip(torch.split(batch.x, rows), torch.split(batch.extent, rows), strict=True)
        with torch.no_grad():
            computed = [self.frontend(x.float() / FULL_SCALE, extent) for x, extent in parts]
        return torch.cat(computed)

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """The loss of a batch of patches."""
        # Dropout too has to be the same after a resume, whatever has drawn numbers in between.
        place = (self.training_options.seed, self.current_epoch, index, self.global_rank)
        torch.manual_seed(int(np.random.SeedSequence(place).generate_state(1)[0]))
        x, lengths, target = self.features(batch), batch.lengths, batch.target
        loss = losses.loss(self.task.output, self.model(x, lengths), target, lengths)
        if not torch.isfinite(loss):
            raise DeepmirError("the loss is not finite: lower training.learning_rate")
        self.log("train/loss", loss, on_step=False, on_epoch=True, batch_size=len(x))
        return loss

    def on_validation_epoch_start(self) -> None:
        """Forget the last epoch."""
        self._losses, self._scores = [], []

    def validation_step(self, batch: Batch, index: int) -> None:
        """The loss and the task's own metrics of whole tracks."""
        x, lengths, target = self.features(batch), batch.lengths, batch.target
        logits = self.model(x, lengths)
        self._losses.append((float(losses.loss(self.task.output, logits, target, lengths)), len(x)))
        activations = losses.activate(self.task.output, logits).float().cpu().numpy()
        first = index * self.training_options.batch_size
        for row, example in enumerate(self.validation_data.examples[first : first + len(x)]):
            values = activations[row]
            if self.task.time_varying:
                values = values[:, : int(lengths[row])].T
            estimate = Jams(example.jams.duration, tuple(self.decoder(values)))
            self._scores.append(self.task.metrics(example.jams, estimate))

    def on_validation_epoch_end(self) -> None:
        """Averages over tracks, not over batches of unequal size."""
        total = sum(weight for _, weight in self._losses)
        loss = sum(value * weight for value, weight in self._losses) / total
        self.log("validation/loss", loss)
        for name in self._scores[0]:
            mean = float(np.mean([scores[name] for scores in self._scores if name in scores]))
            self.log(f"validation/{name}", mean)

    def configure_optimizers(self) -> dict[str, Any]:
        """AdamW under one cycle of the learning rate, which is one way of adapting it."""
        options = self.training_options
        optimizer = torch.optim.AdamW(
            self.parameters(),
            lr=options.learning_rate,
            weight_decay=options.weight_decay,
            fused=True,
        )
        steps = options.epochs * self.batches_per_epoch
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, options.learning_rate, total_steps=steps
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


def quieten() -> None:
    """Keep what Lightning says of itself out of the log; what goes wrong is still said."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    for said in (".*LeafSpec.*", ".*has `__len__` defined.*", ".*exists and is not empty.*"):
        warnings.filterwarnings("ignore", said)


def train(params: Params, name: str, *, threads: int, progress: bool) -> Path:
    """Train the experiment of a name; returns the folder of the model.

    Raises:
        DeepmirError: when data are missing, stale or unusable, or the loss is not finite.
    """
    quieten()
    torch.set_num_threads(threads)
    experiment = params.experiments[name]
    data = corpus.load(params, experiment.dataset)
    trainee = prepare(params, experiment, data)
    folder = paths.model(name)
    run = fingerprint(params, experiment, data)
    checkpoints = paths.CHECKPOINTS / f"{name}-{run}"
    history = History(name, experiment.training.epochs)
    health = _health(trainee, experiment) if experiment.training.health else None
    best = _fit(trainee, experiment.training, checkpoints, history, health, progress)
    card = Card(
        name=name,
        task=experiment.task,
        network=experiment.network,
        representation=trainee.sampler.representation.model_dump(mode="json"),
        labels=trainee.task.output.labels,
        activation=trainee.task.output.activation,
        training={
            "seed": experiment.training.seed,
            "configuration_hash": run,
            "data_hash": data.data_hash,
            "split_hash": data.split_hash,
            "features_hash": trainee.sampler.representation.digest,
            "commit": provenance.commit(),
            "tracks": {
                "train": len(trainee.train_examples),
                "validation": len(trainee.validation_data.examples),
            },
            "parameters": sum(p.numel() for p in trainee.model.parameters()),
            "best": history.best(experiment.training.monitor, experiment.training.mode),
        },
    )
    history.write(folder / "history.csv")
    # What an earlier training took down is not of this one.
    (folder / "health.csv").unlink(missing_ok=True)
    if health is not None:
        health.write(folder / "health.csv")
    state = torch.load(best, map_location="cpu", weights_only=True)["state_dict"]
    tensors = {k.removeprefix("model."): v for k, v in state.items() if k.startswith("model.")}
    model.save(folder, tensors, card)
    shutil.rmtree(checkpoints)
    return folder


def fingerprint(params: Params, experiment: Experiment, data: Corpus) -> str:
    """Hash of all that decides the result: a checkpoint of anything else is not gone on from."""
    parts = {
        "experiment": experiment.model_dump(mode="json"),
        "representation": params.representations[experiment.representation].digest,
        "code": stages.code_hash("train", experiment),
        "data": data.data_hash,
        "split": data.split_hash,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def prepare(params: Params, experiment: Experiment, data: Corpus) -> Trainee:
    """An experiment ready to be trained, its standardisation measured.

    Raises:
        DeepmirError: when data are missing, stale or unusable.
    """
    pl.seed_everything(experiment.training.seed, workers=True, verbose=False)
    task = tasks.get(experiment.task)
    representation = params.representations[experiment.representation]
    inputs = open_inputs(params, experiment)
    parts = {}
    for part, tracks in (("train", data.divided.train), ("validation", data.divided.validation)):
        usable = [track for track in tracks if track.id in inputs]
        labelled = corpus.read_annotations(usable)
        examples = [Example(t, inputs.frames(t), jams) for t, jams in labelled.items()]
        parts[part] = [e for e in examples if _has_target(task, e)]
        if not parts[part]:
            raise DeepmirError(
                f"data set {experiment.dataset}: no {part} track has annotations for "
                f"the task {experiment.task}"
            )
    network = model.build(
        experiment.network, representation, task.output, varying=task.time_varying
    )
    network.standardise_by(inputs.features(example.track) for example in parts["train"])
    frames = round(experiment.training.patch_seconds * representation.frame_rate)
    sampler = Sampler(task, representation, inputs, frames, dict(experiment.deformations))
    frontend = Frontend(representation) if params.on_the_fly(experiment) else None
    return Trainee(
        network,
        task,
        experiment.training,
        sampler,
        parts["train"],
        parts["validation"],
        frontend,
    )


def _has_target(task: Task, example: Example) -> bool:
    return task.target(example.jams, Grid(0.0, 1.0, 1)) is not None


def _health(trainee: Trainee, experiment: Experiment) -> Health:
    network = trainee.model.network
    assert isinstance(network, Network)
    nodes = networks.describe(experiment.network, network.shape, network.output).nodes
    return Health(network, [name_of(node) for node in nodes])


def _fit(
    trainee: Trainee,
    training: Training,
    folder: Path,
    history: History,
    health: Health | None,
    progress: bool,
) -> Path:
    """Run the loop; returns the path of the best checkpoint."""
    checkpoint = ModelCheckpoint(
        dirpath=folder,
        filename="best",
        monitor=training.monitor,
        mode=training.mode,
        save_last=True,
        enable_version_counter=False,
    )
    stopping = EarlyStopping(
        training.monitor, mode=training.mode, patience=training.patience, check_finite=True
    )
    trainer = pl.Trainer(
        accelerator=training.device,
        devices=training.devices,
        precision=training.precision,
        max_epochs=training.epochs,
        gradient_clip_val=training.gradient_clip,
        callbacks=[history, *([] if health is None else [health]), stopping, checkpoint],
        reload_dataloaders_every_n_epochs=1,
        num_sanity_val_steps=0,
        logger=False,
        enable_progress_bar=progress,
        enable_model_summary=False,
        default_root_dir=folder,
    )
    last = folder / "last.ckpt"
    resume = str(last) if _is_whole(last) else None
    if folder.exists() and resume is None:
        shutil.rmtree(folder)
    trainer.fit(trainee, ckpt_path=resume, weights_only=False)
    return Path(checkpoint.best_model_path)


def _is_whole(path: Path) -> bool:
    """Whether a checkpoint can be read: one that a kill cut short is started over from nothing."""
    try:
        torch.load(path, map_location="cpu", weights_only=False, mmap=True)
    except Exception:
        return False
    return True

"""Training: one loop for every task (tutorial, section 2.2).

The best checkpoint by a named validation value becomes the model. A training that is killed resumes
from its last epoch, and gives the same weights as one that was not: what is random is drawn from
the seed and the number of the epoch.
"""

import hashlib
import json
import logging
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path

import lightning.pytorch as pl
import torch
from lightning.pytorch.callbacks import EarlyStopping
from torch import Tensor

from deepmir import networks, paths
from deepmir.datasets import fewer
from deepmir.declarations.entries import NetworkEntry
from deepmir.declarations.schema import Experiment, Training
from deepmir.errors import DeepmirError, about
from deepmir.features import corpus
from deepmir.features.corpus import Corpus
from deepmir.features.frontend import Frontend
from deepmir.features.inputs import open_inputs
from deepmir.models import class_weights, model
from deepmir.models.card import NetworkCard
from deepmir.networks.network import Network
from deepmir.networks.plan import name_of
from deepmir.tasks.base import Grid, Task
from deepmir.training import starting
from deepmir.training.checkpoint import LAST, Mode, Resumable, is_whole, only_one
from deepmir.training.health import Health
from deepmir.training.history import History
from deepmir.training.module import TrainingModule
from deepmir.training.patches import Example, Sampler


def quieten() -> None:
    """Keep Lightning's remarks about itself out of the log; real warnings stay."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    remarks = (
        "LeafSpec",
        "has `__len__` defined",
        "exists and is not empty",
        "in eval mode at the",
    )
    for remark in (f".*{each}.*" for each in remarks):
        warnings.filterwarnings("ignore", remark)


def train(entry: NetworkEntry, *, threads: int, progress: bool, code: str = "") -> Path:
    """Train a network; returns the folder of the model.

    Args:
        entry: the network and its data set.
        threads: of the CPU.
        progress: whether to draw a bar.
        code: hash of the code that trains; a checkpoint of other code is not resumed.

    Raises:
        DeepmirError: when data are missing, stale or unusable, the loss is not finite, or another
            process trains the same experiment.
    """
    quieten()
    torch.set_num_threads(threads)
    with only_one(entry.name, paths.CHECKPOINTS), about(entry.name):
        return _train(entry, progress, code)


def _train(entry: NetworkEntry, progress: bool, code: str) -> Path:
    experiment, folder = entry.experiment, entry.folder
    data = entry.files.read_to_train()
    module = prepare(entry, data)
    run = fingerprint(entry, data, code)
    checkpoints = paths.CHECKPOINTS / f"{entry.name}-{run}"
    history = History(entry.name, experiment.training.epochs)
    health = _health(module, experiment) if experiment.training.health else None
    mode = mode_of(module.task, experiment.training.monitor)
    best = _fit(module, experiment.training, mode, checkpoints, history, health, progress)
    module.cpu().load_state_dict(best)
    tensors = module.best_model.state_dict()
    card = NetworkCard(
        name=entry.name,
        task=experiment.task,
        network=experiment.network,
        representation=module.sampler.representation,
        labels=module.task.output.labels,
        activation=module.task.output.activation,
        auxiliary=dict(experiment.auxiliary),
        decoder=module.choose_decoder(),
        excerpt_frames=module.excerpt,
        ensemble=experiment.ensemble,
        training={
            "seed": experiment.training.seed,
            "configuration_hash": run,
            "data_hash": data.data_hash,
            "split_hash": data.split_hash,
            "features_hash": module.sampler.representation.digest,
            "tracks": {
                "train": len(module.train_examples),
                "validation": len(module.validation_data.examples),
            },
            "parameters": sum(p.numel() for p in module.model.parameters()),
            "best": history.best(experiment.training.monitor, mode),
            **({"start_from": dict(module.started.card)} if module.started else {}),
        },
    )
    history.write(folder / "history.csv")
    # It may be there from an earlier training that recorded it.
    (folder / "health.csv").unlink(missing_ok=True)
    if health is not None:
        health.write(folder / "health.csv")
    model.save(folder, tensors, card)
    shutil.rmtree(checkpoints)
    return folder


def fingerprint(entry: NetworkEntry, data: Corpus, code: str) -> str:
    """Hash of all that decides the result: a checkpoint of anything else is not resumed."""
    parts = {
        "experiment": entry.decides,
        "representation": entry.representation.digest,
        "code": code,
        "data": data.data_hash,
        "split": data.split_hash,
    }
    if entry.source is not None:
        parts["start_from"] = entry.source.weights_sha256
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def mode_of(task: Task, monitor: str) -> Mode:
    """Whether the least or the most of a value that is monitored is the best: of a loss the least.

    Args:
        task: what is learned.
        monitor: `train/loss`, `validation/loss` or `validation/<metric of the task>`.
    """
    metric = task.measures.get(monitor.removeprefix("validation/"))
    return "max" if metric is not None and metric.better == "more" else "min"


def prepare(entry: NetworkEntry, data: Corpus) -> TrainingModule:
    """A network ready to be trained, its standardisation measured.

    Raises:
        DeepmirError: when data are missing, stale or unusable.
    """
    experiment, task, representation = entry.experiment, entry.task, entry.representation
    pl.seed_everything(experiment.training.seed, workers=True, verbose=False)
    inputs = open_inputs(entry.files, representation, on_the_fly=entry.on_the_fly)
    parts = {}
    for part, tracks in (("train", data.divided.train), ("validation", data.divided.validation)):
        usable = [track for track in tracks if track.id in inputs]
        labelled = corpus.read_annotations(usable, task.namespaces)
        examples = [Example(t, inputs.frames(t), jams) for t, jams in labelled.items()]
        parts[part] = [e for e in examples if _has_target(task, e)]
        if not parts[part]:
            raise DeepmirError(
                f"data set {data.name}: no {part} track has annotations for "
                f"the task {experiment.task}"
            )
    if experiment.training.tracks is not None:
        labelled_tracks = {example.track for example in parts["train"]}
        known = [track for track in data.divided.train if track.id in labelled_tracks]
        drawn = fewer.draw(known, experiment.training.tracks, experiment.training.seed)
        parts["train"] = [example for example in parts["train"] if example.track in drawn]
    network = model.build(
        experiment.network,
        representation,
        task.output,
        varying=task.time_varying,
        ensemble=experiment.ensemble,
    )
    starting.check_layers(representation, data)
    started = starting.start(network, entry, data)
    if started is None:
        network.standardise_by(inputs.features(example.track) for example in parts["train"])
    starting.freeze(network, experiment.network, experiment.training.frozen)
    frames = round(experiment.training.patch_seconds * representation.frame_rate)
    sampler = Sampler(task, representation, inputs, frames, dict(experiment.deformations))
    frontend = Frontend(representation) if entry.on_the_fly else None
    weights = _class_weights(experiment, task, parts["train"], representation.frame_rate)
    return TrainingModule(
        network,
        task,
        experiment.training,
        sampler,
        parts["train"],
        parts["validation"],
        frontend,
        weights,
        started,
    )


def _class_weights(
    experiment: Experiment, task: Task, examples: Sequence[Example], frame_rate: float
) -> Tensor | None:
    if not experiment.class_weights:
        return None
    grids = (Grid(0.0, 1 / frame_rate, example.frames) for example in examples)
    made = (task.target(e.jams, grid) for e, grid in zip(examples, grids, strict=True))
    targets = (target for target in made if target is not None)
    return class_weights.of(experiment.class_weights, task.output, targets)


def _has_target(task: Task, example: Example) -> bool:
    return task.target(example.jams, Grid(0.0, 1.0, 1)) is not None


def _health(module: TrainingModule, experiment: Experiment) -> Health:
    network = module.model.network
    assert isinstance(network, Network)
    nodes = networks.describe(experiment.network, network.shape, network.output).nodes
    return Health(network, [name_of(node) for node in nodes])


def _fit(
    module: TrainingModule,
    training: Training,
    mode: Mode,
    folder: Path,
    history: History,
    health: Health | None,
    progress: bool,
) -> dict[str, Tensor]:
    """Run the loop; returns the best weights."""
    last = folder / LAST
    checkpoint = Resumable(last, training.monitor, mode)
    stopping = EarlyStopping(
        training.monitor, mode=mode, patience=training.patience, check_finite=True
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
    resume = str(last) if is_whole(last) else None
    if folder.exists() and resume is None:
        shutil.rmtree(folder)
    trainer.fit(module, ckpt_path=resume, weights_only=False)
    return checkpoint.best_weights

"""Training of networks for tasks: one loop for every task (tutorial, section 2.2)."""

from collections.abc import Sequence
from pathlib import Path

import lightning.pytorch as pl
from torch import Tensor

from deepmir import networks, tasks
from deepmir.datasets.splits import Part
from deepmir.declarations.neural import NetworkEntry
from deepmir.declarations.schema import Experiment
from deepmir.errors import DeepmirError
from deepmir.features.frontend import Frontend
from deepmir.features.inputs import open_inputs
from deepmir.models import class_weights, model
from deepmir.models.card import NetworkCard
from deepmir.networks import processes
from deepmir.networks.network import Network
from deepmir.networks.plan import name_of
from deepmir.tasks.base import Grid, Task
from deepmir.training import starting, taught, trainer
from deepmir.training.health import Health
from deepmir.training.labelled import has_target
from deepmir.training.module import TrainingModule
from deepmir.training.patches import Example, Sampler
from deepmir.training.taught import Taught
from deepmir.training.trainer import Run


def train(
    entry: NetworkEntry,
    *,
    threads: int,
    progress: bool,
    code: str = "",
    callbacks: Sequence[pl.Callback] = (),
) -> Path:
    """Train a network; returns the folder of the model.

    Args:
        entry: the network and its data set.
        threads: of the CPU, which the processes of several devices share.
        progress: whether to draw a bar.
        code: hash of the training code; a checkpoint of other code is not resumed.
        callbacks: further Lightning callbacks; they observe and change nothing.

    Raises:
        DeepmirError: when data are missing, stale or unusable, the loss is not finite, or another
            process trains the same experiment.
    """
    with trainer.alone(entry.name, entry.experiment.training, threads) as is_first:
        return _train(entry, progress, code, callbacks if is_first else ())


def _train(
    entry: NetworkEntry, progress: bool, code: str, callbacks: Sequence[pl.Callback]
) -> Path:
    experiment, folder = entry.experiment, entry.folder
    data = taught.of(entry)
    module = prepare(entry, data)
    health = _health(module, experiment) if experiment.training.health else None
    run = Run(
        name=entry.name,
        training=experiment.training,
        fingerprint=taught.fingerprint(entry, data, code),
        monitor=experiment.training.monitor,
        mode=trainer.mode_of(module.task, experiment.training.monitor),
    )
    watching = [*([] if health is None else [health]), *callbacks]
    history = trainer.fit(module, run, watching, progress)
    if processes.rank() > 0:
        return folder
    tensors = module.best_model.state_dict()
    card = NetworkCard(
        name=entry.name,
        task=experiment.task,
        network=experiment.network,
        representation=module.sampler.representation,
        labels=module.task.output.labels,
        activation=module.task.output.activation,
        auxiliary=dict(experiment.auxiliary),
        excerpt_frames=module.excerpt,
        ensemble=experiment.ensemble,
        **module.choose_decoder(),
        training={
            **run.about(history),
            "dataset": data[0].corpus.name,
            **taught.hashes(data[0]),
            "features_hash": module.sampler.representation.stamp,
            "tracks": {
                "train": len(module.train_examples),
                "validation": len(module.validation_data.examples),
            },
            "parameters": sum(p.numel() for p in module.model.parameters()),
            **taught.beside(data[1:]),
            **({"start_from": dict(module.started.card)} if module.started else {}),
        },
    )
    # It may be there from an earlier training that recorded it.
    (folder / "health.csv").unlink(missing_ok=True)
    if health is not None:
        health.write(folder / "health.csv")
    return run.keep(folder, history, tensors, card)


def prepare(entry: NetworkEntry, data: Sequence[Taught]) -> TrainingModule:
    """A network ready to be trained, its standardisation measured.

    Raises:
        DeepmirError: when data are missing, stale or unusable.
    """
    experiment, task, representation = entry.experiment, entry.task, entry.representation
    pl.seed_everything(experiment.training.seed, workers=True, verbose=False)
    parts: dict[Part, list[Example]] = {"train": [], "validation": []}
    for one in data:
        inputs = open_inputs(one.files, representation, on_the_fly=entry.on_the_fly)
        parts["train"] += taught.examples(
            one, "train", task, inputs, experiment.training if one is data[0] else None
        )
        parts["validation"] += taught.examples(one, "validation", task, inputs)
    network = model.build(
        experiment.network,
        representation,
        task.output,
        varying=task.time_varying,
        ensemble=experiment.ensemble,
    )
    corpora = [one.corpus for one in data]
    starting.check_layers(representation, corpora)
    started = starting.start(network, entry, corpora)
    if started is None and experiment.training.standardise:
        network.standardise_by(e.inputs.features(e.track) for e in parts["train"])
    starting.freeze(network, experiment.network, experiment.training.frozen)
    _refuse_unknown(task, parts["train"])
    frames = round(experiment.training.patch_seconds * representation.frame_rate)
    sampler = Sampler(task, representation, frames, dict(experiment.deformations))
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


def _refuse_unknown(task: Task, examples: Sequence[Example]) -> None:
    """Refuse a task that shares the network and of which no training track is annotated."""
    for name, (one, _) in tasks.parts(task).items():
        if not any(has_target(one, example.jams) for example in examples):
            raise DeepmirError(
                f"auxiliary.{name}: no train track has annotations for the task {name}: leave it "
                "out, or annotate some"
            )


def _class_weights(
    experiment: Experiment, task: Task, examples: Sequence[Example], frame_rate: float
) -> Tensor | None:
    if not experiment.class_weights:
        return None
    made = ((task.target(e.jams, Grid(0.0, 1 / frame_rate, e.frames)), e.share) for e in examples)
    targets = ((target, share) for target, share in made if target is not None)
    return class_weights.of(experiment.class_weights, task, targets)


def _health(module: TrainingModule, experiment: Experiment) -> Health:
    network = module.model.network
    assert isinstance(network, Network)
    nodes = networks.describe(experiment.network, network.shape, network.output).nodes
    return Health(network, [name_of(node) for node in nodes])

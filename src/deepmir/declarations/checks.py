"""Checks of the references between declarations in `params.yaml`, before any computation."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from deepmir.baselines.methods import ON_FRAMES, learns, methods_of
from deepmir.declarations import searches, sources, sweeps
from deepmir.declarations.generators import Generator
from deepmir.declarations.neural import computed_on_the_fly
from deepmir.declarations.neural_checks import check_monitor, check_patches, check_sequence
from deepmir.declarations.schema import (
    SECTIONS,
    Baseline,
    Carried,
    CrossValidation,
    Experiment,
    Params,
    System,
)
from deepmir.declarations.sequences import SequenceNetwork
from deepmir.errors import DeepmirError, about
from deepmir.naming import known
from deepmir.tasks.names import NAMES

if TYPE_CHECKING:
    from deepmir.representations import Representation
    from deepmir.tasks.base import Task

NAME_OF_A_FOLD = re.compile(r"-fold\d+$")

Entry = System | CrossValidation | Carried


def check(params: Params) -> None:
    """Check that declarations fit each other.

    Raises:
        DeepmirError: naming the key.
    """
    from deepmir import tasks

    swept = {name: place for group in sweeps.groups(params) for name, place in group.made.items()}
    swept |= {name: f"searches.{name}" for name in params.searches}
    _check_names(params, swept)
    for name, dataset in params.datasets.items():
        with about(f"datasets.{name}"):
            dataset.check()
    for task in params.decoders:
        known(task, NAMES, "task", "decoders")
        if not _has_entry(params, task):
            _check_decoder(params, tasks.get(task))
    for section in SECTIONS:
        rows: Mapping[str, Entry] = getattr(params, section)
        for name, row in rows.items():
            with about(swept.get(name, f"{section}.{name}")):
                _check_entry(params, row)
    for name in params.searches:
        with about(f"searches.{name}"):
            _check_search(params, name)
    for name, generator in params.generators.items():
        with about(f"generators.{name}"):
            _check_generator(params, generator)
    for task, name in params.defaults.items():
        _check_default(params, task, name)
    for task in params.withheld:
        known(task, params.defaults, "task under defaults (in withheld)")


def _check_names(params: Params, swept: Mapping[str, str]) -> None:
    """Every entry and every sweep has files of its name, so no two can share one."""
    seen: dict[str, str] = {}
    for section in (*SECTIONS, "generators", "sweeps"):
        for name in getattr(params, section):
            if name in seen:
                other = swept.get(name, seen[name])
                raise DeepmirError(f"{name!r} is in both {other} and {section}: rename one")
            if NAME_OF_A_FOLD.search(name):
                raise DeepmirError(
                    f"{section}.{name}: names that end in -fold and a number are reserved "
                    "for the folds of a cross-validation: rename it"
                )
            seen[name] = section


def _check_search(params: Params, name: str) -> None:
    """Check every experiment that differs in one value alone; a trial checks what it has drawn."""
    base, search = params.experiments[name], params.searches[name]
    searches.check(base, search)
    for axis in searches.axes(search):
        for place, value in axis.examples:
            with about(f"searches.{name}.{place}"):
                _check_experiment(params, searches.settled(base, {axis.key: value}))


def _check_generator(params: Params, row: Generator) -> None:
    from deepmir import tasks

    known(row.dataset, params.datasets, "data set", "dataset")
    known(row.representation, params.representations, "representation", "representation")
    judges = {
        key: tasks.of(params.experiments[known(name, params.experiments, "experiment", key)])
        for key, name in row.needed.items()
    }
    row.check(params.representations[row.representation], judges)


def _check_default(params: Params, task: str, name: str) -> None:
    known(task, NAMES, "task (in defaults)")
    experiment = params.experiments[known(name, params.experiments, "experiment (in defaults)")]
    shared = task in experiment.auxiliary and params.defaults.get(experiment.task) == name
    if experiment.task != task and not shared:
        raise DeepmirError(f"defaults.{task}: {name} is an experiment for {experiment.task}")


def _check_entry(params: Params, row: Entry) -> None:
    from deepmir import tasks

    known(row.dataset, params.datasets, "data set", "dataset")
    match row:
        case CrossValidation():
            if row.entry in params.searches:
                raise DeepmirError(
                    f"entry: {row.entry} is a search, which uses a single split: declare "
                    "the values it found as an experiment"
                )
            known(row.entry, params.systems, "experiment or baseline", "entry")
        case Carried():
            _check_carried(params, row)
        case Baseline():
            known(row.task, NAMES, "task", "task")
            known(row.method, methods_of(row.task), f"{row.task} baseline", "method")
            _check_labels(row)
            _check_frames(params, row)
            _check_drawn(row)
            if learns(row.method):
                _check_decoder(params, tasks.get(row.task, row.labels))
        case Experiment():
            known(row.task, NAMES, "task", "task")
            _check_also(params, row)
            for task in row.auxiliary:
                known(task, NAMES, "task", "auxiliary")
            known(row.representation, params.representations, "representation", "representation")
            _check_experiment(params, row)
        case SequenceNetwork():
            known(row.representation, params.representations, "representation", "representation")
            check_sequence(row, params.representations[row.representation])


def _check_frames(params: Params, row: Baseline) -> None:
    """Refuse a representation where a method takes audio, and none where it takes one."""
    if row.representation is not None:
        known(row.representation, params.representations, "representation", "representation")
    if (row.representation is None) == (row.method in ON_FRAMES):
        does = "takes audio: leave it out" if row.representation else "needs one: name it"
        raise DeepmirError(f"representation: the method {row.method} {does}")
    if row.representation and params.representations[row.representation].kind == "audio":
        raise DeepmirError(f"representation: {row.representation} is raw audio: name another")
    if row.representation and row.sample_rate != Baseline.model_fields["sample_rate"].default:
        raise DeepmirError("sample_rate: the representation has its own: leave it out")


def _check_drawn(row: Baseline) -> None:
    """Refuse training tracks for a method that does not learn, and a seed that draws none."""
    if row.tracks is not None and not learns(row.method):
        raise DeepmirError(f"tracks: the method {row.method} does not learn: leave it out")
    if row.tracks is None and row.seed != Baseline.model_fields["seed"].default:
        raise DeepmirError("seed: it draws the `tracks`, which are not given: leave it out")


def _check_labels(row: Experiment | Baseline) -> None:
    from deepmir import tasks

    task = tasks.get(row.task, row.labels)
    if len(row.labels) == 1 and task.output.activation == "softmax":
        raise DeepmirError(f"labels: {row.task} needs at least two: declare more")


def _has_entry(params: Params, task: str) -> bool:
    """Whether the decoder of a task is one of an entry's, and checked with it."""
    return any(row.task == task for row in params.experiments.values()) or any(
        row.task == task and learns(row.method) for row in params.baselines.values()
    )


def _check_decoder(params: Params, task: "Task", frame_rate: float = 100.0) -> None:
    """Refuse options that a task's decoder does not know, or cannot have at a frame rate."""
    options = params.decoders.get(task.name, {})
    try:
        for given in (options, *options.values()):  # an auxiliary task's are under its name
            if isinstance(given, Mapping) and "frame_rate" in given:
                raise DeepmirError(
                    "decoder: frame_rate comes from the representation: leave it out"
                )
        task.decoder(frame_rate, **options)
    except DeepmirError as error:
        raise DeepmirError(f"{error} (in decoders.{task.name})") from None


def _check_carried(params: Params, row: Carried) -> None:
    entry = params.systems[known(row.model, params.systems, "experiment or baseline", "model")]
    if isinstance(entry, Baseline) and not learns(entry.method):
        raise DeepmirError(
            f"model: {row.model} does not learn, so there is nothing to carry over: "
            f"declare the method {entry.method} as a baseline of {row.dataset}"
        )
    if row.dataset == entry.dataset:
        raise DeepmirError(
            f"model: {row.model} was trained on {row.dataset} and is already tested on "
            "its test part: name another data set"
        )


def _check_also(params: Params, experiment: Experiment) -> None:
    """Refuse data sets that are unknown or named twice, and shares that leave the own one none."""
    for name in experiment.also:
        known(name, params.datasets, "data set", "also")
        if name == experiment.dataset:
            raise DeepmirError(f"also.{name}: this is the experiment's own data set: leave it out")
    total = sum(experiment.also.values())
    if total >= 1:
        raise DeepmirError(
            f"also: the shares add up to {total:g}, which leaves nothing for "
            f"{experiment.dataset}: lower them"
        )


def _check_ensemble(experiment: Experiment, task: "Task", representation: "Representation") -> None:
    if representation.channels == 1:
        raise DeepmirError(
            f"ensemble: {experiment.representation} has one channel, but an ensemble "
            "needs several, such as the members of a stack"
        )
    if task.hidden:
        raise DeepmirError(
            f"ensemble: the decoder of {task.name} reads the features of a single "
            "network: leave it out"
        )
    if experiment.training.health:
        raise DeepmirError("training.health records a single network: leave it out of an ensemble")


def _check_experiment(params: Params, experiment: Experiment) -> None:
    """Refuse, before anything is computed, a network that cannot fit or a forbidden deformation."""
    from deepmir import networks, tasks
    from deepmir.deformations.check import check as check_deformations
    from deepmir.models import class_weights

    _check_labels(experiment)
    task = tasks.sharing(tasks.get(experiment.task, experiment.labels), experiment.auxiliary)
    representation = params.representations[experiment.representation]
    if representation.frame_rate < task.min_frame_rate:
        raise DeepmirError(
            f"representation: {experiment.representation} has {representation.frame_rate:g} frames "
            f"a second, and the task {task.name} needs {task.min_frame_rate:g}: lower its hop"
        )
    check_monitor(task, experiment.training.monitor)
    class_weights.check(experiment.class_weights, task)
    if experiment.ensemble:
        _check_ensemble(experiment, task, representation)
    network = networks.describe(
        experiment.network,
        networks.InputShape.of(representation, experiment.ensemble),
        networks.Output(width=task.output.width, time_varying=task.time_varying),
    )
    sources.check(params, experiment)
    check_patches(experiment, representation, network.minimum_frames)
    on_the_fly = computed_on_the_fly(experiment, representation)
    check_deformations(
        task,
        experiment.deformations,
        representation,
        on_the_fly=on_the_fly,
    )
    if on_the_fly:
        try:
            representation.context()
        except DeepmirError as error:
            raise DeepmirError(f"precompute: not possible on the fly, since {error}") from None
    _check_decoder(params, task, representation.frame_rate)

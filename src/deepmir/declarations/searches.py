"""Searches: which keys of an experiment may be searched, and the values of a trial.

A search acts as an experiment with its name. Its values are chosen when it is trained: its model is
that of the trial with the best validation value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepmir import paths
from deepmir.declarations.laying import laid, written
from deepmir.declarations.schema import Experiment, Params
from deepmir.declarations.varying import Range, Search, Searched
from deepmir.errors import DeepmirError, about
from deepmir.naming import known

COMPARED = "trials are compared on the same tracks of one task: declare another search"
GIVEN = "input and initial weights are the same in all trials: compare them by a sweep"
WHERE = "it decides where a training runs, not what it learns"
FIXED = {
    **dict.fromkeys(("dataset", "also", "task", "labels", "auxiliary"), COMPARED),
    **dict.fromkeys(("representation", "precompute", "ensemble", "start_from"), GIVEN),
    "training": "name a key in it, such as training.learning_rate",
    "training.seed": "the best of several seeds is luck: train the chosen values with several",
    "seeds": "each trial is one training: train the chosen values with several seeds",
    "training.monitor": "trials are compared by it",
    "training.tracks": "trials learn from the same tracks: compare their number by a sweep",
    **{f"training.{key}": WHERE for key in ("health", "device", "devices", "workers", "precision")},
}
"""Keys that cannot be searched, and why."""

LOSS = "validation/loss"


def page(name: str) -> Path:
    """The page of a search; its figure is beside it."""
    return Path("reports/searches") / f"{name}.md"


@dataclass(frozen=True)
class Axis:
    """A key that is searched.

    Attributes:
        key: with a dot inside `training` or `deformations`.
        range: its two ends; None for choices.
        choices: the values by their names; empty for a range.
    """

    key: str
    range: Range | None
    choices: Mapping[str, Any]

    @property
    def examples(self) -> list[tuple[str, Any]]:
        """The values to check, with their places: choices, or both ends and one value between."""
        place = f"search.{self.key}"
        if self.range is None:
            return [(place, value) for value in self.choices.values()]
        low, high = self.range.low, self.range.high
        inside = low + (high - low) * 0.382  # no round number, as most that will be tried
        return [
            (f"{place}.low", low),
            (f"{place} between low and high", round(inside) if self.range.whole else inside),
            (f"{place}.high", high),
        ]


def axes(search: Search) -> list[Axis]:
    """The searched keys, in the order of the declaration."""
    return [_axis(key, values) for key, values in search.search.items()]


def _axis(key: str, values: Searched) -> Axis:
    if isinstance(values, Range):
        return Axis(key, values, {})
    if isinstance(values, Mapping):
        return Axis(key, None, dict(values))
    named = [(text, value) for value, text in written(f"search.{key}", values)]
    if len(dict(named)) < len(named):
        raise DeepmirError(f"search.{key}: a value appears twice: leave one out")
    return Axis(key, None, dict(named))


def expanded(params: Params) -> Params:
    """The declarations, with every search added to the experiments as its base experiment.

    Raises:
        DeepmirError: when the experiment does not exist, or a name is taken.
    """
    experiments = dict(params.experiments)
    for name, search in params.searches.items():
        with about(f"searches.{name}"):
            if name in experiments:
                raise DeepmirError("its name is taken by an experiment: rename one")
            of = known(search.of, params.experiments, "experiment", "of")
            experiments[name] = _one_training(params.experiments[of])
    return params.model_copy(update={"experiments": experiments})


def _one_training(base: Experiment) -> Experiment:
    """An experiment as its trials are: of one seed, and without a record of its health."""
    training = base.training.model_copy(update={"health": False})
    return base.model_copy(update={"seeds": 1, "training": training})


def settled(base: Experiment, values: Mapping[str, Any]) -> Experiment:
    """An experiment with the values of a trial; a deformation of 0 is left out.

    Raises:
        DeepmirError: when it cannot have these values.
    """
    row = laid(base, values)
    kept = {name: amount for name, amount in row.deformations.items() if amount}
    return row.model_copy(update={"deformations": kept})


def found(base: Experiment, folder: Path) -> Experiment:
    """The experiment with the values that a search has chosen.

    Args:
        base: the experiment.
        folder: of the model of the search.

    Raises:
        DeepmirError: when it is missing, or is not what a search has found.
    """
    from deepmir.models.card import read_card

    try:
        values = read_card(folder).training["search"]["values"]
    except (KeyError, TypeError):
        again = paths.model_again(folder)
        raise DeepmirError(f"{folder} is not the result of this search: {again}") from None
    return settled(base, values)


def check(base: Experiment, search: Search) -> None:
    """Refuse keys that all trials must share, and values that cannot be compared.

    Raises:
        DeepmirError: naming the key.
    """
    for key in search.search:
        root = key.partition(".")[0]
        reason = FIXED.get(key if root == "training" else root)
        if reason:
            raise DeepmirError(f"search.{key} cannot be searched: {reason}")
    monitor = base.training.monitor
    if not monitor.startswith("validation/"):
        raise DeepmirError(
            f"of: {search.of} has training.monitor {monitor}, but a search chooses by the "
            f"validation part: give it {LOSS} or a metric of the task"
        )
    if monitor == LOSS and any(key.partition(".")[0] == "class_weights" for key in search.search):
        raise DeepmirError(
            f"search.class_weights cannot be searched by {LOSS}, which they weight: give "
            f"{search.of} a metric of the task as training.monitor"
        )
    if base.training.devices != 1:
        raise DeepmirError(
            f"of: {search.of} has training.devices, but a trial uses one device: leave it out"
        )


def widest(base: Experiment, search: Search) -> Experiment:
    """The experiment with every deformation that a trial may use: its code covers all trials."""
    deformations = dict(base.deformations)
    for axis in axes(search):
        if axis.key.partition(".")[0] == "deformations":
            for _, value in axis.examples:
                deformations = {**laid(base, {axis.key: value}).deformations, **deformations}
    return base.model_copy(update={"deformations": deformations})

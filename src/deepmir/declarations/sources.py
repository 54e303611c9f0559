"""The models whose weights an experiment starts from, and whether they fit."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deepmir import paths
from deepmir.declarations.schema import Experiment, Params
from deepmir.errors import DeepmirError
from deepmir.naming import known

if TYPE_CHECKING:
    from deepmir.networks.plan import Plan
    from deepmir.representations import Representation
    from deepmir.tasks.base import Task


@dataclass(frozen=True)
class Source:
    """A model that a network starts from.

    Attributes:
        name: as it is declared.
        folder: of the model.
        declared: whether it is an experiment in the same file.
    """

    name: str
    folder: Path
    declared: bool

    @property
    def weights_sha256(self) -> str:
        """Hash of its weights.

        Raises:
            DeepmirError: when its card cannot be read.
        """
        from deepmir.models.card import read_card

        return read_card(self.folder).weights_sha256


def of(name: str) -> Source:
    """The model that a name or a path refers to.

    Raises:
        DeepmirError: when it is in an archive that is missing or damaged, or not in it.
    """
    from deepmir.models import archive

    if is_path(name):
        return Source(name, archive.folder_of(Path(name)), declared=False)
    if name in shipped():
        return Source(name, paths.SHIPPED / name, declared=False)
    return Source(name, paths.model(name), declared=True)


def is_path(name: str) -> bool:
    """Whether a source is a path: names of experiments contain no slash."""
    return "/" in name


def shipped() -> list[str]:
    """The tasks of the networks that come with deepmir."""
    return sorted(card.parent.name for card in paths.SHIPPED.glob("*/card.json"))


def before(params: Params, row: Experiment) -> Iterator[Experiment]:
    """The experiments in the same file that one starts from, the nearest first."""
    while row.start_from and row.start_from in params.experiments:
        row = params.experiments[row.start_from]
        yield row


@dataclass(frozen=True)
class Known:
    """What determines whether the weights of a network fit another one."""

    notation: str
    representation: "Representation"
    task: "Task"
    ensemble: bool

    @property
    def nodes(self) -> "Plan":
        """Its layers, or those of each network of an ensemble."""
        from deepmir import networks

        shape = networks.InputShape.of(self.representation, self.ensemble)
        output = networks.Output(self.task.output.width, self.task.time_varying)
        return networks.describe(self.notation, shape, output).nodes


def check(params: Params, experiment: Experiment) -> None:
    """Refuse weights that are missing or do not fit, and freezing all layers.

    Raises:
        DeepmirError: naming the key and the layer.
    """
    from deepmir.networks import matching

    training = experiment.training
    own = _declared(params, experiment)
    layers = len(matching.written(own.nodes))
    if training.frozen >= layers:
        raise DeepmirError(
            f"training.frozen: the network has {layers} layers, so at most {layers - 1} "
            "can be frozen"
        )
    if experiment.start_from is None:
        if training.slower != 1:
            raise DeepmirError(
                "training.slower is for layers with weights of another network: declare start_from"
            )
        return
    name = experiment.start_from
    try:
        other = look_up(params, name, experiment)
        _check_input(own, other, name)
        matching.shared(own.nodes, other.nodes, name)
    except DeepmirError as error:
        raise DeepmirError(f"start_from: {error}") from None


def _declared(params: Params, row: Experiment) -> Known:
    from deepmir import tasks

    representation = params.representation(row.representation)
    return Known(row.network, representation, tasks.of(row), row.ensemble)


def look_up(params: Params, name: str, follower: Experiment | None = None) -> Known:
    """Look up a model by a name or a path.

    Args:
        params: the declarations.
        name: an experiment, the task of a network that comes with deepmir, or a path with a slash,
            which may lead into an archive.
        follower: an experiment that starts from it.

    Raises:
        DeepmirError: when the model does not exist, or starts from itself.
    """
    from deepmir.models.card import read_network_card, task_of

    if name in params.searches:
        raise DeepmirError(
            f"{name} is a search, whose result is not known yet: declare the values it "
            "found as an experiment"
        )
    if name in params.experiments:
        if name in shipped():
            raise DeepmirError(
                f"{name} is both an experiment and a network that comes with deepmir: "
                "rename the experiment"
            )
        seen = [] if follower is None else [follower]
        first = params.experiments[name]
        for row in itertools.chain([first], before(params, first)):
            if row in seen:
                raise DeepmirError(f"{name} ultimately starts from itself")
            seen.append(row)
        return _declared(params, first)
    if name.endswith(".onnx"):
        raise DeepmirError(
            f"{name} has no layers or weights to start from: declare a representation of kind onnx"
        )
    if not is_path(name):
        what = "experiment and no network that comes with deepmir called"
        known(name, [*params.experiments, *shipped()], what)
    card = read_network_card(of(name).folder)
    return Known(card.network, card.representation, task_of(card), card.ensemble)


def _check_input(own: Known, other: Known, name: str) -> None:
    if own.representation.digest != other.representation.digest:
        ours, theirs = (n.representation.model_dump(mode="json") for n in (own, other))
        keys = ("kind", *ours, *theirs)
        key = next((key for key in keys if ours.get(key) != theirs.get(key)), "version")
        raise DeepmirError(
            f"{name} takes another representation: its {key} is {theirs.get(key)}, not "
            f"{ours.get(key)}: use the same for both"
        )
    if own.ensemble != other.ensemble:
        one, another = ("an ensemble", "one network")[:: 1 if own.ensemble else -1]
        raise DeepmirError(f"this is {one} and {name} is {another}: ensemble must be the same")

"""Which trained network serves which task: those of deepmir, or of your own folder."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from deepmir import paths
from deepmir.analysis.results import Source
from deepmir.errors import DeepmirError
from deepmir.fields import yaml_file
from deepmir.naming import known
from deepmir.version import VERSION

if TYPE_CHECKING:
    from deepmir.analysis.windows import Windows
    from deepmir.models.card import Card, NetworkCard
    from deepmir.models.hearing import Function
    from deepmir.models.running import Runner
    from deepmir.representations import Representation
    from deepmir.tasks.base import Decoder, Task


CARD = "card.json"

Models: TypeAlias = Path | str | Mapping[str, Path | str]
"""A folder of models (or of one), or the folder of the model of each task."""


@dataclass(frozen=True)
class Trained:
    """A loaded network, for one task.

    Attributes:
        folder: where it was read from.
        network: runs it.
        card: describes it.
        representation: its input.
        hears: computes its input from samples: the representation itself, or another network.
        trained_for: its task, with the auxiliary tasks that share it.
        windows: the pieces in which it is run on a long recording.
        task: the one of these that it is used for here.
        columns: the outputs for this task.
        decode: turns these outputs into annotations.
        reported: whether they are part of the results, or only serve another task.
        vocal: whether they serve the vocal melody, which is made from two networks.
    """

    folder: Path
    network: "Runner"
    card: "NetworkCard"
    representation: "Representation"
    hears: "Function"
    trained_for: "Task"
    windows: "Windows"
    task: "Task"
    columns: slice
    decode: "Decoder"
    reported: bool = True
    vocal: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """The meaning of each output."""
        return self.task.output.labels

    @property
    def withheld(self) -> str:
        """The reason why its task must be asked for by name; empty if it need not."""
        return self.card.withheld.get(self.task.name, "")

    @property
    def source(self) -> Source:
        """The source of results, as an analysis names it."""
        training = self.card.training
        return Source(
            task=self.task.name,
            model=self.card.name,
            version=VERSION,
            data_hash=str(training.get("data_hash", "")),
            commit=str(training.get("commit", "")),
        )


def find(models: Models | None = None, tasks: Iterable[str] | None = None) -> dict[str, Path]:
    """The folder of the model of each task.

    In a folder of models, a network also serves those of its auxiliary tasks that have no model of
    their own.

    Args:
        models: where to look; by default, the models that come with deepmir.
        tasks: as :func:`named` reads them; by default, all tasks with a model.

    Returns:
        Task to folder, in the order of `deepmir.tasks.names.NAMES`.

    Raises:
        DeepmirError: when there is no model, no task is named, a task has no model, or a task has
            two models and none is marked as the default.
    """
    from deepmir.tasks.names import NAMES

    found, beside = _given(paths.SHIPPED if models is None else models)
    wanted = [*found, *beside] if tasks is None else named(tasks)
    chosen = {}
    for task in wanted:
        known(task, NAMES, "task")
        if task not in found and task not in beside:
            there = ", ".join(name for name in NAMES if name in found or name in beside)
            raise DeepmirError(f"there is no model for the task {task} (available: {there})")
        main = task if task in found else beside[task]
        chosen[task] = _only(main, found[main])
    return {task: chosen[task] for task in NAMES if task in chosen}


def named(tasks: str | Iterable[str]) -> list[str]:
    """The names in one text or several, such as `beat, key`.

    Raises:
        DeepmirError: when there is none.
    """
    texts = [tasks] if isinstance(tasks, str) else tasks
    names = [name.strip() for text in texts for name in text.split(",")]
    if not any(names):
        raise DeepmirError("no task is named: name one, such as beat, or leave the tasks out")
    return [name for name in names if name]


def _only(task: str, folders: Sequence[Path]) -> Path:
    """The model of a task that is the default, or the only one where none is."""
    root = folders[0].parent
    default = _defaults(root).get(task)
    chosen = [folder for folder in folders if folder.name == default]
    # What `deepmir install` wrote is named after its tasks.
    if default and not chosen and all(folder.name != task for folder in folders):
        raise DeepmirError(
            f"{root} has no {default}, which the params.yaml beside it names for the task {task}: "
            f"train it, or name {folders[0].name} under `defaults`"
        )
    if not chosen and len(folders) == 1:
        return folders[0]
    if not chosen:
        both = " and ".join(map(str, folders[:2]))
        raise DeepmirError(
            f"{both} are both models for the task {task}: keep one of them, or name one "
            "under `defaults` in the params.yaml beside the folder"
        )
    return chosen[0]


def _defaults(root: Path) -> Mapping[str, str]:
    """The experiment of each task that the params.yaml beside a folder of models marks."""
    declared = root.absolute().parent / paths.PARAMS
    raw = yaml_file.read(declared) if declared.exists() else None
    chosen = raw.get("defaults") if isinstance(raw, dict) else None
    return chosen if isinstance(chosen, dict) else {}


def _given(models: Models) -> tuple[dict[str, list[Path]], dict[str, str]]:
    """The folders of models for each task, and the main task of each auxiliary one."""
    if isinstance(models, Mapping):
        return {task: [Path(folder)] for task, folder in models.items()}, {}
    root = Path(models)
    if not root.is_dir():
        raise DeepmirError(f"{root}: no such folder of models")
    cards: dict[str, list[tuple[NetworkCard, Path]]] = {}
    for card, folder in _networks(root):
        cards.setdefault(card.task, []).append((card, folder))
    if not cards:
        raise DeepmirError(f"{root}: no model found (a folder with {CARD} and model.safetensors)")
    found = {task: [folder for _, folder in pairs] for task, pairs in cards.items()}
    networks = ((task, card) for task, pairs in cards.items() for card, _ in pairs)
    return found, {
        name: task for task, card in networks for name in card.auxiliary if name not in found
    }


def _networks(root: Path) -> Iterator[tuple["NetworkCard", Path]]:
    """Card and folder of every network in a folder of models; baselines are none."""
    from deepmir.models.card import NetworkCard
    from deepmir.tasks.names import NAMES

    folders = [root] if (root / CARD).exists() else sorted(p for p in root.iterdir() if p.is_dir())
    for folder in folders:
        if (folder / CARD).exists():
            card = _card(folder, folder.absolute(), (folder / CARD).stat().st_mtime_ns)
            if isinstance(card, NetworkCard):
                if unknown := {card.task, *card.auxiliary} - {*NAMES}:
                    path, name = folder / CARD, min(unknown)
                    raise DeepmirError(f"{path}: there is no task {name!r}: update deepmir")
                yield card, folder


@lru_cache(maxsize=64)
def _card(folder: Path, place: Path, stamp: int) -> "Card":
    """A card, kept as long as its file is what it was: to check all of them takes 20 ms."""
    from deepmir.models.card import read_card

    return read_card(folder)


def load(folders: Mapping[str, Path]) -> list[Trained]:
    """Load the model of each task.

    Raises:
        DeepmirError: naming the file that is missing, broken, newer than this version of deepmir,
            or does not match its card. Nothing in such a file is ever executed.
    """
    return [_load_as(task, folder) for task, folder in folders.items()]


def _load_as(task: str, folder: Path) -> Trained:
    files = (folder / name for name in (CARD, "model.safetensors", "model.onnx"))
    stamps = tuple(f.stat().st_mtime_ns if f.exists() else 0 for f in files)
    return _loaded(folder.absolute(), task, stamps)


@lru_cache(maxsize=32)
def _loaded(folder: Path, task: str, stamps: tuple[int, ...]) -> Trained:
    """A model, kept in memory as long as its files are what they were."""
    from deepmir.analysis import windows
    from deepmir.models import card as cards
    from deepmir.models import hearing
    from deepmir.tasks.combined import Combined

    network, card = _network(folder, stamps)
    representation = card.representation
    if task not in (card.task, *card.auxiliary):
        raise DeepmirError(f"{folder} is a model for the task {card.task}, not for {task}")
    hears = hearing.function(folder, card)
    try:
        whole = cards.task_of(card)
        parts = whole.parts if isinstance(whole, Combined) else {task: (whole, slice(None))}
        task_here, columns = parts[task]
        return Trained(
            folder=folder,
            network=network,
            card=card,
            representation=representation,
            hears=hears,
            trained_for=whole,
            windows=windows.of(card, representation, whole),
            task=task_here,
            columns=columns,
            decode=task_here.decoder(representation.frame_rate, **card.options(task)),
        )
    except DeepmirError as error:
        raise DeepmirError(f"{folder / CARD}: {error}") from None


@lru_cache(maxsize=32)
def _network(folder: Path, stamps: tuple[int, ...]) -> tuple["Runner", "NetworkCard"]:
    """What runs a network, the same for all tasks that share it, and its card."""
    from deepmir.models import running

    return running.load(folder)

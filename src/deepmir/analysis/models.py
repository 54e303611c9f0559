"""Which trained network answers for which task: those of deepmir, or a folder of one's own."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import deepmir
from deepmir.analysis.results import Source
from deepmir.errors import DeepmirError
from deepmir.naming import known

if TYPE_CHECKING:
    from deepmir.analysis.windows import Windows
    from deepmir.model import Card, Model
    from deepmir.representations import Representation
    from deepmir.tasks.base import Decoder, Task

SHIPPED = Path(__file__).parent.parent / "shipped"
"""The models that come with deepmir: a folder for each task."""

CARD = "card.json"

Models: TypeAlias = Path | str | Mapping[str, Path | str]
"""A folder of models (or of one), or the folder of the model of each task."""


@dataclass(frozen=True)
class Trained:
    """A network that is ready to be asked.

    Attributes:
        folder: where it was read from.
        network: the network, in evaluation mode.
        card: what it is.
        representation: what it takes.
        task: what it was trained for, with the tasks that share it.
        windows: the pieces in which it is asked about a long recording.
        labels: what the first columns of its answer stand for; those of other tasks follow.
        decode: its answer as annotations.
        told: whether these are told, or only what another task makes of them.
    """

    folder: Path
    network: "Model"
    card: "Card"
    representation: "Representation"
    task: "Task"
    windows: "Windows"
    labels: tuple[str, ...]
    decode: "Decoder"
    told: bool = True

    @property
    def source(self) -> Source:
        """What an analysis says of where a statement comes from."""
        training = self.card.training
        return Source(
            task=self.card.task,
            model=self.card.name,
            version=deepmir.__version__,
            data_hash=str(training.get("data_hash", "")),
            commit=str(training.get("commit", "")),
        )


def find(models: Models | None = None, tasks: Iterable[str] | None = None) -> dict[str, Path]:
    """The folder of the model of each task.

    Args:
        models: where to look; by default, at the models that are shipped.
        tasks: which tasks; by default, all that there are models for.

    Returns:
        Task to folder, in the order of `deepmir.tasks.NAMES`.

    Raises:
        DeepmirError: when there is no model, a task has none, or a task has two of which none is
            marked as the default.
    """
    from deepmir.tasks import NAMES

    found = _given(SHIPPED if models is None else models)
    wanted = list(found if tasks is None else tasks)
    for task in wanted:
        known(task, NAMES, "task")
        if task not in found:
            there = ", ".join(name for name in NAMES if name in found)
            raise DeepmirError(f"there is no model for the task {task} (there are: {there})")
        if len(found[task]) > 1:
            default = _defaults(found[task][0].parent).get(task)
            chosen = [folder for folder in found[task] if folder.name == default]
            if not chosen:
                both = " and ".join(map(str, found[task][:2]))
                raise DeepmirError(
                    f"{both} are both models for the task {task}: keep one there, or name one "
                    "under `defaults` in the params.yaml beside the folder"
                )
            found[task] = chosen
    return {task: found[task][0] for task in NAMES if task in wanted}


def _defaults(root: Path) -> Mapping[str, str]:
    """The experiment of each task that the declarations beside a folder of models mark."""
    from deepmir import params, paths

    declared = root.absolute().parent / paths.PARAMS
    return params.load(declared).defaults if declared.exists() else {}


def _given(models: Models) -> dict[str, list[Path]]:
    """The folders of models for each task."""
    if isinstance(models, Mapping):
        return {task: [Path(folder)] for task, folder in models.items()}
    root = Path(models)
    if not root.is_dir():
        raise DeepmirError(f"{root}: there is no such folder of models")
    found: dict[str, list[Path]] = {}
    for task, folder in _networks(root):
        found.setdefault(task, []).append(folder)
    if not found:
        raise DeepmirError(f"{root}: there is no model, a folder with {CARD} and model.safetensors")
    return found


def _networks(root: Path) -> Iterator[tuple[str, Path]]:
    """Task and folder of every network in a folder of models; baselines are none."""
    folders = [root] if (root / CARD).exists() else sorted(p for p in root.iterdir() if p.is_dir())
    for folder in folders:
        if (folder / CARD).exists():
            card = _card(folder)
            if _is_network(card):
                yield card.task, folder


def _card(folder: Path) -> "Card":
    """The card of a model, for a task that there is."""
    from deepmir.model import read_card
    from deepmir.tasks import NAMES

    card = read_card(folder)
    if card.task not in NAMES:
        raise DeepmirError(f"{folder / CARD}: there is no task {card.task!r}: update deepmir")
    return card


def _is_network(card: "Card") -> bool:
    """Whether a card is that of a network: the card of a baseline names its method."""
    from deepmir import networks

    try:
        networks.parse(str(card.network))
    except DeepmirError:
        return False
    return True


def load(folders: Mapping[str, Path]) -> list[Trained]:
    """Load the model of each task.

    Raises:
        DeepmirError: naming the file that is missing, broken, newer than this program, or not what
            it says. Nothing in such a file is ever executed.
    """
    return [_load_as(task, folder) for task, folder in folders.items()]


def _load_as(task: str, folder: Path) -> Trained:
    files = (folder / CARD, folder / "model.safetensors")
    stamps = tuple(f.stat().st_mtime_ns if f.exists() else 0 for f in files)
    trained = _loaded(folder.absolute(), stamps)
    if trained.card.task != task:
        raise DeepmirError(f"{folder} is a model for the task {trained.card.task}, not for {task}")
    return trained


@lru_cache(maxsize=32)
def _loaded(folder: Path, stamps: tuple[int, ...]) -> Trained:
    """A model, kept in memory as long as its files are what they were."""
    from pydantic import ValidationError

    from deepmir import model
    from deepmir.analysis import windows

    card = _card(folder)
    try:
        network, card, representation = model.load(folder)
        task = model.task_of(card)
        main = getattr(task, "main", task)
        options = {k: v for k, v in card.decoder.items() if k not in card.auxiliary}
        decode = main.decoder(representation.frame_rate, **options)
        return Trained(
            folder=folder,
            network=network,
            card=card,
            representation=representation,
            task=task,
            windows=windows.of(card, representation, task),
            labels=main.output.labels,
            decode=decode,
        )
    except DeepmirError as error:
        named = str(error) if str(folder) in str(error) else f"{folder}: {error}"
        raise DeepmirError(named) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DeepmirError(f"{folder / CARD}: representation: {where}: {first['msg']}") from None
    except (TypeError, ValueError, KeyError, AttributeError, RuntimeError) as error:
        raise DeepmirError(f"{folder / CARD} is not the card of a model: {error}") from None

"""The card of a model: the JSON file beside its weights that describes them.

A card is checked completely when it is read, before any weights, so later code can trust it.
"""

import hashlib
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import Field, ValidationError, model_validator
from pydantic_core import from_json

from deepmir import networks, paths
from deepmir.errors import DeepmirError
from deepmir.fields import Count, Declaration, Flag, Positive, Text, problems
from deepmir.files.writing import write_json
from deepmir.models.calibration import Calibration
from deepmir.naming import shortened
from deepmir.representations import Representation
from deepmir.sequences.options import Decoding
from deepmir.tasks.base import Task

CARD_VERSION = 2
CARD = "card.json"
WEIGHTS = "model.safetensors"
LARGEST = 2**24  # bytes of a card; the largest of deepmir's own has 20,000

LATER = {"calibration", "withheld"}  # keys added to the format later: omitted if empty

OF_CODE = {"frame_rate", "self"}  # set by code, so not allowed in a card


class _Any(Declaration):
    """The base of all cards."""

    card_version: Literal[2] = Field(2, description="of the format of this file")
    name: Text = Field(description="its name in `params.yaml`")
    training: Mapping[str, Any] = Field(
        {},
        description="how it was made: seeds, hashes of data, split and configuration, and the "
        "validation values of the checkpoint that was kept",
    )
    weights_sha256: str = Field(
        "", pattern="^([0-9a-f]{64})?$", description="of the weights beside it; empty without any"
    )


class _Common(_Any):
    """The base of the cards of networks and of baselines."""

    task: Text = Field(description="what it was trained for")
    labels: tuple[str, ...] = Field((), description="what each output node stands for")
    activation: str = Field(
        "", pattern="^[a-z+]*$", description="of the output; empty for a method that has none"
    )
    decoder: Mapping[str, Any] = Field(
        {},
        description="options of the task's decoder that training data gave and validation data "
        "chose; those of an auxiliary task under its name",
    )


class NetworkCard(_Common):
    """The card of a network."""

    kind: Literal["network"] = "network"
    network: Text = Field(description="in the tutorial's notation")
    representation: Representation = Field(description="of its input, as in `params.yaml`")
    auxiliary: Mapping[str, Positive] = Field(
        {}, description="tasks that share the network, with the weights of their losses"
    )
    excerpt_frames: Count | None = Field(
        None, description="length of what a time-invariant network was trained on; null for any"
    )
    ensemble: Flag = Field(False, description="whether each channel has a network of its own")
    graph_sha256: str = Field(
        "", pattern="^([0-9a-f]{64})?$", description="of the exported graph beside it, if any"
    )
    calibration: Mapping[str, Calibration] = Field(
        {}, description="maps confidences of a task to how often they are right, by validation"
    )
    withheld: Mapping[str, Text] = Field(
        {},
        description="tasks that `deepmir analyze` answers only if asked for by name, and why: what "
        "was measured",
    )

    @model_validator(mode="after")
    def _options_are_the_decoders(self) -> "NetworkCard":
        own = [self.decoder, *(self.decoder.get(name, {}) for name in self.auxiliary)]
        if not all(isinstance(options, Mapping) and not OF_CODE & set(options) for options in own):
            raise ValueError(f"decoder: options have names, none of them {' or '.join(OF_CODE)}")
        return self

    def options(self, task: str) -> dict[str, Any]:
        """Options of the decoder of its task, or of a task that shares the network."""
        if task != self.task:
            return dict(self.decoder.get(task, {}))
        return {name: value for name, value in self.decoder.items() if name not in self.auxiliary}


class BaselineCard(_Common):
    """The card of a baseline; one that does not learn has no weights."""

    kind: Literal["baseline"] = "baseline"
    method: Text = Field(description="what it does, in a word or two")


class GeneratorCard(_Any):
    """The card of a generator (tutorial, appendix)."""

    kind: Literal["generator"] = "generator"
    generator: Mapping[str, Any] = Field(description="its declaration, as in `params.yaml`")
    representation: Representation = Field(description="of what it takes and gives")


class SequenceCard(_Common):
    """The card of a network that writes symbols (tutorial, A.5)."""

    kind: Literal["sequence"] = "sequence"
    network: Text = Field(description="the encoder, in the tutorial's notation")
    representation: Representation = Field(description="of its input, as in `params.yaml`")
    writer: Decoding = Field(description="what writes the symbols: `decoder` in `params.yaml`")
    excerpt_frames: Count = Field(description="length of an excerpt that is one sequence")


Card: TypeAlias = NetworkCard | SequenceCard | BaselineCard | GeneratorCard
_KINDS: dict[str, type[Card]] = {
    "network": NetworkCard,
    "sequence": SequenceCard,
    "baseline": BaselineCard,
    "generator": GeneratorCard,
}


def write_card(folder: Path, card: Card) -> None:
    """Write only the card."""
    write_json(folder / CARD, as_json(card))


def as_json(card: Card) -> dict[str, Any]:
    """A card as in its file, without empty keys that older cards do not have."""
    values = card.model_dump(mode="json")
    return {key: value for key, value in values.items() if value or key not in LATER}


def read_card(folder: Path) -> Card:
    """Read the card of a model.

    Raises:
        DeepmirError: when it is missing, damaged, of another version of the format, or has
            a layer unknown to this deepmir.
    """
    path = folder / CARD
    if size_of(path) > LARGEST:
        raise DeepmirError(f"{path} is not the card of a model: it is too large")
    try:
        raw = from_json(path.read_bytes())
        version = raw["card_version"]
    except OSError as error:
        raise DeepmirError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        again = paths.model_again(folder)
        raise DeepmirError(f"{path} is not the card of a model ({error}): {again}") from None
    _check_version(path, version)
    try:
        card = _kind(raw).model_validate(raw)
        _check_layers(card)
    except ValidationError as error:
        raise DeepmirError(f"{path}: {problems.first_problem(error, raw)}") from None
    except DeepmirError as error:
        raise DeepmirError(
            f"{path}: {error}: if it is from a newer deepmir, update deepmir"
        ) from None
    return card


def size_of(path: Path) -> int:
    """The size in bytes of a file in the folder of a model.

    Raises:
        DeepmirError: when it is missing or not a regular file: a pipe or a device might never end.
    """
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        again = paths.model_again(path.parent)
        raise DeepmirError(f"{path} is missing: {again}") from None
    except OSError as error:
        raise DeepmirError(f"{path} cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(status.st_mode):
        raise DeepmirError(f"{path} is not a file: {paths.model_again(path.parent)}")
    return status.st_size


def read_network_card(folder: Path) -> NetworkCard:
    """Read the card of a network.

    Raises:
        DeepmirError: as :func:`read_card`, and when it belongs to something else.
    """
    card = read_card(folder)
    if not isinstance(card, NetworkCard):
        raise DeepmirError(f"{folder} is a {card.kind} and has no network to inspect")
    return card


def read_generator_card(folder: Path) -> GeneratorCard:
    """Read the card of a generator.

    Raises:
        DeepmirError: as :func:`read_card`, and when it belongs to something else.
    """
    card = read_card(folder)
    if not isinstance(card, GeneratorCard):
        raise DeepmirError(f"{folder} is a {card.kind} and generates nothing")
    return card


def check_digest(path: Path, digest: str, what: str) -> None:
    """Refuse a file that does not match the card.

    Args:
        path: of the file.
        digest: the SHA-256 in the card.
        what: the content of the file, in the plural.

    Raises:
        DeepmirError: when it differs, or is missing.
    """
    size_of(path)
    with path.open("rb") as data:
        if hashlib.file_digest(data, "sha256").hexdigest() != digest:
            again = paths.model_again(path.parent)
            raise DeepmirError(f"{path}: the {what} do not match the card: {again}")


def task_of(card: NetworkCard) -> Task:
    """The task of a model, with its own vocabulary and with the tasks that share its network.

    Raises:
        DeepmirError: when there is no such task, or the labels are not those of the task.
    """
    from deepmir import tasks

    task = tasks.sharing(tasks.get(card.task), card.auxiliary)
    if task.output.labels != card.labels:
        with suppress(DeepmirError):
            task = tasks.get(card.task, card.labels)
    for key in ("labels", "activation"):
        if getattr(task.output, key) != getattr(card, key):
            raise DeepmirError(f"its key {key} does not match the task {card.task}: retrain it")
    return task


def _check_version(path: Path, version: object) -> None:
    if version == CARD_VERSION:
        return
    if isinstance(version, int) and version > CARD_VERSION:
        raise DeepmirError(f"{path} was written by a newer deepmir: update deepmir")
    again = paths.model_again(path.parent)
    raise DeepmirError(f"{path} was written by an older deepmir: {again}")


def _kind(raw: Mapping[str, object]) -> type[Card]:
    kind = str(raw.get("kind", "nothing"))
    if kind not in _KINDS:
        raise DeepmirError(f"kind: it must be one of {', '.join(_KINDS)}, not {shortened(kind)}")
    return _KINDS[kind]


def _check_layers(card: Card) -> None:
    """Refuse layers unknown to this deepmir."""
    if isinstance(card, NetworkCard | SequenceCard):
        try:
            networks.parse(card.network)
        except DeepmirError as error:
            raise DeepmirError(str(error).partition("\n")[0]) from None

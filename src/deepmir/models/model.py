"""A network with the standardisation of its input, saved as weights and a card that explains them.

Weights are `safetensors`: nothing is unpickled from a file that somebody may have downloaded. The
JSON card beside them holds everything that is needed to use them on a new recording.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from pydantic import TypeAdapter
from torch import Tensor, nn

from deepmir import networks
from deepmir.errors import DeepmirError
from deepmir.files.store import replacing, write_json
from deepmir.networks.network import Network
from deepmir.networks.network import build as build_network
from deepmir.representations import Representation
from deepmir.tasks.base import Output, Task

CARD_VERSION = 1
WEIGHTS = "model.safetensors"
CARD = "card.json"


class Model(nn.Module):
    """Per-bin standardisation (tutorial, section 5.1), then a network, or several.

    An ensemble has a network of its own for each channel. What they say together is the mean of
    their logits.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, network: nn.Module, channels: int, bins: int) -> None:
        """Start with a standardisation that changes nothing.

        Args:
            network: one, or an `nn.ModuleList` of one for each channel.
            channels: of the input.
            bins: of the input.
        """
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.zeros(channels, bins, 1))
        self.register_buffer("scale", torch.ones(channels, bins, 1))

    def standardise_by(self, features: Iterable[npt.NDArray[np.floating]]) -> None:
        """Measure mean and deviation of every bin, on training data alone."""
        channels, bins, _ = self.mean.shape
        total, square, frames = np.zeros(channels * bins), np.zeros(channels * bins), 0
        for array in features:
            values = array.reshape(len(array), -1).astype(np.float64)
            total += values.sum(axis=0)
            square += (values**2).sum(axis=0)
            frames += len(values)
        mean = total / frames
        deviation = np.sqrt(np.maximum(square / frames - mean**2, 0))
        # A bin that never changes carries nothing: dividing by its deviation would only add noise.
        scale = np.where(deviation > 1e-4, 1 / np.maximum(deviation, 1e-4), 0.0)
        for buffer, values in ((self.mean, mean), (self.scale, scale)):
            shaped = values.reshape(bins, channels).T.astype(np.float32)
            buffer.copy_(torch.from_numpy(np.ascontiguousarray(shaped))[:, :, None])

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Features (B, N, F, T) to logits (B, V), or (B, V, T) for a time-varying task."""
        said = self.each(x, lengths)
        return said[0] if len(said) == 1 else torch.stack(said).mean(0)

    def each(self, x: Tensor, lengths: Tensor | None = None) -> list[Tensor]:
        """The logits of every network by itself."""
        parts = ((x - self.mean) * self.scale).chunk(len(self.networks), dim=1)
        return [one(part, lengths) for one, part in zip(self.networks, parts, strict=True)]

    @property
    def networks(self) -> list[nn.Module]:
        """The one network, or those of the channels."""
        return [*self.network] if isinstance(self.network, nn.ModuleList) else [self.network]

    def with_hidden(self, x: Tensor, lengths: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Logits, and the features that the last layer makes them from, (B, H) or (B, H, T)."""
        assert isinstance(self.network, Network)
        return self.network.with_hidden((x - self.mean) * self.scale, lengths)


def as_input(features: Tensor) -> Tensor:
    """Features as stored, (B, T, F) or (B, T, F, N), as a network takes them, (B, N, F, T)."""
    channels = features.reshape(*features.shape[:3], -1)
    return channels.float().permute(0, 3, 2, 1).contiguous()


@dataclass(frozen=True)
class Card:
    """What a set of weights is.

    Attributes:
        representation: the declaration of its input, as in `params.yaml`.
        labels: what each output node stands for.
        training: how it was made: seeds, hashes of data, split and configuration, and the
            validation values of the checkpoint that was kept.
        auxiliary: tasks that share the network, with the weights of their losses.
        decoder: options of the task's decoder that training data gave and validation data chose.
        excerpt_frames: length of what a time-invariant network was trained on; None for any.
        ensemble: whether each channel of the input has a network of its own.
        weights_sha256: of the weights beside it; empty for a baseline that has none.
    """

    name: str
    task: str
    network: str
    representation: dict[str, Any]
    labels: tuple[str, ...]
    activation: str
    training: dict[str, Any] = field(default_factory=dict)
    auxiliary: dict[str, float] = field(default_factory=dict)
    decoder: dict[str, Any] = field(default_factory=dict)
    excerpt_frames: int | None = None
    ensemble: bool = False
    weights_sha256: str = ""
    card_version: int = CARD_VERSION


def build(
    network: str,
    representation: Representation,
    output: Output,
    varying: bool,
    ensemble: bool = False,
) -> Model:
    """Make an untrained model: one network, or an ensemble of one for each channel."""
    shape = networks.InputShape.of(representation, ensemble)
    last = networks.Output(width=output.width, time_varying=varying)
    notation = networks.parse(network)
    each = [
        build_network(notation, shape, last)
        for _ in range(representation.channels if ensemble else 1)
    ]
    made = nn.ModuleList(each) if ensemble else each[0]
    return Model(made, representation.channels, shape.bins)


def save(folder: Path, tensors: dict[str, Tensor], card: Card) -> None:
    """Write weights and card, each complete or not at all; the same values give the same bytes."""
    from safetensors.torch import save as serialise

    data = serialise({name: value.detach().contiguous().cpu() for name, value in tensors.items()})
    with replacing(folder / WEIGHTS) as temporary:
        temporary.write_bytes(data)
    write_card(folder, replace(card, weights_sha256=hashlib.sha256(data).hexdigest()))


def write_card(folder: Path, card: Card) -> None:
    """Write the card alone."""
    write_json(folder / CARD, asdict(card))


def read_card(folder: Path) -> Card:
    """Read the card of a model.

    Raises:
        DeepmirError: when it is missing, broken, or of a newer deepmir.
    """
    path = folder / CARD
    try:
        raw = json.loads(path.read_text())
        if raw["card_version"] > CARD_VERSION:
            raise DeepmirError(f"{path} was written by a newer deepmir: update deepmir")
        return Card(**{**raw, "labels": tuple(raw["labels"])})
    except FileNotFoundError:
        raise DeepmirError(f"{path} is missing: train the model first") from None
    except (ValueError, KeyError, TypeError) as error:
        raise DeepmirError(f"{path} is not the card of a model: {error}") from None


def read_weights(folder: Path) -> dict[str, Tensor]:
    """Read the weights of a model.

    Raises:
        DeepmirError: when the file is missing or is not a whole safetensors file.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = folder / WEIGHTS
    try:
        weights: dict[str, Tensor] = load_file(path)
    except FileNotFoundError:
        raise DeepmirError(f"{path} is missing: train the model first") from None
    except (SafetensorError, OSError) as error:
        raise DeepmirError(f"{path} is not a whole safetensors file ({error})") from None
    return weights


def representation_of(card: Card) -> Representation:
    """The declaration of a model's input."""
    declared: Representation = TypeAdapter(Representation).validate_python(card.representation)
    return declared


def task_of(card: Card) -> Task:
    """The task of a model, with its own vocabulary and with the tasks that share its network.

    Raises:
        DeepmirError: when the labels are not those of the task.
    """
    from deepmir import tasks

    task = tasks.sharing(tasks.get(card.task), card.auxiliary)
    if task.output.labels == card.labels:
        return task
    try:
        return tasks.get(card.task, card.labels)
    except DeepmirError:
        raise DeepmirError(f"its labels are not those of the task {card.task}: retrain") from None


def load(folder: Path) -> tuple[Model, Card, Representation]:
    """A trained model, ready to predict, and the representation of its input.

    Raises:
        DeepmirError: when a file is missing, broken, newer, or the two do not fit.
    """
    card = read_card(folder)
    representation = representation_of(card)
    try:
        task = task_of(card)
    except DeepmirError as error:
        raise DeepmirError(f"{folder}: {error}") from None
    model = build(card.network, representation, task.output, task.time_varying, card.ensemble)
    weights = read_weights(folder)
    if hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest() != card.weights_sha256:
        raise DeepmirError(
            f"{folder}: the weights are not those of the card: copy both files again, or retrain"
        )
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise DeepmirError(f"{folder}: the weights do not fit the network: {reason}") from None
    return model.eval(), card, representation

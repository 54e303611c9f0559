"""A network with the standardisation of its input, saved as weights beside their card.

Weights are `safetensors`: nothing is unpickled from a file that may have been downloaded.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from deepmir import networks, paths
from deepmir.errors import DeepmirError
from deepmir.files.writing import replacing
from deepmir.models.card import (
    CARD,
    WEIGHTS,
    Card,
    NetworkCard,
    check_digest,
    read_card,
    read_network_card,
    size_of,
    task_of,
    write_card,
)
from deepmir.networks.network import Network
from deepmir.networks.network import build as build_network
from deepmir.representations import Representation
from deepmir.tasks.output import Output

HEADER = 2**24  # bytes of a file of weights besides the weights; deepmir's own have 10,000


class Model(nn.Module):
    """Per-bin standardisation (tutorial, section 5.1), then a network, or several.

    An ensemble has one network per channel; its logits are the mean of theirs.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, network: nn.Module, channels: int, bins: int) -> None:
        """Start with the identity as standardisation.

        Args:
            network: one, or an `nn.ModuleList` with one per channel.
            channels: of the input.
            bins: of the input.
        """
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.zeros(channels, bins, 1))
        self.register_buffer("scale", torch.ones(channels, bins, 1))

    def standardise_by(self, features: Iterable[npt.NDArray[np.floating]]) -> None:
        """Measure mean and standard deviation of every bin, on training data only."""
        channels, bins, _ = self.mean.shape
        total, square, frames = np.zeros(channels * bins), np.zeros(channels * bins), 0
        for array in features:
            values = array.reshape(len(array), -1).astype(np.float64)
            total += values.sum(axis=0)
            square += (values**2).sum(axis=0)
            frames += len(values)
        mean = total / frames
        deviation = np.sqrt(np.maximum(square / frames - mean**2, 0))
        # A bin that never changes has no information: dividing by its deviation only adds noise.
        # Small powers that change do have some.
        changes = deviation > 1e-4 * np.minimum(np.abs(mean), 1)
        scale = np.divide(1, deviation, out=np.zeros_like(deviation), where=changes)
        for buffer, values in ((self.mean, mean), (self.scale, scale)):
            shaped = values.reshape(bins, channels).T.astype(np.float32)
            buffer.copy_(torch.from_numpy(np.ascontiguousarray(shaped))[:, :, None])

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Features (B, N, F, T) to logits (B, V), or (B, V, T) for a time-varying task."""
        logits = self.each(x, lengths)
        return logits[0] if len(logits) == 1 else torch.stack(logits).mean(0)

    def each(self, x: Tensor, lengths: Tensor | None = None) -> list[Tensor]:
        """The logits of every network separately."""
        parts = ((x - self.mean) * self.scale).chunk(len(self.networks), dim=1)
        return [one(part, lengths) for one, part in zip(self.networks, parts, strict=True)]

    @property
    def networks(self) -> list[nn.Module]:
        """The one network, or those of the channels."""
        return [*self.network] if isinstance(self.network, nn.ModuleList) else [self.network]

    def with_hidden(self, x: Tensor, lengths: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Logits, and the input features of the last layer, (B, H) or (B, H, T)."""
        assert isinstance(self.network, Network)
        return self.network.with_hidden((x - self.mean) * self.scale, lengths)


def as_input(features: Tensor) -> Tensor:
    """Features as stored, (B, T, F) or (B, T, F, N), in a network's layout (B, N, F, T)."""
    channels = features.reshape(*features.shape[:3], -1)
    return channels.float().permute(0, 3, 2, 1).contiguous()


def build(
    network: str,
    representation: Representation,
    output: Output,
    varying: bool,
    ensemble: bool = False,
) -> Model:
    """Build an untrained model: one network, or an ensemble with one per channel."""
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
    """Write weights and card, each atomically; the same values give the same bytes."""
    from safetensors.torch import save as serialise

    data = serialise({name: value.detach().contiguous().cpu() for name, value in tensors.items()})
    with replacing(folder / WEIGHTS) as temporary:
        temporary.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    about = {"weights_sha256": digest}
    if isinstance(card, NetworkCard):
        about["graph_sha256"] = ""  # other weights need another export
    write_card(folder, card.model_copy(update=about))


def read_weights(folder: Path) -> dict[str, Tensor]:
    """Read the weights of a model, which must match its card.

    Raises:
        DeepmirError: when a file is missing or broken, or the weights do not match.
    """
    check_digest(folder / WEIGHTS, read_card(folder).weights_sha256, "weights")
    return _read_weights(folder)


def _read_weights(folder: Path) -> dict[str, Tensor]:
    with _opened(folder / WEIGHTS) as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """An open file of weights, with only the header read."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            yield file
    except (SafetensorError, OSError) as error:
        again = paths.model_again(path.parent)
        raise DeepmirError(
            f"{path} is not a complete safetensors file ({error}): {again}"
        ) from None


def load(folder: Path) -> tuple[Model, NetworkCard, Representation]:
    """A trained model, ready to predict, and the representation of its input.

    The card is checked first, then size and hash of the file of weights, then their shapes: no
    memory is allocated for the network before.

    Raises:
        DeepmirError: when a file is missing, damaged, newer, or the two do not match.
    """
    card = read_network_card(folder)
    try:
        task = task_of(card)
        networks.check(
            card.network,
            networks.InputShape.of(card.representation, card.ensemble),
            networks.Output(width=task.output.width, time_varying=task.time_varying),
        )
        with torch.device("meta"):
            model = build(
                *(card.network, card.representation, task.output, task.time_varying, card.ensemble)
            )
    except DeepmirError as error:
        raise DeepmirError(f"{folder / CARD}: {str(error).partition(chr(10))[0]}") from None
    fill(model, folder, card)
    return model, card, card.representation


def fill(model: nn.Module, folder: Path, card: Card) -> None:
    """Load the weights into a network without memory, ready to predict.

    Args:
        model: on the device `meta`.
        folder: of the weights.
        card: of the model.

    Raises:
        DeepmirError: when a file is missing or damaged, or the two do not match.
    """
    _check_weights(folder / WEIGHTS, card, model)
    model.to_empty(device="cpu").load_state_dict(_read_weights(folder))
    model.eval()


def _check_weights(path: Path, card: Card, model: nn.Module) -> None:
    """Refuse weights that do not match the card, or belong to another network."""
    tensors = model.state_dict()
    largest = sum(value.nbytes for value in tensors.values()) + HEADER
    if size_of(path) > largest:
        again = paths.model_again(path.parent)
        raise DeepmirError(f"{path} is too large to be the weights of the network: {again}")
    check_digest(path, card.weights_sha256, "weights")
    with _opened(path) as file:
        found = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    wanted = {name: tuple(value.shape) for name, value in tensors.items()}
    different = sorted({*found.items()} ^ {*wanted.items()})
    if different:
        again = paths.model_again(path.parent)
        raise DeepmirError(
            f"{path}: the weights do not fit the network: {different[0][0]}: {again}"
        )

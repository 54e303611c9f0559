"""A trained network with one excerpt: the input and output of every layer."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from deepmir.errors import DeepmirError, about
from deepmir.files import audio
from deepmir.files.samples import Samples
from deepmir.models import losses, model
from deepmir.models.card import NetworkCard, task_of
from deepmir.models.model import Model, as_input
from deepmir.networks import describe
from deepmir.networks.network import Network
from deepmir.networks.plan import name_of
from deepmir.representations import Representation
from deepmir.tasks.base import Task


@dataclass(frozen=True)
class Layer:
    """One part of the network's outermost chain.

    Attributes:
        number: its position, from 1.
        name: in the tutorial's notation.
        module: its torch module.
        output: for the excerpt, shape (N, F, T), (V, T) or (V,).
    """

    number: int
    name: str
    module: nn.Module
    output: Tensor


@dataclass(frozen=True)
class Probe:
    """A network, an excerpt and the results.

    Attributes:
        x: standardised input, shape (1, N, F, T).
        features: the same before standardisation, shape (N, F, T).
        samples: the excerpt, at the representation's sample rate.
        activations: the prediction, shape (V,) or (V, T).
    """

    card: NetworkCard
    network: Network
    task: Task
    representation: Representation
    samples: Samples
    features: Tensor
    x: Tensor
    layers: Sequence[Layer]
    activations: Tensor

    @property
    def strongest(self) -> int:
        """The most active output node over the whole excerpt."""
        return int(self.activations.reshape(len(self.activations), -1).mean(1).argmax())


def probe(folder: Path, recording: Path, start: float, seconds: float) -> Probe:
    """Load a trained network and pass an excerpt through it.

    Raises:
        DeepmirError: when the model or the recording cannot be read, or the excerpt is too short.
    """
    trained, card, representation = model.load(folder)
    samples = audio.load(recording, representation.sample_rate, start=start, seconds=seconds)
    with about(recording):
        return observe(trained, card, representation, samples)


def observe(
    trained: Model, card: NetworkCard, representation: Representation, samples: Samples
) -> Probe:
    """Pass audio through a model and store the output of every layer."""
    task = task_of(card)
    network = trained.networks[0]
    assert isinstance(network, Network)
    features = as_input(torch.from_numpy(representation(samples))[None])
    x = ((features - trained.mean) * trained.scale)[:, : network.shape.channels]
    nodes = describe(card.network, network.shape, network.output).nodes
    parts = list(network.layers.parts)
    outputs: list[Tensor] = []
    with torch.no_grad(), hooked(parts, outputs):
        logits = network(x)
    layers = [
        Layer(number, name_of(node), part, output[0])
        for number, (node, part, output) in enumerate(
            zip(nodes, parts, outputs, strict=True), start=1
        )
    ]
    activations = losses.activate(task.output, logits)[0]
    return Probe(card, network, task, representation, samples, features[0], x, layers, activations)


@contextmanager
def hooked(parts: Sequence[nn.Module], outputs: list[Tensor]) -> Iterator[None]:
    """Append the output of each part to a list while the block runs."""

    def keep(module: nn.Module, inputs: object, output: tuple[Tensor, object]) -> None:
        outputs.append(output[0])

    handles = [part.register_forward_hook(keep) for part in parts]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def layer_of(found: Probe, number: int) -> Layer:
    """The layer with a number.

    Raises:
        DeepmirError: when there is none.
    """
    if not 1 <= number <= len(found.layers):
        names = ", ".join(f"{layer.number} {layer.name}" for layer in found.layers)
        raise DeepmirError(f"there is no layer {number}: this network has {names}")
    return found.layers[number - 1]

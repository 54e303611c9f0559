"""Outputs of the layers of a network as a representation (tutorial, section 2.3)."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from deepmir import networks, paths
from deepmir.errors import DeepmirError
from deepmir.files.samples import Samples
from deepmir.models import model
from deepmir.models.model import Model, as_input
from deepmir.networks import matching
from deepmir.networks.network import Network as Layers
from deepmir.networks.network import build
from deepmir.representations import Network

Array = npt.NDArray[np.float32]
DEVIATION = 1e-4  # minimum for a bin that never changes


def function(representation: Network, folder: Path | None) -> Callable[[Samples], Array]:
    """A function from mono samples to activations, shapes (samples,) to (frames, bins).

    The input of a model is standardised as in its training; that of random weights by the
    recording itself, since they have seen no other.

    Args:
        representation: with the layers.
        folder: of the model; None for random weights.

    Raises:
        DeepmirError: when the model is missing, or differs from the declaration; from the
            function, when a recording is too short for the network.
    """
    network = _random(representation) if folder is None else _trained(representation, folder)
    return _Function(representation, network, trained=folder is not None)


@dataclass(frozen=True)
class _Function:
    """Samples (n,) to activations (frames, bins); picklable."""

    representation: Network
    network: Model
    trained: bool

    def __call__(self, samples: Samples) -> Array:
        network = self.network
        x = as_input(torch.from_numpy(self.representation.source(samples))[None])
        if self.trained:
            x = (x - network.mean) * network.scale
        else:
            mean, deviation = x.mean(-1, keepdim=True), x.std(-1, keepdim=True, correction=0)
            x = (x - mean) / deviation.clamp(min=DEVIATION)
        each = [one for one in network.networks if isinstance(one, Layers)]
        parts = zip(each, x.chunk(len(each), dim=1), strict=True)
        with torch.inference_mode():
            rows = [_layers(one, part, self.representation) for one, part in parts]
        values: Array = torch.cat(rows).T.contiguous().numpy()
        return self.representation.conditioned(values)


def _layers(network: Layers, x: Tensor, representation: Network) -> Tensor:
    """The selected layers, concatenated, shape (channels, frames)."""
    nodes = networks.describe(representation.network, network.shape, network.output).nodes
    wanted = matching.chosen(nodes, representation.layers, representation.model)
    given = list(islice(network.outputs(x), max(wanted) + 1))
    frames = x.shape[-1]
    return torch.cat([_held(given[i][0], frames, nodes[i].output.hop or 1) for i in wanted])


def _held(y: Tensor, frames: int, hop: int) -> Tensor:
    """A layer's output as (channels, frames): averaged over frequency, repeated for each hop."""
    y = y.mean(1) if y.dim() == 3 else y
    if y.dim() == 1:
        return y[:, None].expand(-1, frames)
    return y[:, (torch.arange(frames) // hop).clamp(max=y.shape[-1] - 1)]


def _random(representation: Network) -> Model:
    shape = networks.InputShape.of(representation.source)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(representation.seed)
        network = build(representation.network, shape, networks.Output(1, time_varying=False))
    return Model(network, shape.channels, shape.bins).eval()


def _trained(representation: Network, folder: Path) -> Model:
    network, card, source = model.load(folder)
    if source.digest != representation.source.digest or card.network != representation.network:
        again = paths.model_again(folder)
        raise DeepmirError(f"{folder} is not the network that params.yaml declares: {again}")
    return network

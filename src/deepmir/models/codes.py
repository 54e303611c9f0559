"""Encoder and decoder with a bottleneck in between, and codes as features (appendix A.4)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepmir import networks, paths
from deepmir.errors import DeepmirError
from deepmir.files.samples import Samples
from deepmir.models import model
from deepmir.models.model import Model, as_input
from deepmir.networks.mirror import mirrored
from deepmir.networks.network import Chain, build
from deepmir.networks.plan import plan, plan_decoder
from deepmir.networks.shapes import InputShape
from deepmir.representations import Code, Representation

Array = npt.NDArray[np.float32]
PATCHES = 256  # encoded at once


class Autoencoder(nn.Module):
    """Standardised fixed-length patches to codes and back.

    Attributes:
        shape: of the patches.
        code: size of a code.
        variational: whether the encoder outputs mean and log variance of a normal distribution.
        encoder: the standardisation of every bin, and the network.
        decoder: from codes to standardised patches.
    """

    def __init__(
        self, encoder: str, decoder: str, shape: InputShape, code: int, variational: bool = False
    ) -> None:
        """Draw the initial weights.

        Args:
            encoder: in the tutorial's notation, its last `d1` without a width, which is the code's.
            decoder: the same; empty for the mirror of the encoder.
            shape: of the patches, with their frames.
            code: size of a code.
            variational: whether the code is a distribution (Kingma and Welling 2014).

        Raises:
            DeepmirError: when a network does not fit.
        """
        super().__init__()
        self.shape, self.code, self.variational = shape, code, variational
        self.encoder = encoder_of(encoder, shape, code, variational)
        nodes = plan_decoder(networks.parse(decoder or mirror(encoder, shape)), code, shape)
        self.decoder = Chain(nodes)

    def standardised(self, x: Tensor) -> Tensor:
        """Every bin standardised by the training tracks, shape (B, N, F, T)."""
        return (x - self.encoder.mean) * self.encoder.scale

    def encode(self, z: Tensor) -> tuple[Tensor, Tensor | None]:
        """Standardised patches to codes.

        Args:
            z: shape (B, N, F, T).

        Returns:
            The codes, or their means, shape (B, code); and, for a variational autoencoder, the
            logarithms of their variances.
        """
        return _split(self.encoder.network(z), self.variational)

    def decode(self, h: Tensor) -> Tensor:
        """Codes to standardised patches, shapes (B, code) to (B, N, F, T)."""
        made: Tensor = self.decoder(h, None)[0]
        assert self.shape.frames is not None
        return made.reshape(len(h), self.shape.channels, self.shape.bins, self.shape.frames)

    def forward(self, z: Tensor) -> Tensor:
        """Standardised patches reconstructed from their codes, of the same shape."""
        return self.decode(self.encode(z)[0])


def shape_of(representation: Representation, frames: int) -> InputShape:
    """The shape of patches of a representation."""
    return replace(InputShape.of(representation), frames=frames)


def mirror(encoder: str, shape: InputShape) -> str:
    """The notation of the decoder that mirrors an encoder with a code of any width."""
    return mirrored(plan(networks.parse(encoder), shape, networks.Output(1, False)))


def encoder_of(notation: str, shape: InputShape, code: int, variational: bool) -> Model:
    """An identity standardisation, and an encoder with fresh weights."""
    output = networks.Output(2 * code if variational else code, time_varying=False)
    return Model(build(notation, shape, output), shape.channels, shape.bins)


def _split(h: Tensor, variational: bool) -> tuple[Tensor, Tensor | None]:
    if not variational:
        return h, None
    mean, log_variance = h.chunk(2, dim=1)
    return mean, log_variance


def function(representation: Code, folder: Path) -> Callable[[Samples], Array]:
    """A function from mono samples to codes, shapes (samples,) to (frames, bins).

    Args:
        representation: of the codes.
        folder: of the generator's model.

    Raises:
        DeepmirError: when the model is missing, or differs from the declaration.
    """
    return _Function(representation, _trained(representation, folder))


@dataclass(frozen=True)
class _Function:
    """Samples (n,) to codes (frames, bins); picklable."""

    representation: Code
    encoder: Model

    def __call__(self, samples: Samples) -> Array:
        given, encoder = self.representation, self.encoder
        x = as_input(torch.from_numpy(given.source(samples))[None])
        z = ((x - encoder.mean) * encoder.scale)[0]
        with torch.inference_mode():
            parts = [
                _split(encoder.network(some), given.variational)[0]
                for some in torch.split(around(z, given.patch, given.every), PATCHES)
            ]
        return given.conditioned(torch.cat(parts).numpy())


def around(z: Tensor, frames: int, every: int) -> Tensor:
    """The patches around every n-th frame, zero-padded at the ends.

    Args:
        z: standardised features, shape (N, F, T).
        frames: of a patch, centred on its frame (the later middle one if even).
        every: frames between patches.

    Returns:
        Shape (1 + (T - 1) // every, N, F, frames).
    """
    before = frames // 2
    padded = F.pad(z, (before, frames - 1 - before))
    return padded.unfold(2, frames, every).permute(2, 0, 1, 3)


def _trained(representation: Code, folder: Path) -> Model:
    shape = shape_of(representation.source, representation.patch)
    encoder = encoder_of(
        representation.network, shape, representation.bins, representation.variational
    )
    prefix = "encoder."
    weights = model.read_weights(folder)
    own = {name.removeprefix(prefix): w for name, w in weights.items() if name.startswith(prefix)}
    wanted = {name: tuple(value.shape) for name, value in encoder.state_dict().items()}
    if wanted != {name: tuple(value.shape) for name, value in own.items()}:
        again = paths.model_again(folder)
        raise DeepmirError(f"{folder} is not the encoder that params.yaml declares: {again}")
    encoder.load_state_dict(own)
    return encoder.eval()

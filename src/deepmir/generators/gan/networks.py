"""The two networks: a generator of patches, and a discriminator of real and generated ones.

Both are convolutional after Radford, Metz and Chintala (DCGAN, ICLR 2016; reference 81 of the
tutorial): every layer of the generator doubles both axes, every one of the discriminator halves
them. The condition (Mirza and Osindero, 2014; reference 74) is one class, or several such as
instrument and pitch: the generator gets an embedding of each besides the noise, the discriminator a
projection of each (Miyato and Koyama, ICLR 2018, equation 4).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

EMBEDDING = 16  # size of a class's embedding
SLOPE = 0.2  # of the leaky rectifier below zero, as in DCGAN


@dataclass(frozen=True)
class Sizes:
    """The sizes shared by both networks.

    Attributes:
        bins: F of a patch.
        frames: T of a patch.
        classes: number of classes of each condition; empty for an unconditional GAN.
        latent: size of the noise.
        width: channels of the layer at full resolution, doubled with every further layer.
        layers: number of doublings, or halvings, of both axes.
    """

    bins: int
    frames: int
    classes: tuple[int, ...]
    latent: int
    width: int
    layers: int

    @property
    def inner(self) -> tuple[int, int, int]:
        """Channels, bins and frames of the smallest layer, which covers the patch."""
        factor = 2**self.layers
        bins, frames = -(-self.bins // factor), -(-self.frames // factor)
        return self.width * factor // 2, bins, frames


class Generator(nn.Module):
    """From noise and conditioning classes to a patch with values in [-1, 1]."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.embeddings = nn.ModuleList(nn.Embedding(n, EMBEDDING) for n in sizes.classes)
        given = sizes.latent + EMBEDDING * len(sizes.classes)
        channels, bins, frames = sizes.inner
        self.first = nn.Linear(given, channels * bins * frames)
        steps: list[nn.Module] = [nn.BatchNorm2d(channels), nn.ReLU()]
        for _ in range(sizes.layers):
            # Kernels of twice the stride overlap evenly, which avoids a checkerboard pattern.
            narrower = max(channels // 2, sizes.width)
            steps += [
                nn.ConvTranspose2d(channels, narrower, 4, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(narrower),
                nn.ReLU(),
            ]
            channels = narrower
        self.layers = nn.Sequential(*steps, nn.Conv2d(channels, 1, 3, padding=1), nn.Tanh())

    def forward(self, noise: Tensor, classes: Tensor) -> Tensor:
        """Generate patches.

        Args:
            noise: shape (B, latent).
            classes: the class of each condition, integers, shape (B, conditions).

        Returns:
            Shape (B, 1, F, T).
        """
        parts = [e(classes[:, place]) for place, e in enumerate(self.embeddings)]
        x = self.first(torch.cat([noise, *parts], dim=1))
        y: Tensor = self.layers(x.reshape(-1, *self.sizes.inner))
        return y[:, :, : self.sizes.bins, : self.sizes.frames]


class Discriminator(nn.Module):
    """How real a patch looks, given its classes: an unbounded score, higher for more real.

    It is flattened before the last layer, not averaged: a bin is a pitch, so positions matter.
    """

    def __init__(self, sizes: Sizes, *, normalised: bool) -> None:
        """Create the layers.

        Args:
            sizes: of the patches.
            normalised: whether every layer is divided by its largest singular value (Miyato et
                al., ICLR 2018), so it stretches no direction of its input.
        """
        super().__init__()
        divided = spectral_norm if normalised else _as_it_is
        channels, steps = 1, list[nn.Module]()
        for place in range(sizes.layers):
            wider = sizes.width * 2**place
            steps += [
                divided(nn.Conv2d(channels, wider, 4, stride=2, padding=1)),
                nn.LeakyReLU(SLOPE),
            ]
            channels = wider
        self.layers = nn.Sequential(*steps, nn.Flatten())
        hidden = _flat(self.layers, sizes)
        self.last = divided(nn.Linear(hidden, 1))
        self.embeddings = nn.ModuleList(divided(nn.Embedding(n, hidden)) for n in sizes.classes)

    def forward(self, patches: Tensor, classes: Tensor) -> Tensor:
        """Judge patches.

        Args:
            patches: shape (B, 1, F, T).
            classes: the class of each condition, integers, shape (B, conditions).

        Returns:
            Shape (B,).
        """
        hidden = self.layers(patches)
        judged: Tensor = self.last(hidden)[:, 0]
        for place, embedding in enumerate(self.embeddings):
            judged = judged + (embedding(classes[:, place]) * hidden).sum(dim=1)
        return judged


def _flat(layers: nn.Module, sizes: Sizes) -> int:
    """The size of the layers' flattened output."""
    with torch.no_grad():
        return int(layers(torch.zeros(1, 1, sizes.bins, sizes.frames)).shape[1])


def _as_it_is(layer: nn.Module) -> nn.Module:
    return layer


def parameters(network: nn.Module) -> int:
    """The number of weights of a network."""
    return sum(p.numel() for p in network.parameters())


def draw(
    sizes: Sizes, classes: Sequence[Sequence[int]], generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Noise and classes in the form that a generator takes.

    Args:
        sizes: of its patches.
        classes: the class of every condition, for each sample.
        generator: of the random noise.

    Returns:
        Noise, shape (B, latent), and classes, shape (B, conditions).
    """
    noise = torch.randn(len(classes), sizes.latent, generator=generator)
    wanted = torch.tensor(classes, dtype=torch.long).reshape(len(classes), len(sizes.classes))
    return noise, wanted

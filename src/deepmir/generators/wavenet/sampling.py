"""Sampling of audio from a WaveNet, sample by sample.

The naive way passes the whole receptive field through the network for each sample. The cached one
stores the outputs of each layer (T. Le Paine et al., "Fast Wavenet generation algorithm",
arXiv:1611.09482), so a sample costs one step per layer, whatever the receptive field. Both draw
the same samples from the same random numbers.
"""

import torch
from torch import Tensor

from deepmir.generators.wavenet.mulaw import SILENCE
from deepmir.generators.wavenet.network import Given, WaveNet


class Cache:
    """The past outputs of the layers of a network, initially for endless silence."""

    def __init__(self, network: WaveNet, instrument: Tensor) -> None:
        """Fill it with silence, which is constant from sample to sample.

        Args:
            network: the predictor.
            instrument: of each sound, shape (B,).
        """
        self.network = network
        self.steps = 0
        self.kept: list[Tensor] = []
        x = network.codes(torch.full_like(instrument, SILENCE))
        told = network.embed(Given(torch.zeros_like(instrument)[:, None], instrument))[:, 0]
        for layer in network.each:
            self.kept.append(x.expand(layer.dilation, *x.shape).clone())
            x, _ = layer(x, x, told)

    def step(self, code: Tensor, told: Tensor) -> Tensor:
        """Logits of the next sample, shape (B, 256).

        Args:
            code: of the previous sample, shape (B,).
            told: the condition, embedded by the network, shape (B, given).
        """
        x = self.network.codes(code)
        total = torch.zeros((), device=x.device, dtype=x.dtype)
        for layer, kept in zip(self.network.each, self.kept, strict=True):
            place = self.steps % layer.dilation
            before = kept[place].clone()
            kept[place] = x
            x, skip = layer(before, x, told)
            total = total + skip
        self.steps += 1
        logits: Tensor = self.network.last(total)
        return logits


@torch.inference_mode()
def cached(network: WaveNet, given: Given, chance: Tensor) -> Tensor:
    """Sample sounds in linear time.

    Args:
        network: the predictor.
        given: the conditions, T samples of B sounds.
        chance: uniform in [0, 1), which determines the result, shape (B, T).

    Returns:
        Codes, shape (B, T).
    """
    cache = Cache(network, given.instrument)
    drawn = torch.empty_like(given.pitch)
    code = torch.full_like(given.instrument, SILENCE)
    for t in range(given.pitch.shape[1]):
        told = network.embed(Given(given.pitch[:, t : t + 1], given.instrument))[:, 0]
        code = draw(cache.step(code, told), chance[:, t])
        drawn[:, t] = code
    return drawn


@torch.inference_mode()
def naive(network: WaveNet, given: Given, chance: Tensor) -> Tensor:
    """Sample the same as :func:`cached`, with the whole receptive field for each sample."""
    field = network.receptive_field
    sounds, length = given.pitch.shape
    codes = torch.full((sounds, field + length), SILENCE, device=given.pitch.device)
    pitch = torch.nn.functional.pad(given.pitch, (field - 1, 0))
    for t in range(length):
        seen = Given(pitch[:, t : t + field], given.instrument)
        logits = network(codes[:, t : t + field], seen)[:, 0]
        codes[:, field + t] = draw(logits, chance[:, t])
    return codes[:, field:]


def draw(logits: Tensor, chance: Tensor) -> Tensor:
    """The code at which the distribution function passes `chance`, shape (B,).

    Args:
        logits: shape (B, 256).
        chance: uniform in [0, 1), shape (B,).
    """
    below = torch.softmax(logits.double(), 1).cumsum(1)
    passed = (below <= chance[:, None] * below[:, -1:]).sum(1)
    return passed.clamp(max=logits.shape[1] - 1)

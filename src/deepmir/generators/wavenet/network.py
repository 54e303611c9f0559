"""WaveNet: each sample's distribution given the previous ones, by dilated causal convolutions.

A. van den Oord et al., "WaveNet: a generative model for raw audio", arXiv:1609.03499, sections 2.1
to 2.5: gated units z = tanh(W_f x + V_f h) * sigmoid(W_g x + V_g h), a residual and a skip output
per layer, and a softmax over mu-law codes. The condition h is given for every sample.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from deepmir.generators.wavenet import mulaw
from deepmir.generators.wavenet.mulaw import CODES


class Given(NamedTuple):
    """The conditioning of a network.

    Attributes:
        pitch: for each predicted sample, 0 during rests, shape (B, T).
        instrument: shape (B,).
    """

    pitch: Tensor
    instrument: Tensor


class Layer(nn.Module):
    """A convolution over two samples `dilation` apart, with gated units."""

    def __init__(self, dilation: int, channels: int, skip_channels: int, given: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.widths = [channels, skip_channels]
        self.gates = nn.Linear(2 * channels + given, 2 * channels)
        self.out = nn.Linear(channels, channels + skip_channels)

    def forward(self, before: Tensor, now: Tensor, given: Tensor) -> tuple[Tensor, Tensor]:
        """The input of the next layer, shape (..., channels), and the skip output.

        Args:
            before: input `dilation` samples earlier, shape (..., channels).
            now: current input, shape (..., channels).
            given: condition, shape (..., given).
        """
        filtered, gate = self.gates(torch.cat([before, now, given], -1)).chunk(2, -1)
        residual, skip = self.out(torch.tanh(filtered) * torch.sigmoid(gate)).split(self.widths, -1)
        return now + residual, skip


class WaveNet(nn.Module):
    """The network: `stacks` of `layers`, each with twice the dilation of the previous one."""

    def __init__(
        self,
        *,
        channels: int,
        skip_channels: int,
        layers: int,
        stacks: int,
        condition_channels: int,
        pitches: int,
        instruments: int,
    ) -> None:
        """Draw the initial weights.

        Args:
            channels: of the residual path.
            skip_channels: of the sum of all layers.
            layers: per stack, with dilations 1, 2, 4 and so on.
            stacks: number of stacks.
            condition_channels: of the embedding of the condition.
            pitches: number of pitches; 0 without this condition.
            instruments: number of instruments; 0 without this condition.
        """
        super().__init__()
        given = condition_channels if pitches or instruments else 0
        self.given_channels = given
        self.codes = nn.Embedding(CODES, channels)
        self.codes.weight = nn.Parameter(_alike(channels))
        self.pitches = nn.Embedding(pitches + 1, given) if pitches else None
        self.instruments = nn.Embedding(instruments, given) if instruments else None
        self.layers = nn.ModuleList(
            Layer(2**layer, channels, skip_channels, given)
            for _ in range(stacks)
            for layer in range(layers)
        )
        self.last = nn.Sequential(
            nn.ReLU(),
            nn.Linear(skip_channels, skip_channels),
            nn.ReLU(),
            nn.Linear(skip_channels, CODES),
        )

    @property
    def receptive_field(self) -> int:
        """The number of previous samples that a prediction depends on."""
        return 1 + sum(layer.dilation for layer in self.each)

    @property
    def each(self) -> list[Layer]:
        """The layers."""
        return [layer for layer in self.layers if isinstance(layer, Layer)]

    def embed(self, given: Given) -> Tensor:
        """The embedded condition of all layers, shape (B, T, given)."""
        told = torch.zeros(*given.pitch.shape, self.given_channels, device=given.pitch.device)
        told = told.to(self.codes.weight.dtype)
        if self.pitches is not None:
            told = told + self.pitches(given.pitch)
        if self.instruments is not None:
            told = told + self.instruments(given.instrument)[:, None]
        return told

    def forward(self, past: Tensor, given: Given) -> Tensor:
        """Logits of the codes of T samples, shape (B, T, 256).

        Args:
            past: previous codes: from R samples before the first one, with R the receptive field,
                to the one before the last sample, shape (B, R + T - 1).
            given: for each predicted sample and the R - 1 before, shape (B, R + T - 1).
        """
        length = past.shape[1] - self.receptive_field + 1
        x, told = self.codes(past), self.embed(given)
        total = torch.zeros((), device=x.device, dtype=x.dtype)
        for layer in self.each:
            d = layer.dilation
            x, skip = layer(x[:, :-d], x[:, d:], told[:, told.shape[1] - x.shape[1] + d :])
            total = total + skip[:, -length:]
        logits: Tensor = self.last(total)
        return logits


def _alike(channels: int) -> Tensor:
    """Initial weights that are similar for neighbouring codes, shape (256, channels).

    With random ones, a network would first have to learn the order of the codes.
    """
    codes = torch.arange(CODES)
    sample = torch.from_numpy(mulaw.decode(codes.numpy()))
    place = (codes + 0.5) / CODES
    waves = torch.sin(torch.pi * place[:, None] * torch.arange(1, channels))
    return torch.cat([sample[:, None], waves], 1)

"""Attention of a decoder's state over the frames of an excerpt."""

import math
from typing import Literal

import torch
from torch import Tensor, nn

from deepmir.networks.masking import inside


class Attention(nn.Module):
    """Weights of frames for a state, by one of two ways to compare them.

    additive: v' tanh(W s + U h) (Bahdanau, Cho and Bengio, ICLR 2015); dot: s' h / sqrt(D) (Luong,
    Pham and Manning, EMNLP 2015, with the scale of Vaswani et al., 2017).
    """

    def __init__(self, kind: Literal["additive", "dot"], units: int) -> None:
        super().__init__()
        self.kind = kind
        if kind == "additive":
            self.query = nn.Linear(units, units)
            self.key = nn.Linear(units, units, bias=False)
            self.energy = nn.Linear(units, 1, bias=False)

    def keys(self, memory: Tensor) -> Tensor:
        """What states are compared with, once for all states, shape (B, T, D)."""
        keys: Tensor = self.key(memory) if self.kind == "additive" else memory
        return keys

    def forward(self, state: Tensor, keys: Tensor, lengths: Tensor | None) -> Tensor:
        """Weights that add up to 1; those of frames past the end of an excerpt are 0.

        Args:
            state: shape (B, D).
            keys: see :meth:`keys`.
            lengths: frames of each excerpt, shape (B,); None where none is padded.

        Returns:
            Shape (B, T).
        """
        if self.kind == "additive":
            energies = self.energy(torch.tanh(self.query(state)[:, None] + keys))[..., 0]
        else:
            energies = (keys @ state[..., None])[..., 0] / math.sqrt(state.shape[-1])
        if lengths is not None:
            energies = energies.masked_fill(~inside(lengths, energies), -torch.inf)
        return torch.softmax(energies, dim=-1)


def positions(frames: int, width: int, device: torch.device) -> Tensor:
    """A code of every place in an excerpt, shape (frames, width): Vaswani et al. (2017), 3.5.

    What is read from a frame can then say when it is.
    """
    half = (width + 1) // 2
    speeds = torch.exp(torch.arange(half, device=device) * (-math.log(10000.0) / half))
    angles = torch.arange(frames, device=device)[:, None] * speeds
    return torch.cat([angles.sin(), angles.cos()], dim=1)[:, :width]

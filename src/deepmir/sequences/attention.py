"""Attention of a decoder's state over the frames of an excerpt."""

import math
from typing import Literal

import torch
from torch import Tensor, nn

from deepmir.networks.masking import inside


class Attention(nn.Module):
    """Attention weights of frames for a state, with one of two scoring functions.

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
        """The vectors that all states are compared with, shape (B, T, D)."""
        keys: Tensor = self.key(memory) if self.kind == "additive" else memory
        return keys

    def forward(self, query: Tensor, keys: Tensor, lengths: Tensor | None) -> Tensor:
        """Energies of the frames, whose softmax gives the weights.

        Args:
            query: shape (B, D).
            keys: see :meth:`keys`.
            lengths: frames of each excerpt, shape (B,); None if none is padded.

        Returns:
            Shape (B, T); minus infinity past the end of an excerpt.
        """
        if self.kind == "additive":
            energies: Tensor = self.energy(torch.tanh(self.query(query)[:, None] + keys))[..., 0]
        else:
            energies = (keys @ query[..., None])[..., 0] / math.sqrt(query.shape[-1])
        if lengths is None:
            return energies
        return energies.masked_fill(~inside(lengths, energies), -torch.inf)


def codes(places: Tensor, width: int, longest: int) -> Tensor:
    """Position encoding in an excerpt, as in Vaswani et al. (2017), 3.5.

    The fastest wave turns by a radian per frame, the slowest by a radian per excerpt of maximum
    length: close positions have similar codes, distant ones do not.

    Args:
        places: in frames, any shape.
        width: size of a code.
        longest: maximum frames of an excerpt.

    Returns:
        The shape of the positions, and the width.
    """
    half = (width + 1) // 2
    powers = torch.arange(half, device=places.device) / half
    angles = places[..., None] * torch.exp(-math.log(max(longest, 2)) * powers)
    return torch.cat([angles.sin(), angles.cos()], dim=-1)[..., :width]

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

    def forward(self, query: Tensor, keys: Tensor, lengths: Tensor | None) -> Tensor:
        """Energies of the frames, of which weights are the softmax.

        Args:
            query: shape (B, D).
            keys: see :meth:`keys`.
            lengths: frames of each excerpt, shape (B,); None where none is padded.

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
    """A code of places in an excerpt, as Vaswani et al. (2017), 3.5, have it.

    The quickest wave turns by a radian a frame, the slowest in an excerpt of the longest length:
    near places have like codes, far ones have not.

    Args:
        places: in frames, any shape.
        width: of a code.
        longest: frames of an excerpt.

    Returns:
        The shape of the places, and the width.
    """
    half = (width + 1) // 2
    powers = torch.arange(half, device=places.device) / half
    angles = places[..., None] * torch.exp(-math.log(max(longest, 2)) * powers)
    return torch.cat([angles.sin(), angles.cos()], dim=-1)[..., :width]

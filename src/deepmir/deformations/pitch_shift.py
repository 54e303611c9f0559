"""Pitch shift: the bins of a log-frequency representation, rolled."""

import numpy as np
import torch
from torch import Tensor


def draw(most: float, rng: np.random.Generator) -> float:
    """Whole semitones up, at most `most` in either direction."""
    limit = round(most)
    return float(rng.integers(-limit, limit + 1))


def shift(x: Tensor, bins: Tensor, circular: bool = False) -> Tensor:
    """Move each patch by whole bins.

    Args:
        x: patches, shape (B, N, F, T).
        bins: how far up, shape (B,).
        circular: whether what leaves at one end comes in at the other, as pitch classes do; else
            what comes in from beyond the edge is the quietest value of the patch.

    Returns:
        Shape (B, N, F, T).
    """
    if not bins.any():
        return x
    size = x.shape[2]
    sources = torch.arange(size, device=x.device) - bins[:, None]
    index = sources % size if circular else sources.clamp(0, size - 1)
    moved = x.gather(2, index[:, None, :, None].expand(x.shape))
    if circular:
        return moved
    inside = (sources >= 0) & (sources < size)
    return torch.where(inside[:, None, :, None], moved, x.amin((1, 2, 3), True))

"""Frames of a batch of signals, and the end of each signal in a padded batch."""

import torch
from torch import Tensor
from torch.nn import functional


def centred_frames(signal: Tensor, window: int, hop: int, count: int) -> Tensor:
    """Frames centred at multiples of the hop, zero beyond the ends of the signal.

    Args:
        signal: shape (B, samples).
        window: samples per frame.
        hop: samples between frames.
        count: number T of frames.

    Returns:
        Shape (B, T, window), rows overlapping in memory.
    """
    before = window // 2
    after = (count - 1) * hop + window - before - signal.shape[1]
    # Negative padding removes samples that no frame covers.
    return functional.pad(signal, (before, after)).unfold(1, window, hop)


def inside(length: int, counts: Tensor) -> Tensor:
    """Mask of the positions of a padded batch that belong to their row, shape (B, length)."""
    return torch.arange(length, device=counts.device) < counts[:, None]


def reflected(length: int, reach: int, counts: Tensor) -> Tensor:
    """Indices of rows extended by reflection (d c b a | a b c d | d c b a).

    Args:
        length: of the padded rows.
        reach: extension of the rows on each side.
        counts: length of each row, shape (B,).

    Returns:
        Shape (B, length + 2 reach), each from 0 to its count - 1.
    """
    positions = torch.arange(-reach, length + reach, device=counts.device)
    ends = counts.clamp(min=1)[:, None]
    folded = positions % (2 * ends)
    return torch.where(folded < ends, folded, 2 * ends - 1 - folded)

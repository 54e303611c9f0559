"""Tracks of different lengths in one batch: padding past a track's end must have no effect.

``lengths`` holds the number of frames of every track; None means that all tracks fill the batch.
"""

from __future__ import annotations

import torch
from torch import Tensor

from deepmir.networks.shapes import Window


def inside(lengths: Tensor, x: Tensor) -> Tensor:
    """Mask of the frames of a batch (batch, ..., time) that belong to tracks.

    Returns:
        Booleans that broadcast with ``x``: true up to each track's end.
    """
    frames = torch.arange(x.shape[-1], device=x.device)
    mask = frames < lengths.to(x.device).unsqueeze(1)
    return mask.view(len(lengths), *[1] * (x.dim() - 2), -1)


def fill(x: Tensor, lengths: Tensor | None, value: float = 0.0) -> Tensor:
    """The batch (batch, ..., time) with this value past each track's end; no gradient there."""
    return x if lengths is None else x.masked_fill(~inside(lengths, x), value)


def moved(lengths: Tensor | None, window: Window) -> Tensor | None:
    """The tracks' lengths after a window has moved over their time axis."""
    if lengths is None:
        return None
    if window.padded:
        return (lengths + window.stride - 1) // window.stride
    return (lengths - window.extent) // window.stride + 1


def mean(x: Tensor, lengths: Tensor | None) -> Tensor:
    """The mean over time of (batch, ..., time), for every track over its own frames."""
    if lengths is None:
        return x.mean(-1)
    counts = lengths.to(x).view(-1, *[1] * (x.dim() - 2))
    return fill(x, lengths).sum(-1) / counts


def largest(x: Tensor, lengths: Tensor | None) -> Tensor:
    """The maximum over time of (batch, ..., time), for every track over its own frames."""
    return fill(x, lengths, -torch.inf).amax(-1)

"""Long decision time scale: a track is cut into excerpts whose predictions are averaged.

A network for a time-invariant task is trained on excerpts of one length (`training.patch_seconds`).
For prediction, a track is cut into excerpts of the same length that overlap by half; the mean of
their predictions is that of the track (tutorial, section 5.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor


class Excerpts(NamedTuple):
    """Excerpts of some tracks.

    Attributes:
        x: shape (E, N, F, T).
        lengths: frames of each, shape (E,).
        rows: the track of each, shape (E,).
    """

    x: Tensor
    lengths: Tensor
    rows: Tensor


def starts(frames: int, length: int) -> list[int]:
    """First frames of excerpts that cover a track evenly and overlap by half or slightly more."""
    if frames <= length:
        return [0]
    count = 1 + int(np.ceil((frames - length) / (length / 2)))
    return [round(start) for start in np.linspace(0, frames - length, count).tolist()]


def cut(x: Tensor, lengths: Tensor, length: int | None) -> Excerpts:
    """Cut padded tracks into excerpts.

    Args:
        x: shape (B, N, F, T).
        lengths: frames of each track, shape (B,).
        length: of an excerpt, in frames; None keeps the tracks whole.
    """
    import torch  # recordings are analysed without it

    if length is None or int(lengths.max()) <= length:
        return Excerpts(x, lengths, torch.arange(len(x)))
    places = [(row, s) for row, n in enumerate(lengths.tolist()) for s in starts(int(n), length)]
    pieces = torch.stack([x[row, ..., start : start + length] for row, start in places])
    rows = torch.tensor([row for row, _ in places])
    return Excerpts(pieces, lengths[rows].clamp(max=length), rows)


def mean(values: Tensor, rows: Tensor, tracks: int) -> Tensor:
    """Mean over the excerpts of each track, shapes (E, V) and (E,) to (tracks, V)."""
    import torch

    total = torch.zeros(tracks, values.shape[1], dtype=values.dtype, device=values.device)
    rows = rows.to(values.device)
    return total.index_add_(0, rows, values) / torch.bincount(rows, minlength=tracks)[:, None]

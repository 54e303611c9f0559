"""Deformations of training patches (tutorial, section 2.3: data augmentation).

Each is drawn anew for every patch and is never applied to validation or test data. What it does to
the labels is the task's to say (`tasks/base.py`). Drawing is the loader's work, deforming that of
the device that trains: features that are computed there, on the fly, are deformed there too.
"""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor


def draw(amounts: Mapping[str, float], rng: np.random.Generator) -> dict[str, float]:
    """Draw how much of each deformation a patch gets.

    Args:
        amounts: the most of each: `pitch_shift` in semitones up and down, `time_stretch` as the
            largest share by which the patch becomes slower or faster.
        rng: the patch's own generator.

    Returns:
        `pitch_shift` as whole semitones, `time_stretch` as the factor by which the source is
        longer than the patch.
    """
    drawn = {}
    if "pitch_shift" in amounts:
        most = round(amounts["pitch_shift"])
        drawn["pitch_shift"] = float(rng.integers(-most, most + 1))
    if "time_stretch" in amounts:
        most_stretch = np.log1p(amounts["time_stretch"])
        drawn["time_stretch"] = float(np.exp(rng.uniform(-most_stretch, most_stretch)))
    return drawn


def cut(x: Tensor, first: Tensor, source: Tensor, frames: Tensor) -> Tensor:
    """Cut patches out of excerpts, stretched in time by linear interpolation from end to end.

    Args:
        x: excerpts, shape (B, N, F, S).
        first: the frame at which each patch begins, shape (B,).
        source: how many frames of the excerpt it takes, shape (B,).
        frames: how many it has then, shape (B,).

    Returns:
        Shape (B, N, F, T), T the longest; a shorter patch goes on with its last frame.
    """
    longest = int(frames.max())
    if longest == x.shape[3] and torch.equal(source, frames) and not first.any():
        return x
    steps = torch.arange(longest, device=x.device)
    last = (source - 1)[:, None]
    position = (steps * (last / (frames - 1).clamp(min=1)[:, None])).clamp(max=last)
    before = position.floor().long()
    after = torch.minimum(before + 1, last)
    weight = (position - before)[:, None, None]
    return _at(x, first[:, None] + before) * (1 - weight) + _at(x, first[:, None] + after) * weight


def _at(x: Tensor, frames: Tensor) -> Tensor:
    """The frames of each row by number, (B, N, F, S) and (B, T) to (B, N, F, T)."""
    return x.gather(3, frames[:, None, None].expand(-1, x.shape[1], x.shape[2], -1))


def pitch_shift(x: Tensor, bins: Tensor) -> Tensor:
    """Move each patch of a log-frequency representation by whole bins.

    What comes in from beyond the edge is the quietest value of the patch.

    Args:
        x: patches, shape (B, N, F, T).
        bins: how far up, shape (B,).

    Returns:
        Shape (B, N, F, T).
    """
    if not bins.any():
        return x
    sources = torch.arange(x.shape[2], device=x.device) - bins[:, None]
    inside = (sources >= 0) & (sources < x.shape[2])
    index = sources.clamp(0, x.shape[2] - 1)[:, None, :, None].expand(x.shape)
    return torch.where(inside[:, None, :, None], x.gather(2, index), x.amin((1, 2, 3), True))

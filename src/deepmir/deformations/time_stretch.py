"""Time stretch: features interpolated in time, so the music is slower or faster."""

from typing import TYPE_CHECKING

import numpy as np

from deepmir.deformations.base import MusicDeformation
from deepmir.representations import Representation
from deepmir.representations.base import Axis

if TYPE_CHECKING:
    from torch import Tensor

RIGID: dict[Axis, str] = {
    "sample": "samples are its frames",
    "tempo": "lags would keep their tempo",
}
"""Axes along which two neighbouring frames cannot be interpolated."""


class TimeStretch(MusicDeformation):
    """The amount is the largest relative change of speed of a patch."""

    name = "time_stretch"
    unit = "share slower or faster"
    largest = 3.0
    order = 20

    def unfit(self, representation: Representation, *, on_the_fly: bool) -> str | None:
        """Frames are interpolated in any representation."""
        reason = RIGID.get(representation.axis)
        return f"interpolates frames, and {reason}: use mel, for example" if reason else None

    def draw(self, most: float, rng: np.random.Generator) -> float:
        """The length of the source relative to the patch."""
        limit = np.log1p(most)
        return float(np.exp(rng.uniform(-limit, limit)))

    def pace(self, drawn: float) -> float:
        """The length of the source relative to the patch; :func:`cut` does the rest."""
        return drawn


def cut(x: "Tensor", first: "Tensor", source: "Tensor", frames: "Tensor") -> "Tensor":
    """Cut patches out of excerpts, stretched in time by linear interpolation from end to end.

    Args:
        x: excerpts, shape (B, N, F, S).
        first: first frame of each patch, shape (B,).
        source: number of frames taken from the excerpt, shape (B,).
        frames: number of frames after stretching, shape (B,).

    Returns:
        Shape (B, N, F, T), T the longest; a shorter patch is padded with its last frame.
    """
    import torch

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


def _at(x: "Tensor", frames: "Tensor") -> "Tensor":
    """The frames of each row at given indices, (B, N, F, S) and (B, T) to (B, N, F, T)."""
    return x.gather(3, frames[:, None, None].expand(-1, x.shape[1], x.shape[2], -1))


DEFORMATION = TimeStretch()

"""Pitch shift: the bins of a log-frequency representation, shifted."""

from typing import TYPE_CHECKING

import numpy as np

from deepmir.deformations.base import MusicDeformation, Numbers
from deepmir.deformations.powers import channels
from deepmir.representations import Representation

if TYPE_CHECKING:
    from torch import Tensor


class PitchShift(MusicDeformation):
    """The amount is the maximum of semitones up or down."""

    name = "pitch_shift"
    unit = "semitones up and down"
    largest = 24.0
    order = 10

    def unfit(self, representation: Representation, *, on_the_fly: bool) -> str | None:
        """A semitone must be a whole number of bins throughout."""
        octaves = {part.bins_per_octave for part in channels(representation)}
        if None in octaves or len(octaves) > 1:
            return (
                "rolls the bins of a log-frequency representation, but "
                f"{representation.kind} is not one: use cqt, for example"
            )
        if (representation.bins_per_octave or 0) % 12:
            return (
                f"shifts by semitones, which do not fit {representation.bins_per_octave} "
                "bins per octave: use a multiple of 12"
            )
        return None

    def idle(self, amount: float, representation: Representation) -> str | None:
        """The amount must be a whole number of semitones."""
        if amount != round(amount):
            return f"needs whole semitones, not {amount:g}"
        return super().idle(amount, representation)

    def draw(self, most: float, rng: np.random.Generator) -> float:
        """Whole semitones upwards, at most `most` in either direction."""
        limit = round(most)
        return float(rng.integers(-limit, limit + 1))

    def on_device(self, drawn: float, representation: Representation) -> Numbers:
        """The semitones in bins."""
        return np.array(round(drawn * (representation.bins_per_octave or 0) / 12))

    def deform(self, x: "Tensor", drawn: "Tensor", representation: Representation) -> "Tensor":
        """Shift each patch; pitch classes wrap around."""
        return shift(x, drawn, circular=representation.axis == "pitch class")


def shift(x: "Tensor", bins: "Tensor", circular: bool = False) -> "Tensor":
    """Shift each patch by whole bins.

    Args:
        x: patches, shape (B, N, F, T).
        bins: upward shift, shape (B,).
        circular: whether bins wrap around, as pitch classes do; otherwise bins from beyond the edge
            get the minimum of the patch.

    Returns:
        Shape (B, N, F, T).
    """
    import torch

    if not bins.any():
        return x
    size = x.shape[2]
    sources = torch.arange(size, device=x.device) - bins[:, None]
    index = sources % size if circular else sources.clamp(0, size - 1)
    moved = x.gather(2, index[:, None, :, None].expand(x.shape))
    if circular:
        return moved
    inside = (sources >= 0) & (sources < size)
    return torch.where(inside[:, None, :, None], moved, x.amin((2, 3), True))


DEFORMATION = PitchShift()

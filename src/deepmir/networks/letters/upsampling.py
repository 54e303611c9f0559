"""Layers of a decoder, from a vector back to feature maps (appendix A.4, Figure 14).

Pools are undone by repeating values, followed by a convolution that smooths them: a transposed
convolution would do both at once, but cause a checkerboard pattern (Odena et al. 2016).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from deepmir.networks.letters.base import Fixed, Option, Size, register
from deepmir.networks.shapes import Shape, Window

if TYPE_CHECKING:
    from torch import nn


@register
@dataclass(frozen=True)
class Upsampling(Fixed):
    """``u2``: every value repeated along frequency and time, the opposite of ``p2``.

    ``to=81x49`` crops the result, or repeats its last row and frame to restore what a pool dropped;
    it needs patches of one length.
    """

    letter = "u2"
    every_frame = "repeat as many frames as were pooled"
    factor: Annotated[Size, Option("size", bare=True)] = (2, 2)
    to: Annotated[Size | None, Option("size")] = None

    def windows(self, shape: Shape) -> tuple[Window, Window]:
        """One value."""
        return Window(), Window()

    def misfit(self, shape: Shape) -> str | None:
        """Only frames that were pooled can be repeated, and `to` only rounds the size."""
        high, wide = self.factor
        if shape.frames is None:
            if self.to is not None:
                return "to= needs patches of one length: leave it out"
            if (shape.hop or 1) % wide:
                return f"1 frame in {shape.hop} cannot be repeated {wide} times: pool time before"
            return None
        made = (shape.bins * high, shape.frames * wide)
        if self.to and any(
            abs(size - wanted) >= max(each, 2)
            for size, wanted, each in zip(made, self.to, self.factor, strict=True)
        ):
            return (
                f"it makes {made[0]}x{made[1]}, from which to={self.to[0]}x{self.to[1]} is too far"
            )
        return None

    def output(self, shape: Shape) -> Shape:
        """Longer axes."""
        high, wide = self.factor
        hop = None if shape.hop is None else max(1, shape.hop // wide)
        if shape.frames is None:
            return replace(shape, bins=shape.bins * high, hop=hop)
        bins, frames = self.to or (shape.bins * high, shape.frames * wide)
        return replace(shape, bins=bins, hop=hop, frames=frames)

    def module(self, shape: Shape) -> nn.Module:
        """The torch module."""
        from deepmir.networks.layers import UpsamplingLayer

        return UpsamplingLayer(self.factor, self.to)


@register
@dataclass(frozen=True)
class Spreading(Fixed):
    """``s2``: a vector as feature maps with the given bins and frames, as many as it fills."""

    letter = "s2"
    follows_time = True
    size: Annotated[Size, Option("size", bare=True)]

    def misfit(self, shape: Shape) -> str | None:
        """A vector has no time axis, and must fill a whole number of maps."""
        bins, frames = self.size
        if shape.hop is not None:
            return "its input still has a time axis, and it spreads a vector"
        if shape.features % (bins * frames):
            return f"{shape.features} numbers do not fill maps of {bins}x{frames}"
        return None

    def output(self, shape: Shape) -> Shape:
        """Feature maps of a fixed length."""
        bins, frames = self.size
        return Shape(shape.features // (bins * frames), bins, 1, frames)

    def module(self, shape: Shape) -> nn.Module:
        """The torch module."""
        from deepmir.networks.layers import SpreadingLayer

        return SpreadingLayer(self.size)


@dataclass(frozen=True)
class Flattening(Fixed):
    """A patch as one vector: implied where fixed-length patches meet the closing ``d1`` layers."""

    letter = "(patch as a vector)"
    implied = True

    def output(self, shape: Shape) -> Shape:
        """Every number of a patch."""
        assert shape.frames is not None
        return Shape(shape.features * shape.frames, 1, None)

    def module(self, shape: Shape) -> nn.Module:
        """The torch module."""
        from deepmir.networks.layers import FlatteningLayer

        return FlatteningLayer()

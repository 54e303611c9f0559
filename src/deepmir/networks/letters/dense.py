"""Dense layers (section 4.1), frame by frame or over several frames (section 5.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from deepmir.networks.letters.base import (
    Activated,
    Affine,
    Dropped,
    Normalised,
    Option,
    Width,
    register,
)
from deepmir.networks.shapes import Shape, Window

if TYPE_CHECKING:
    from torch import nn


@register
@dataclass(frozen=True)
class Dense(Affine):
    """``d1``: a dense layer, frame by frame. Without a width it is the output layer."""

    letter = "d1"
    follows_time = True
    width: Annotated[int | None, Option("count", bare=True)] = None
    activation: Activated = "relu"
    bn: Normalised = False
    drop: Dropped = 0.0

    def misfit(self, shape: Shape) -> str | None:
        """Only the last layer has no written width; it is given one."""
        if self.width is None:
            return "only the last d1 gets its width from the task: write d1(64)"
        return None

    def module(self, shape: Shape) -> nn.Module:
        """The torch module, with fresh weights."""
        from deepmir.networks.layers import DenseLayer

        return DenseLayer(shape, self)


@register
@dataclass(frozen=True)
class ContextDense(Affine):
    """``d2``: a dense layer over several frames around each frame (zeros past the ends)."""

    letter = "d2"
    width: Width
    context: Annotated[int, Option("odd", bare=True)] = 5
    activation: Activated = "relu"
    bn: Normalised = False
    drop: Dropped = 0.0

    def windows(self, shape: Shape) -> tuple[Window, Window]:
        """All of frequency, and the context."""
        return Window(shape.bins, padded=False), Window(self.context)

    def module(self, shape: Shape) -> nn.Module:
        """The torch module, with fresh weights."""
        from deepmir.networks.layers import TemporalConvolution

        return TemporalConvolution(shape, self)

"""Convolutional layers (section 4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from deepmir.networks.letters.base import (
    Activated,
    Affine,
    Dropped,
    Growth,
    Normalised,
    Option,
    Size,
    Width,
    register,
)
from deepmir.networks.shapes import Shape, Window

if TYPE_CHECKING:
    from torch import nn


@register
@dataclass(frozen=True)
class Convolution1D(Affine):
    """``c1``: a convolution over time whose kernels (F x W) span the whole frequency axis."""

    letter = "c1"
    every_frame = "leave its stride out"
    width: Width
    kernel: Annotated[int, Option("count", bare=True)] = 3
    stride: Annotated[int, Option("count")] = 1
    dilation: Annotated[int | Growth, Option("growth")] = 1
    activation: Activated = "relu"
    bn: Normalised = False
    drop: Dropped = 0.0

    def windows(self, shape: Shape) -> tuple[Window, Window]:
        """All of frequency, and the kernel over time."""
        assert isinstance(self.dilation, int)  # repetitions have been unrolled before
        time = Window(self.kernel, self.stride, self.dilation)
        return Window(shape.bins, padded=False), time

    def module(self, shape: Shape) -> nn.Module:
        """The torch module, with fresh weights."""
        from deepmir.networks.layers import TemporalConvolution

        return TemporalConvolution(shape, self)


@register
@dataclass(frozen=True)
class Convolution2D(Affine):
    """``c2``: a two-dimensional convolution, padded; ``valid`` leaves frequency unpadded."""

    letter = "c2"
    slides = True
    every_frame = "stride along frequency alone, such as stride=2x1"
    without_bins = "write c1 or a height of 1"
    width: Width
    kernel: Annotated[Size, Option("size", bare=True)] = (3, 3)
    stride: Annotated[Size, Option("size")] = (1, 1)
    dilation: Annotated[Size, Option("size")] = (1, 1)
    valid: Annotated[bool, Option(words=(("valid", True),))] = False
    activation: Activated = "relu"
    bn: Normalised = False
    drop: Dropped = 0.0

    def windows(self, shape: Shape) -> tuple[Window, Window]:
        """The kernel along each axis."""
        (height, width), (up, on), (high, wide) = self.kernel, self.stride, self.dilation
        return Window(height, up, high, padded=not self.valid), Window(width, on, wide)

    def weights(self, shape: Shape) -> int:
        """A kernel from each input map to each output map."""
        return shape.channels * self.kernel[0] * self.kernel[1] * self.width

    def module(self, shape: Shape) -> nn.Module:
        """The torch module, with fresh weights."""
        from deepmir.networks.layers import SpectralConvolution

        return SpectralConvolution(shape, self)

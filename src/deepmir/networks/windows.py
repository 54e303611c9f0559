"""How a layer's kernel or pool moves along each axis: the arithmetic of sizes, edges and reach."""

from __future__ import annotations

from dataclasses import dataclass

from deepmir.networks.notation import (
    ContextDense,
    Convolution1D,
    Convolution2D,
    Folding,
    Growth,
    Layer,
    Pooling1D,
    Pooling2D,
)
from deepmir.networks.shapes import Shape


@dataclass(frozen=True)
class Window:
    """A kernel or a pool along one axis.

    Attributes:
        size: positions it covers (taps of a kernel).
        stride: step from one output position to the next.
        dilation: distance of neighbouring taps.
        padded: whether it may hang over the edges, so that every stride-th position gets an output;
            otherwise it stays inside, and what is left over at the end is dropped.
    """

    size: int = 1
    stride: int = 1
    dilation: int = 1
    padded: bool = True

    @property
    def before(self) -> int:
        """Positions it covers before its own."""
        return (self.size - 1) * self.dilation // 2 if self.padded else 0

    @property
    def after(self) -> int:
        """Positions it covers after its own."""
        return (self.size - 1) * self.dilation - self.before

    @property
    def extent(self) -> int:
        """Positions from its first to its last tap."""
        return self.before + 1 + self.after

    def length(self, positions: int) -> int:
        """Output positions for so many input positions."""
        if self.padded:
            return -(-positions // self.stride)
        return max(0, (positions - self.extent) // self.stride + 1)

    def least(self, outputs: int) -> int:
        """The fewest input positions that give so many output positions."""
        return (outputs - 1) * self.stride + (1 if self.padded else self.extent)


def windows(layer: Layer, shape: Shape) -> tuple[Window, Window]:
    """A layer's windows over its input.

    Args:
        layer: any layer; what is not a convolution or a pool takes whole frames, one by one.
        shape: what comes in.

    Returns:
        The windows along frequency and along time. The window over time of a global pool is not
        meant to be used: the time axis is gone (`Shape.hop` is None).
    """
    frequency, time = Window(shape.bins, padded=False), Window()
    if isinstance(layer, ContextDense):
        time = Window(layer.context)
    elif isinstance(layer, Convolution1D) and not isinstance(layer.dilation, Growth):
        time = Window(layer.kernel, layer.stride, layer.dilation)
    elif isinstance(layer, Convolution2D):
        (height, width), (up, on), (high, wide) = layer.kernel, layer.stride, layer.dilation
        frequency = Window(height, up, high, padded=not layer.valid)
        time = Window(width, on, wide)
    elif isinstance(layer, Folding):
        frequency = Window(shape.bins // layer.bins, dilation=layer.bins, padded=False)
    elif isinstance(layer, Pooling1D):
        frequency, time = _pool1d(layer, shape)
    elif isinstance(layer, Pooling2D) and layer.window is not None:
        height, width = layer.window
        up, on = layer.stride or layer.window
        frequency, time = _pool(height, up), _pool(width, on)
    return frequency, time


def _pool1d(layer: Pooling1D, shape: Shape) -> tuple[Window, Window]:
    """Along frequency where there is such an axis, otherwise along time."""
    size = layer.window or shape.bins
    pool = _pool(size, layer.stride or size)
    return (pool, Window()) if shape.bins > 1 else (Window(), pool)


def _pool(size: int, stride: int) -> Window:
    """Pools side by side stay inside; pools that overlap are padded like convolutions."""
    return Window(size, stride, padded=stride < size)

"""Pooling layers (section 4.3.1), and the mean over time that a network may imply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from deepmir.networks.letters.base import Dropped, Fixed, Option, Size, one_of, register, swept
from deepmir.networks.shapes import Shape, Window

if TYPE_CHECKING:
    from torch import nn

_GLOBAL = (("global", None),)
_Operation = Annotated[Literal["max", "mean"] | None, one_of("max", "mean")]


class Pooling(Fixed):
    """The base of all pooling layers."""

    if TYPE_CHECKING:  # fields of the letters

        @property
        def window(self) -> int | Size | None:
            """The window that is pooled; None for everything."""

        @property
        def stride(self) -> int | Size | None:
            """The distance between pools; None for adjacent pools."""

        @property
        def operation(self) -> Literal["max", "mean"] | None:
            """The pooling operation; None for the default."""

        @property
        def drop(self) -> float:
            """Share of the pooled values that is dropped out in training."""

    def misfit(self, shape: Shape) -> str | None:
        """Global pooling has no stride."""
        if self.window is None and self.stride:
            return "global pooling has no stride"
        return None

    def sees(self, shape: Shape) -> Literal["window", "past", "all"]:
        """All of time for global pooling over time."""
        return "all" if self.output(shape).hop is None else "window"

    def module(self, shape: Shape) -> nn.Module:
        """The torch module: by default the maximum of a window, and the mean of everything."""
        from deepmir.networks.layers import GlobalPooling, LocalPooling

        if self.window is None:
            return GlobalPooling(shape, self.output(shape), self.operation or "mean", self.drop)
        return LocalPooling(*self.windows(shape), self.operation or "max", self.drop)


@register
@dataclass(frozen=True)
class Pooling1D(Pooling):
    """``p1``: pooling along frequency, or along time if there is no frequency axis left."""

    letter = "p1"
    every_frame = "p1 pools time where no frequency axis is left"
    window: Annotated[int | None, Option("count", bare=True, words=_GLOBAL)] = 2
    stride: Annotated[int | None, Option("count")] = None
    operation: _Operation = None
    drop: Dropped = 0.0

    def windows(self, shape: Shape) -> tuple[Window, Window]:
        """The pool along frequency if there is such an axis, otherwise along time."""
        size = self.window or shape.bins
        pool = _pool(size, self.stride or size)
        return (pool, Window()) if shape.bins > 1 else (Window(), pool)

    def output(self, shape: Shape) -> Shape:
        """A shorter axis, or none."""
        if self.window is None and shape.bins == 1:
            return Shape(shape.channels, 1, None)
        return swept(self, shape, shape.channels)


@register
@dataclass(frozen=True)
class Pooling2D(Pooling):
    """``p2``: pooling along frequency and time."""

    letter = "p2"
    every_frame = "pool along frequency alone with p1"
    without_bins = "write p1 or p1(global)"
    window: Annotated[Size | None, Option("size", bare=True, words=_GLOBAL)] = (2, 2)
    stride: Annotated[Size | None, Option("size")] = None
    operation: _Operation = None
    drop: Dropped = 0.0

    def windows(self, shape: Shape) -> tuple[Window, Window]:
        """The pool along each axis."""
        if self.window is None:
            return super().windows(shape)
        (height, width), (up, on) = self.window, self.stride or self.window
        return _pool(height, up), _pool(width, on)

    def output(self, shape: Shape) -> Shape:
        """Two shorter axes, or none."""
        if self.window is None:
            return Shape(shape.channels, 1, None)
        return swept(self, shape, shape.channels)


@dataclass(frozen=True)
class TimeMean(Pooling):
    """The mean over time implied in a time-invariant network if nothing else aggregates time."""

    letter = "(mean over time)"
    implied = True
    window = None
    stride = None
    operation = None
    drop = 0.0

    def output(self, shape: Shape) -> Shape:
        """All features, once."""
        return Shape(shape.features, 1, None)


def _pool(size: int, stride: int) -> Window:
    """Adjacent pools stay inside; overlapping pools are padded like convolutions."""
    return Window(size, stride, padded=stride < size)

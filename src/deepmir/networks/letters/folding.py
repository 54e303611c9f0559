"""Octaves summed, as in a chromagram (Eq. 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from deepmir.networks.letters.base import Fixed, Option, register, swept
from deepmir.networks.shapes import Shape, Window

if TYPE_CHECKING:
    from torch import nn


@register
@dataclass(frozen=True)
class Folding(Fixed):
    """``f1``: octaves summed: bins a whole number of octaves apart become one, as in Eq. 5."""

    letter = "f1"
    bins: Annotated[int, Option("count", bare=True)] = 12

    def windows(self, shape: Shape) -> tuple[Window, Window]:
        """One bin of every octave."""
        return Window(shape.bins // self.bins, dilation=self.bins, padded=False), Window()

    def misfit(self, shape: Shape) -> str | None:
        """There must be a whole number of octaves, more than one."""
        if shape.bins % self.bins or shape.bins == self.bins:
            return f"{shape.bins} bins are left, which are not several octaves of {self.bins}"
        return None

    def output(self, shape: Shape) -> Shape:
        """One octave."""
        return swept(self, shape, shape.channels)

    def module(self, shape: Shape) -> nn.Module:
        """The torch module."""
        from deepmir.networks.layers import FoldingLayer

        return FoldingLayer(self.bins)

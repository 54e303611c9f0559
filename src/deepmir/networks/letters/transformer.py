"""A small transformer block, for comparison with recurrent layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from deepmir.networks.letters.base import Dropped, Layer, Option, register
from deepmir.networks.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


@register
@dataclass(frozen=True)
class Transformer(Layer):
    """``t1``: self-attention over all frames, then two dense layers; keeps its input's width."""

    letter = "t1"
    note = "t1: its attention adds 2 V T multiply-adds a frame, which grow with T"
    heads: Annotated[int, Option("count")] = 4
    drop: Dropped = 0.0

    def misfit(self, shape: Shape) -> str | None:
        """Each head needs an even width, as it rotates pairs of features."""
        if shape.features % (2 * self.heads):
            return (
                f"its input has width {shape.features}, which {self.heads} heads cannot "
                f"divide: put d1({16 * self.heads}) before it"
            )
        return None

    def sees(self, shape: Shape) -> Literal["window", "past", "all"]:
        """Attention covers all frames."""
        return "all"

    def output(self, shape: Shape) -> Shape:
        """As wide as the input."""
        return Shape(shape.features, 1, shape.hop)

    def weights(self, shape: Shape) -> int:
        """Four projections of the attention, and two dense layers of four times the width."""
        return 12 * shape.features**2

    def biases(self, shape: Shape) -> int:
        """Those of the projections and of two normalisations."""
        return 13 * shape.features

    def module(self, shape: Shape) -> nn.Module:
        """The torch module, with fresh weights."""
        from deepmir.networks.recurrent import TransformerBlock

        return TransformerBlock(shape.features, self.heads, self.drop)

"""Recurrent layers (section 4.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from deepmir.networks.letters.base import Dropped, Layer, Width, one_of, register
from deepmir.networks.shapes import Shape

if TYPE_CHECKING:
    from torch import nn

GATES = {"vanilla": 1, "gru": 3, "lstm": 4}
"""Affine maps inside one recurrent unit (section 4.5)."""


@dataclass(frozen=True)
class Recurrent(Layer):
    """The base of ``r1`` and ``r2``; the width counts the units of one direction."""

    many_to_one: ClassVar[bool]
    width: Width
    unit: Annotated[Literal["gru", "lstm", "vanilla"], one_of("gru", "lstm", "vanilla")] = "gru"
    direction: Annotated[Literal["bi", "forward"], one_of("bi", "forward")] = "bi"
    activation: Annotated[Literal["tanh", "relu"], one_of("tanh", "relu")] = "tanh"
    drop: Dropped = 0.0

    @property
    def directions(self) -> int:
        """1, or 2 if it also runs backwards."""
        return 2 if self.direction == "bi" else 1

    def misfit(self, shape: Shape) -> str | None:
        """Gated units have fixed activations."""
        if self.unit != "vanilla" and self.activation != "tanh":
            return f"{self.unit} has its own activations; only vanilla takes one"
        return None

    def sees(self, shape: Shape) -> Literal["window", "past", "all"]:
        """Everything up to its own frame, or the whole track."""
        return "all" if self.many_to_one or self.direction == "bi" else "past"

    def output(self, shape: Shape) -> Shape:
        """The states of all units, for each frame or the last."""
        hop = None if self.many_to_one else shape.hop
        return Shape(self.width * self.directions, 1, hop)

    def weights(self, shape: Shape) -> int:
        """From the input and the previous state to every gate."""
        inputs = shape.features + self.width
        return self.directions * GATES[self.unit] * self.width * inputs

    def biases(self, shape: Shape) -> int:
        """Two per gate, as in torch."""
        return self.directions * GATES[self.unit] * self.width * 2

    def module(self, shape: Shape) -> nn.Module:
        """The torch module, with fresh weights."""
        from deepmir.networks.recurrent import RecurrentLayer

        return RecurrentLayer(
            shape.features,
            self.width,
            self.unit,
            self.activation,
            both_ways=self.direction == "bi",
            many_to_one=self.many_to_one,
            drop=self.drop,
        )


@register
@dataclass(frozen=True)
class ManyToMany(Recurrent):
    """``r1``: a recurrent layer with one output per frame."""

    letter = "r1"
    many_to_one = False


@register
@dataclass(frozen=True)
class ManyToOne(Recurrent):
    """``r2``: a recurrent layer with one output per track, its state after the last frame."""

    letter = "r2"
    many_to_one = True
    every_frame = "use r1"

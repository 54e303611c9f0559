"""A network's notation as a value: letters, and the groups formed by brackets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from deepmir.networks.letters.base import Layer


@dataclass(frozen=True)
class Group:
    """The base of all bracketed groups."""

    column: int = field(default=0, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True)
class Repeat(Group):
    """``3x[...]``: the same layers several times in a row, each time with their own weights."""

    times: int
    body: Chain

    def __str__(self) -> str:
        return f"{self.times}x[{chain(self.body)}]"


@dataclass(frozen=True)
class Residual(Group):
    """``res[...]``: the input is added to the output (He et al. 2016)."""

    body: Chain

    def __str__(self) -> str:
        return f"res[{chain(self.body)}]"


@dataclass(frozen=True)
class Highway(Group):
    """``highway[...]``: a learned gate mixes output and input (Srivastava et al. 2015)."""

    body: Chain

    def __str__(self) -> str:
        return f"highway[{chain(self.body)}]"


@dataclass(frozen=True)
class Parallel(Group):
    """``[a | b]``: branches with the same input, their feature maps stacked (section 4.4)."""

    branches: tuple[Chain, ...]

    def __str__(self) -> str:
        return f"[{' | '.join(map(chain, self.branches))}]"


Element: TypeAlias = Layer | Repeat | Residual | Highway | Parallel
Chain: TypeAlias = tuple[Element, ...]


def chain(elements: Chain) -> str:
    """Layers joined in the tutorial's notation."""
    return " - ".join(map(str, elements))


@dataclass(frozen=True)
class Notation:
    """A whole network. Two notations are equal if they mean the same, however they were typed.

    Attributes:
        elements: layers and groups, from the input to the output.
        source: the string it was read from, to which ``column`` fields refer.
    """

    elements: Chain
    source: str = field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        return chain(self.elements)

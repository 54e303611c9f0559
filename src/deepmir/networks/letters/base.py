"""The interface of a letter: its notation, what it fits, its cost and its computation.

The fields of a letter are the options allowed between its parentheses, in the order in which they
are printed, and each field declares how it is written: as a bare number, as ``name=number``, or as
a word. The parser (`deepmir.networks.grammar`) and ``str()`` both read these declarations, so they
cannot disagree. No letter imports torch before its `module` is called.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from decimal import Decimal
from typing import (
    TYPE_CHECKING,
    Annotated,
    ClassVar,
    Literal,
    TypeAlias,
    TypeVar,
    get_type_hints,
)

from deepmir.networks.shapes import Shape, Window

if TYPE_CHECKING:
    from torch import nn

Size: TypeAlias = tuple[int, int]
"""Height (frequency axis) and width (time axis), written ``3x5``: H and W of Table 2."""


@dataclass(frozen=True)
class Option:
    """The notation of one option of a layer.

    Attributes:
        number: the kind of number it takes (see `deepmir.networks.grammar`), if any.
        bare: whether the number can be given without the option's name.
        words: words that stand for a value.
    """

    number: Literal["", "count", "odd", "size", "share", "growth"] = ""
    bare: bool = False
    words: tuple[tuple[str, object], ...] = ()


def one_of(*choices: str) -> Option:
    """An option that is one word out of several."""
    return Option(words=tuple((choice, choice) for choice in choices))


Activation: TypeAlias = Literal["logistic", "tanh", "relu", "leaky", "elu", "identity"]
Activated = Annotated[Activation, one_of("logistic", "tanh", "relu", "leaky", "elu", "identity")]
Width = Annotated[int, Option("count", bare=True)]
Normalised = Annotated[bool, Option(words=(("bn", True),))]
Dropped = Annotated[float, Option("share")]


@dataclass(frozen=True)
class Growth:
    """``2^n`` inside a repetition: base to the power of 0, 1, 2 ... in successive repetitions."""

    base: int

    def __str__(self) -> str:
        return f"{self.base}^n"


@dataclass(frozen=True)
class Layer(ABC):
    """The base of all letters, and the parts that each must define.

    Attributes:
        letter: its name, a letter and a digit.
        implied: whether it is never written but implied by a notation.
        slides: whether the same weights are used at every frequency bin.
        follows_time: whether it is allowed after the time axis is gone.
        every_frame: the advice if a task needs every frame and this layer drops some.
        without_bins: the advice if it needs a frequency axis and there is none.
        note: its remark in the table of a network.
        column: position of the letter in the string it came from, counted from 0.
    """

    letter: ClassVar[str] = ""
    implied: ClassVar[bool] = False
    slides: ClassVar[bool] = False
    follows_time: ClassVar[bool] = False
    every_frame: ClassVar[str] = "keep every frame"
    without_bins: ClassVar[str] = ""
    note: ClassVar[str] = ""
    column: int = field(default=0, compare=False, repr=False, kw_only=True)

    def windows(self, shape: Shape) -> tuple[Window, Window]:
        """Its windows along frequency and along time; by default whole frames, one by one.

        The time window of a global pool is not used: the time axis is gone (`Shape.hop` is None).
        """
        return Window(shape.bins, padded=False), Window()

    def misfit(self, shape: Shape) -> str | None:
        """Why it cannot follow this shape, or its options contradict each other; None if it fits.

        Windows that are too large are refused for all letters alike (`deepmir.networks.plan`).
        """
        return None

    def sees(self, shape: Shape) -> Literal["window", "past", "all"]:
        """The temporal context of one unit: its window, also everything before, or everything."""
        return "window"

    @abstractmethod
    def output(self, shape: Shape) -> Shape:
        """Its output shape, provided that it fits."""

    @abstractmethod
    def weights(self, shape: Shape) -> int:
        """Number of multiplicative weights: the multiply-adds at each position."""

    @abstractmethod
    def biases(self, shape: Shape) -> int:
        """Number of additive parameters: biases, and scales and shifts of normalisations."""

    @abstractmethod
    def module(self, shape: Shape) -> nn.Module:
        """The torch module, with fresh weights.

        It takes (batch, N, F, T), (batch, V, T) or (batch, V), as in `shape`, and the lengths of
        the tracks (batch,) or None, and returns both; see `deepmir.networks.layers`.
        """

    def __str__(self) -> str:
        texts = [
            self._written(name, option) for name, option in OPTIONS.get(self.letter, {}).items()
        ]
        given = ",".join(filter(None, texts))
        return f"{self.letter}({given})" if given else self.letter

    def _written(self, name: str, option: Option) -> str:
        """One option in notation, or an empty string if it can be omitted."""
        value, default = getattr(self, name), getattr(type(self), name, None)
        for word, meant in option.words:
            if value == meant and (option.bare or value != default):
                return word
        if not option.number or value is None:
            return ""
        if option.bare:
            return written(value)
        return "" if value == default else f"{name}={written(value)}"


class Fixed(Layer):
    """A layer without parameters."""

    def weights(self, shape: Shape) -> int:
        """None."""
        return 0

    def biases(self, shape: Shape) -> int:
        """None."""
        return 0


class Affine(Layer):
    """A layer of units that each have a weight per input value in their window, and a bias."""

    if TYPE_CHECKING:  # fields of every subclass

        @property
        def width(self) -> int | None:
            """Number of units."""

        @property
        def activation(self) -> Activation:
            """The activation function."""

        @property
        def bn(self) -> bool:
            """Whether it has batch normalisation."""

        @property
        def drop(self) -> float:
            """Share of units that are dropped out in training."""

    @property
    def units(self) -> int:
        """Number of units; 0 for an output layer whose width the task has not set yet."""
        return self.width or 0

    def output(self, shape: Shape) -> Shape:
        """One feature per unit and position of its windows."""
        return swept(self, shape, self.units)

    def weights(self, shape: Shape) -> int:
        """One per number in a unit's window."""
        return shape.features * self.windows(shape)[1].size * self.units

    def biases(self, shape: Shape) -> int:
        """One per unit, or a scale and a shift."""
        return self.units * (2 if self.bn else 1)


def swept(layer: Layer, shape: Shape, channels: int) -> Shape:
    """The output shape of a layer whose windows move over both axes."""
    frequency, time = layer.windows(shape)
    hop = None if shape.hop is None else shape.hop * time.stride
    return Shape(channels, frequency.length(shape.bins), hop)


def written(value: Size | Growth | float) -> str:
    """A size as ``3x5``, a share without an exponent, anything else unchanged."""
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return format(Decimal(str(value)), "f") if isinstance(value, float) else str(value)


LETTERS: dict[str, type[Layer]] = {}
"""Every letter that can be written."""

OPTIONS: dict[str, dict[str, Option]] = {}
"""The options of every letter, in the order in which they are printed."""

L = TypeVar("L", bound=Layer)


def register(kind: type[L]) -> type[L]:
    """Register a letter in :data:`LETTERS`: a class decorator.

    Raises:
        TypeError: when a part is missing, or another class has the letter.
    """
    missing = [*([] if kind.letter else ["letter"]), *sorted(kind.__abstractmethods__)]
    if missing:
        raise TypeError(f"the layer {kind.__name__} lacks {', '.join(missing)}")
    if kind.letter in LETTERS:
        raise TypeError(
            f"the layer {kind.__name__}: {LETTERS[kind.letter].__name__} is {kind.letter} already"
        )
    hints = get_type_hints(kind, include_extras=True)
    described = {name: getattr(hint, "__metadata__", [None])[0] for name, hint in hints.items()}
    LETTERS[kind.letter] = kind
    OPTIONS[kind.letter] = {n: how for n, how in described.items() if isinstance(how, Option)}
    return kind

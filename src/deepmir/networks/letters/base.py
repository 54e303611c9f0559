"""What the core asks of a letter: how it is written, what fits it, what it costs, what it computes.

The fields of a letter are the options that may stand between its parentheses, in the order in which
they are printed, and each field says how it is written: as a bare number, as ``name=number``, or as
a word. The parser (`deepmir.networks.grammar`) and ``str()`` both read these descriptions, so they
cannot disagree. No letter imports torch before its `module` is asked for.
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
    """How one option of a layer is written.

    Attributes:
        number: the kind of number it takes (see `deepmir.networks.grammar`), if any.
        bare: whether the number may stand without the option's name.
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
    """``2^n`` inside a repetition: base to the power of 0, 1, 2 ... as the repetition goes on."""

    base: int

    def __str__(self) -> str:
        return f"{self.base}^n"


@dataclass(frozen=True)
class Layer(ABC):
    """What all letters share, and what each has to say.

    Attributes:
        letter: how it is written, a letter and a digit.
        implied: whether it is never written, but follows from a notation.
        slides: whether the same weights serve at every bin of frequency.
        follows_time: whether it may stand where no time axis is left.
        every_frame: what to write where a task needs every frame and this layer leaves fewer.
        without_bins: what to write where no frequency axis is left, if it needs one.
        note: what the table of a network says of it in words.
        column: where the letter stood in the string it came from, counted from 0.
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
        """What it covers along frequency and along time; by default whole frames, one by one.

        The window over time of a global pool is not meant to be used: the time axis is gone
        (`Shape.hop` is None).
        """
        return Window(shape.bins, padded=False), Window()

    def misfit(self, shape: Shape) -> str | None:
        """Why it cannot follow this shape, or its options each other; None if it can.

        Windows that are too large are refused for every letter alike (`deepmir.networks.plan`).
        """
        return None

    def sees(self, shape: Shape) -> Literal["window", "past", "all"]:
        """How much of time one unit sees: its window, everything before as well, or everything."""
        return "window"

    @abstractmethod
    def output(self, shape: Shape) -> Shape:
        """What it makes of what comes in, given that it fits."""

    @abstractmethod
    def weights(self, shape: Shape) -> int:
        """Numbers that multiply what comes in: so many multiply-adds at each position."""

    @abstractmethod
    def biases(self, shape: Shape) -> int:
        """Parameters that are only added: biases, scales and shifts of normalisations."""

    @abstractmethod
    def module(self, shape: Shape) -> nn.Module:
        """What computes it, with fresh weights.

        It takes (batch, N, F, T), (batch, V, T) or (batch, V), as `shape` says, and the lengths of
        the tracks (batch,) or None, and returns both; see `deepmir.networks.layers`.
        """

    def __str__(self) -> str:
        texts = [
            self._written(name, option) for name, option in OPTIONS.get(self.letter, {}).items()
        ]
        given = ",".join(filter(None, texts))
        return f"{self.letter}({given})" if given else self.letter

    def _written(self, name: str, option: Option) -> str:
        """One option as it is written, or nothing where it need not be."""
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
        """There are none."""
        return 0

    def biases(self, shape: Shape) -> int:
        """There are none."""
        return 0


class Affine(Layer):
    """A layer of so many units with weights for all that their windows cover, and a bias."""

    if TYPE_CHECKING:  # fields of every subclass

        @property
        def width(self) -> int | None:
            """Number of units."""

        @property
        def activation(self) -> Activation:
            """What follows the weights."""

        @property
        def bn(self) -> bool:
            """Whether batch normalisation comes in between."""

        @property
        def drop(self) -> float:
            """Share of units that are dropped in training."""

    @property
    def units(self) -> int:
        """Number of units; 0 for an output layer whose task has yet to say."""
        return self.width or 0

    def output(self, shape: Shape) -> Shape:
        """A unit's windows over the input."""
        return swept(self, shape, self.units)

    def weights(self, shape: Shape) -> int:
        """One for each number in a unit's window."""
        return shape.features * self.windows(shape)[1].size * self.units

    def biases(self, shape: Shape) -> int:
        """One a unit, or a scale and a shift."""
        return self.units * (2 if self.bn else 1)


def swept(layer: Layer, shape: Shape, channels: int) -> Shape:
    """What a layer leaves whose windows move over both axes."""
    frequency, time = layer.windows(shape)
    hop = None if shape.hop is None else shape.hop * time.stride
    return Shape(channels, frequency.length(shape.bins), hop)


def written(value: Size | Growth | float) -> str:
    """A size as ``3x5``, a share without an exponent, anything else as itself."""
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return format(Decimal(str(value)), "f") if isinstance(value, float) else str(value)


LETTERS: dict[str, type[Layer]] = {}
"""Every letter that can be written."""

OPTIONS: dict[str, dict[str, Option]] = {}
"""The options of every letter, in the order in which they are printed."""

L = TypeVar("L", bound=Layer)


def register(kind: type[L]) -> type[L]:
    """Enter a letter into :data:`LETTERS`: a decorator of its class.

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

"""The tutorial's letters (Figure 8) as values: what a network's notation means, layer by layer.

Every class with a ``letter`` is one layer. Its fields are the options that may stand between the
letter's parentheses, in the order in which they are printed, and each field says how it is written:
as a bare number, as ``name=number``, or as a word. The parser (`deepmir.networks.grammar`) and
``str()`` both read these descriptions, so they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, TypeAlias, get_type_hints

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

    number: str = ""
    bare: bool = False
    words: tuple[tuple[str, object], ...] = ()


def _words(*choices: str) -> Option:
    """An option that is one word out of several."""
    return Option(words=tuple((choice, choice) for choice in choices))


_GLOBAL = (("global", None),)

Activation: TypeAlias = Literal["logistic", "tanh", "relu", "leaky", "elu", "identity"]
_Activation = Annotated[Activation, _words("logistic", "tanh", "relu", "leaky", "elu", "identity")]
_Width = Annotated[int, Option("count", bare=True)]
_Normalised = Annotated[bool, Option(words=(("bn", True),))]
_Share = Annotated[float, Option("share")]
_Operation = Annotated[Literal["max", "mean"] | None, _words("max", "mean")]


@dataclass(frozen=True)
class Growth:
    """``2^n`` inside a repetition: base to the power of 0, 1, 2 ... as the repetition goes on."""

    base: int

    def __str__(self) -> str:
        return f"{self.base}^n"


@dataclass(frozen=True)
class Layer:
    """What all letters share.

    Attributes:
        column: where the letter stood in the string it came from, counted from 0.
    """

    letter: ClassVar[str] = ""
    column: int = field(default=0, compare=False, repr=False, kw_only=True)

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


def _options(kind: type[Layer]) -> dict[str, Option]:
    """What may stand between a letter's parentheses, in the order in which it is printed."""
    hints = get_type_hints(kind, include_extras=True)
    described = {name: getattr(hint, "__metadata__", [None])[0] for name, hint in hints.items()}
    return {name: how for name, how in described.items() if isinstance(how, Option)}


def written(value: Size | Growth | float) -> str:
    """A size as ``3x5``, a share without an exponent, anything else as itself."""
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return format(Decimal(str(value)), "f") if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class Dense(Layer):
    """``d1``: a dense layer, frame by frame. Without a width it is the output layer."""

    letter = "d1"
    width: Annotated[int | None, Option("count", bare=True)] = None
    activation: _Activation = "relu"
    bn: _Normalised = False
    drop: _Share = 0.0


@dataclass(frozen=True)
class ContextDense(Layer):
    """``d2``: a dense layer over so many frames around each frame (zeros past the ends)."""

    letter = "d2"
    width: _Width
    context: Annotated[int, Option("odd", bare=True)] = 5
    activation: _Activation = "relu"
    bn: _Normalised = False
    drop: _Share = 0.0


@dataclass(frozen=True)
class Convolution1D(Layer):
    """``c1``: a convolution over time whose kernels (F x W) span the whole frequency axis."""

    letter = "c1"
    width: _Width
    kernel: Annotated[int, Option("count", bare=True)] = 3
    stride: Annotated[int, Option("count")] = 1
    dilation: Annotated[int | Growth, Option("growth")] = 1
    activation: _Activation = "relu"
    bn: _Normalised = False
    drop: _Share = 0.0


@dataclass(frozen=True)
class Convolution2D(Layer):
    """``c2``: a two-dimensional convolution, padded; ``valid`` leaves frequency unpadded."""

    letter = "c2"
    width: _Width
    kernel: Annotated[Size, Option("size", bare=True)] = (3, 3)
    stride: Annotated[Size, Option("size")] = (1, 1)
    dilation: Annotated[Size, Option("size")] = (1, 1)
    valid: Annotated[bool, Option(words=(("valid", True),))] = False
    activation: _Activation = "relu"
    bn: _Normalised = False
    drop: _Share = 0.0


@dataclass(frozen=True)
class Recurrent(Layer):
    """What ``r1`` and ``r2`` share; the width counts the units of one direction."""

    width: _Width
    unit: Annotated[Literal["gru", "lstm", "vanilla"], _words("gru", "lstm", "vanilla")] = "gru"
    direction: Annotated[Literal["bi", "forward"], _words("bi", "forward")] = "bi"
    activation: Annotated[Literal["tanh", "relu"], _words("tanh", "relu")] = "tanh"
    drop: _Share = 0.0

    @property
    def directions(self) -> int:
        """1, or 2 when it also runs from the end to the beginning."""
        return 2 if self.direction == "bi" else 1


@dataclass(frozen=True)
class ManyToMany(Recurrent):
    """``r1``: a recurrent layer with one output a frame."""

    letter = "r1"


@dataclass(frozen=True)
class ManyToOne(Recurrent):
    """``r2``: a recurrent layer with one output a track, its state after the last frame."""

    letter = "r2"


@dataclass(frozen=True)
class Pooling1D(Layer):
    """``p1``: pooling along frequency, or along time where no frequency axis is left."""

    letter = "p1"
    window: Annotated[int | None, Option("count", bare=True, words=_GLOBAL)] = 2
    stride: Annotated[int | None, Option("count")] = None
    operation: _Operation = None
    drop: _Share = 0.0


@dataclass(frozen=True)
class Pooling2D(Layer):
    """``p2``: pooling along frequency and time."""

    letter = "p2"
    window: Annotated[Size | None, Option("size", bare=True, words=_GLOBAL)] = (2, 2)
    stride: Annotated[Size | None, Option("size")] = None
    operation: _Operation = None
    drop: _Share = 0.0


@dataclass(frozen=True)
class Folding(Layer):
    """``f1``: octaves added up: bins that are so many apart become one, as in Eq. 5."""

    letter = "f1"
    bins: Annotated[int, Option("count", bare=True)] = 12


@dataclass(frozen=True)
class Transformer(Layer):
    """``t1``: self-attention over all frames, then two dense layers; keeps its input's width."""

    letter = "t1"
    heads: Annotated[int, Option("count")] = 4
    drop: _Share = 0.0


@dataclass(frozen=True)
class TimeMean(Layer):
    """The mean over time that a time-invariant network implies where nothing else aggregated."""

    letter = "(mean over time)"


@dataclass(frozen=True)
class Group:
    """What bracketed parts share."""

    column: int = field(default=0, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True)
class Repeat(Group):
    """``3x[...]``: the same layers, one after another, each time with weights of their own."""

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
    """``[a | b]``: layers side by side on one input, their feature maps stacked (section 4.4)."""

    branches: tuple[Chain, ...]

    def __str__(self) -> str:
        return f"[{' | '.join(map(chain, self.branches))}]"


Element: TypeAlias = Layer | Repeat | Residual | Highway | Parallel
Chain: TypeAlias = tuple[Element, ...]

LETTERS: dict[str, type[Layer]] = {
    kind.letter: kind
    for kind in (
        Dense,
        ContextDense,
        Convolution1D,
        Convolution2D,
        ManyToMany,
        ManyToOne,
        Pooling1D,
        Pooling2D,
        Folding,
        Transformer,
    )
}

OPTIONS = {letter: _options(kind) for letter, kind in LETTERS.items()}
"""The options of every letter, as its class declares them."""


def chain(elements: Chain) -> str:
    """Layers joined the way the tutorial joins them."""
    return " - ".join(map(str, elements))


@dataclass(frozen=True)
class Notation:
    """A whole network. Two notations are equal when they mean the same, however they were typed.

    Attributes:
        elements: layers and groups, from the input to the output.
        source: the string it was read from, in which ``column`` fields count.
    """

    elements: Chain
    source: str = field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        return chain(self.elements)

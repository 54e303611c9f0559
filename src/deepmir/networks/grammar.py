"""The parser of the tutorial's notation: from a string to a `Notation`.

    network := element ("-" element)*
    element := layer | COUNT "x[" network "]" | "res[" network "]" | "highway[" network "]"
             | "[" network ("|" network)+ "]"
    layer   := LETTER ["(" option ("," option)* ")"]
    option  := NUMBER | HxW | WORD | NAME "=" (NUMBER | HxW | BASE "^n" | WORD)

The dashes and the multiplication sign of the printed paper are read as ``-`` and ``x``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from typing import Any

from deepmir.errors import DeepmirError
from deepmir.naming import shortened
from deepmir.networks.letters.base import LETTERS, OPTIONS, Growth, Layer, Option
from deepmir.networks.notation import (
    Chain,
    Element,
    Highway,
    Notation,
    Parallel,
    Repeat,
    Residual,
)

_TOKEN = re.compile(
    r"(?P<times>[0-9]+\s*[x×](?=\s*\[))|(?P<size>[0-9]+[x×][0-9]+)|(?P<growth>[0-9]+\^n)"
    r"|(?P<number>[0-9]*\.?[0-9]+)|(?P<word>[A-Za-z][A-Za-z0-9]*)|(?P<sign>[-–−(),=|\]\[])"
)
_LARGEST = 1_000_000
_DEEPEST = 8
_MOST_REPEATS = 100


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    column: int

    def __str__(self) -> str:
        return f"'{shortened(self.text)}'" if self.text else "the end"


def mistake(source: str, column: int, message: str) -> DeepmirError:
    """An error that points at a character of the notation.

    Args:
        source: the notation as the user wrote it.
        column: the character in question, counted from 0 (the message counts from 1).
        message: what is wrong and how to fix it.

    Returns:
        The error to raise: its message, then the notation with a caret under the character.
    """
    line = re.sub(r"\s", " ", source)
    return DeepmirError(f"network, column {column + 1}: {message}\n  {line}\n  {' ' * column}^")


def parse(notation: str) -> Notation:
    """Read a network written in the tutorial's notation.

    Args:
        notation: for instance ``c2(32,3x3) - p2(2x4) - r1(64) - r2(64) - d1``.

    Returns:
        The network as a value; ``parse(str(network)) == network``.

    Raises:
        DeepmirError: at the first character that cannot be read, with what was expected there.
    """
    return _Parser(notation).network()


def _tokens(source: str) -> list[_Token]:
    """Split a notation into words, numbers and signs; an empty last token marks the end."""
    found, column = [], 0
    while column < len(source):
        if source[column].isspace():
            column += 1
            continue
        match = _TOKEN.match(source, column)
        if match is None:
            raise mistake(source, column, f"'{source[column]}' has no meaning in a network")
        kind, text = str(match.lastgroup), match.group()
        found.append(_Token(kind, "-" if text in "–−" else text.replace("×", "x"), column))
        column = match.end()
    return [*found, _Token("end", "", len(source.rstrip()))]


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = _tokens(source)
        self.position = 0
        self.depth = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.position]

    def take(self) -> _Token:
        token = self.next
        self.position += token.kind != "end"
        return token

    def accept(self, text: str) -> bool:
        found = self.next.text == text
        self.position += found
        return found

    def error(self, token: _Token, message: str) -> DeepmirError:
        return mistake(self.source, token.column, message)

    def network(self) -> Notation:
        elements = self.chain()
        if self.next.kind != "end":
            raise self.error(self.next, f"expected '-' or the end, found {self.next}")
        return Notation(elements, self.source)

    def chain(self) -> Chain:
        elements = [self.element()]
        while self.accept("-"):
            elements.append(self.element())
        return tuple(elements)

    def element(self) -> Element:
        token = self.take()
        if token.text in LETTERS:
            return self.layer(token)
        if token.kind == "times":
            return self.repeat(token)
        if token.text in ("res", "highway"):
            body = self.bracketed(token.text)
            kind = Residual if token.text == "res" else Highway
            return kind(body[0], column=token.column)
        if token.text == "[":
            self.position -= 1
            return Parallel(self.bracketed("", parallel=True), column=token.column)
        groups = "3x[...], res[...], highway[...], [... | ...]"
        message = f"expected a layer ({', '.join(LETTERS)}) or a group ({groups}), found {token}"
        raise self.error(token, message)

    def repeat(self, token: _Token) -> Repeat:
        times = int(token.text.rstrip("x \t\n")[:9])
        if not 1 <= times <= _MOST_REPEATS:
            raise self.error(token, f"expected 1 to {_MOST_REPEATS} repetitions, found {times}")
        return Repeat(times, self.bracketed(token.text)[0], column=token.column)

    def bracketed(self, name: str, *, parallel: bool = False) -> tuple[Chain, ...]:
        opening = self.next
        if not self.accept("["):
            raise self.error(opening, f"expected '[' after '{name}', found {opening}")
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.error(opening, f"expected groups nested at most {_DEEPEST} deep")
        branches = [self.chain()]
        while parallel and self.accept("|"):
            branches.append(self.chain())
        if parallel and len(branches) == 1:
            raise self.error(
                self.next, f"expected '-' or '|' and a second branch, found {self.next}"
            )
        if not self.accept("]"):
            signs = "'-', '|' or ']'" if parallel else "'-' or ']'"
            raise self.error(self.next, f"expected {signs}, found {self.next}")
        self.depth -= 1
        return tuple(branches)

    def layer(self, letter: _Token) -> Layer:
        kind = LETTERS[letter.text]
        given: dict[str, Any] = {}
        if self.accept("("):
            self.option(kind, given)
            while self.accept(","):
                self.option(kind, given)
            if not self.accept(")"):
                raise self.error(self.next, f"expected ',' or ')', found {self.next}")
        for needed in fields(kind):
            if needed.default is MISSING and needed.name not in given:
                is_size = OPTIONS[kind.letter][needed.name].number == "size"
                example = "20x12" if is_size else "64"
                message = f"expected a {needed.name}, such as {kind.letter}({example})"
                raise self.error(letter, message)
        return kind(**given, column=letter.column)

    def option(self, kind: type[Layer], given: dict[str, Any]) -> None:
        """Read one option of a layer into ``given``."""
        start = self.next
        named = start.kind == "word" and self.tokens[self.position + 1].text == "="
        name, value = (
            self.named(kind)
            if named
            else self.worded(kind)
            if start.kind == "word"
            else self.bare(kind, given)
        )
        if name in given:
            raise self.error(start, f"the {name} of {kind.letter} is given twice")
        given[name] = value

    def named(self, kind: type[Layer]) -> tuple[str, object]:
        name = self.take()
        numbers = {name: option for name, option in OPTIONS[kind.letter].items() if option.number}
        if name.text not in numbers:
            names = ", ".join(f"{n}=" for n in numbers)
            message = f"{kind.letter} has no option '{name.text}='; expected {names}"
            raise self.error(name, message)
        self.accept("=")
        return name.text, self.value(name.text, numbers[name.text])

    def worded(self, kind: type[Layer]) -> tuple[str, object]:
        word = self.take()
        for name, option in OPTIONS[kind.letter].items():
            if word.text in dict(option.words):
                return name, dict(option.words)[word.text]
        raise self.error(word, f"expected {_expected(kind, {})}, found {word}")

    def bare(self, kind: type[Layer], given: dict[str, Any]) -> tuple[str, object]:
        for name, option in OPTIONS[kind.letter].items():
            if option.bare and name not in given:
                return name, self.value(name, option)
        raise self.error(self.next, f"expected {_expected(kind, given)}, found {self.next}")

    def value(self, name: str, option: Option) -> object:
        token, words = self.take(), dict(option.words)
        if token.text in words:
            return words[token.text]
        read, expected = _KINDS[option.number]
        value = read(token)
        if value is None:
            raise self.error(token, f"expected {expected} for {name}, found {token}")
        return value


def _expected(kind: type[Layer], given: dict[str, Any]) -> str:
    """The options of a letter that have not been given yet, in words."""
    free = {name: option for name, option in OPTIONS[kind.letter].items() if name not in given}
    names = [f"{name}=" for name, option in free.items() if option.number]
    words = [word for option in free.values() for word, _ in option.words]
    return f"an option of {kind.letter} ({', '.join([*names, *words])})"


def _count(token: _Token) -> int | None:
    if token.kind != "number" or not token.text.isdecimal() or len(token.text) > 9:
        return None
    return int(token.text) if 1 <= int(token.text) <= _LARGEST else None


def _odd(token: _Token) -> int | None:
    count = _count(token)
    return count if count is not None and count % 2 else None


def _size(token: _Token) -> tuple[int, int] | None:
    height, _, width = token.text.partition("x")
    sides = [_count(_Token("number", side, 0)) if side else None for side in (height, width)]
    if token.kind != "size" or sides[0] is None or sides[1] is None:
        return None
    return sides[0], sides[1]


def _share(token: _Token) -> float | None:
    if token.kind != "number":
        return None
    return float(token.text) if float(token.text) < 1 else None


def _growth(token: _Token) -> int | Growth | None:
    if token.kind != "growth":
        return _count(token)
    base = _count(_Token("number", token.text.removesuffix("^n"), 0))
    return Growth(base) if base is not None and 2 <= base <= 16 else None


_KINDS: dict[str, tuple[Callable[[_Token], Any], str]] = {
    "count": (_count, f"a whole number from 1 to {_LARGEST}"),
    "odd": (_odd, "an odd number of frames"),
    "size": (_size, "height x width (frequency x time) such as 3x3"),
    "share": (_share, "a share from 0 to below 1"),
    "growth": (_growth, "a whole number, or a power such as 2^n inside a repetition,"),
}

"""Columns of a file, and its cells as numbers and words."""

import math
import re
from dataclasses import dataclass

DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        name: which a header may give.
        text: whether it has words; the last column of a layout alone has, and takes all the rest.
        optional: whether a row may end before it.
    """

    name: str
    text: bool = False
    optional: bool = False


@dataclass(frozen=True)
class Layout:
    """Columns in their order."""

    columns: tuple[Column, ...]

    @classmethod
    def of(cls, told: str) -> "Layout":
        """A layout as it is written in the docs: `start end label...`, `time [position]`.

        Dots mark a column of words, brackets one that may be missing.
        """
        return cls(
            tuple(
                Column(word.strip("[]."), text="..." in word, optional=word.startswith("["))
                for word in told.split()
            )
        )

    def __str__(self) -> str:
        names = (f"[{c.name}]" if c.optional else c.name for c in self.columns)
        return " ".join(names)

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> int:
        """The fewest cells of a row."""
        return sum(not column.optional for column in self.columns)


@dataclass(frozen=True)
class Row:
    """A row that was read.

    Attributes:
        line: its number in the file.
        layout: its columns.
        numbers: by the names of the columns that have numbers.
        words: by the names of the columns that have words.
    """

    line: int
    layout: Layout
    numbers: dict[str, float]
    words: dict[str, str]


def number(cell: str, separator: str) -> float | None:
    """A finite number, with a decimal comma where commas separate nothing; None for any other."""
    if separator != "," and DECIMAL_COMMA.fullmatch(cell):
        cell = cell.replace(",", ".")
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None

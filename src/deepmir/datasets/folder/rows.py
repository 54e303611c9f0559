"""The rows of a file: what its separator and columns are, and what stands in them."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deepmir.datasets.folder.layout import Column, Layout, Row, number
from deepmir.datasets.folder.problems import Findings
from deepmir.datasets.folder.text import SEPARATORS, Line, split

LOOKED_AT = 50  # lines that tell the layout

# A header has words without digits; a first line with digits is a row, right or wrong.
HEADING = re.compile(r"[\"']?[^\W\d]\D*")


@dataclass(frozen=True)
class Format:
    """How the rows of one file are written.

    Attributes:
        layout: the columns that are read.
        separator: between cells.
        places: where each column of the layout is, by its name.
        fewest: cells that a row may have.
        most: cells that a row may have.
        named: columns of the layout that the header names.
    """

    layout: Layout
    separator: str
    places: dict[str, int]
    fewest: int
    most: int
    named: int

    @classmethod
    def of(cls, layout: Layout, separator: str, heading: Sequence[str]) -> "Format":
        """The columns are where a header says if it names them all, else in their order."""
        named = len(set(layout.names) & set(heading))
        if set(layout.names[: layout.required]) <= set(heading):
            places = {name: heading.index(name) for name in layout.names if name in heading}
            fewest = 1 + max(places[name] for name in layout.names[: layout.required])
            return cls(layout, separator, places, fewest, len(heading), named)
        places = {name: place for place, name in enumerate(layout.names)}
        return cls(layout, separator, places, layout.required, len(layout.columns), named)

    def cells(self, line: Line) -> list[str]:
        """Those of a line; none for quotes that are not closed.

        Words may contain the separator where they come last, numbers never.
        """
        last = max(self.places, key=self.places.__getitem__)
        wordy = any(c.text and c.name == last for c in self.layout.columns)
        return cells_of(line, self.separator, self.most if wordy else 0)

    def counted(self, cells: Sequence[str]) -> bool:
        """Whether a row has as many cells as it may have."""
        return self.fewest <= len(cells) <= self.most

    def fits(self, line: Line) -> bool:
        """Whether a line has as many cells as it may, and numbers where these are due."""
        cells = self.cells(line)
        return self.counted(cells) and not any(
            number(cells[self.places[column.name]], self.separator) is None
            for column in self._present(cells)
            if not column.text
        )

    def row(self, line: Line, findings: Findings) -> Row | None:
        """A line as a row; None for one that is none, of which the findings are told."""
        cells = self.cells(line)
        if not self.counted(cells):
            count = "1 column" if len(cells) == 1 else f"{len(cells)} columns"
            findings.error(line.number, f"{count}, where `{self.layout}` is expected")
            return None
        numbers: dict[str, float] = {}
        words: dict[str, str] = {}
        for column in self._present(cells):
            cell = cells[self.places[column.name]]
            value = number(cell, self.separator)
            if column.text:
                words[column.name] = cell
            elif value is None:
                findings.error(line.number, f"{column.name} is {cell!r}, which is not a number")
                return None
            else:
                numbers[column.name] = value
        return Row(line.number, self.layout, numbers, words)

    def _present(self, cells: Sequence[str]) -> Iterator[Column]:
        return (c for c in self.layout.columns if self.places.get(c.name, len(cells)) < len(cells))


def read_rows(lines: Sequence[Line], layouts: Sequence[Layout], findings: Findings) -> list[Row]:
    """The rows of a file in the layout and with the separator that most of them have.

    Args:
        lines: of the file.
        layouts: that it can have, the usual one first.
        findings: told of the lines that are no such rows, which are left out.
    """
    if not lines:
        return []
    headings = {separator: _heading(lines[0], separator, layouts) for separator in SEPARATORS}
    headed = any(headings.values())
    lines = lines[1:] if headed else lines
    if not lines:
        findings.error(0, "it has a header alone: delete it, or write what it should say")
        return []
    pairs = itertools.product(layouts, headings.items())
    formats = [Format.of(layout, separator, heading) for layout, (separator, heading) in pairs]
    best = max(formats, key=lambda form: _fitting(lines[:LOOKED_AT], form))
    rows = (best.row(line, findings) for line in lines)
    return [row for row in rows if row is not None]


def cells_of(line: Line, separator: str, width: int = 0) -> list[str]:
    """The cells of a line as :func:`split` gives them; none for quotes that are not closed."""
    try:
        return split(line.text, separator, width)
    except ValueError:
        return []


def _heading(line: Line, separator: str, layouts: Sequence[Layout]) -> list[str]:
    """The cells of a header, in lower case; none where the first line is a row."""
    cells = [cell.lower() for cell in cells_of(line, separator)]
    # Where a row may consist of words, a header has to name a column.
    names = {name for layout in layouts for name in layout.names}
    if any(layout.columns[0].text for layout in layouts) and not set(cells) & names:
        return []
    return cells if HEADING.fullmatch(line.text) else []


def _fitting(lines: Sequence[Line], form: Format) -> tuple[int, int, int]:
    """How many lines fit; of ways that fit equally, how much of the header does, and the cells."""
    return sum(map(form.fits, lines)), form.named, min(len(form.cells(lines[0])), form.most)

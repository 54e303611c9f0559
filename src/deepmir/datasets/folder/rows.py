"""Text files as people save them, as rows: any usual encoding, line end, separator and order."""

import codecs
import csv
import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deepmir.datasets.folder.problems import Findings

LINE_END = re.compile(r"\r\n|\r|\n")

# An UTF-16 file is known by its mark alone; one in UTF-8 may have one.
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}

# Blanks are tried last: the words of a label have some between them too.
SEPARATORS = ("\t", ";", ",", " ")


@dataclass(frozen=True)
class Line:
    """A line that says something.

    Attributes:
        number: in the file, counted from 1.
        text: without blanks at its ends.
    """

    number: int
    text: str


def read_lines(findings: Findings) -> list[Line]:
    """The lines of a file but for empty ones and those that begin with `#`.

    UTF-8 with and without a mark, UTF-16 with one, else Latin-1 in Windows's variant (CP1252).

    Args:
        findings: of the file to read; gets what keeps it from being read.
    """
    try:
        text = decode(findings.path.read_bytes())
    except OSError as error:
        findings.error(0, f"cannot be read ({error.strerror})")
        return []
    if "\0" in text:
        findings.error(0, "not a text file: it has bytes that are 0")
        return []
    stripped = (part.strip() for part in LINE_END.split(text))
    lines = [Line(n, part) for n, part in enumerate(stripped, 1) if part and part[0] != "#"]
    if not lines:
        findings.error(0, "it says nothing: delete it, or write what it should say")
    return lines


def decode(data: bytes) -> str:
    """Bytes as text; what is in no encoding becomes the mark for unknown characters."""
    for mark, encoding in MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def split(line: str, separator: str, width: int = 0) -> list[str]:
    """The cells of a line without blanks at their ends; empty ones at its end are no cells.

    Args:
        line: with quotes around a cell that contains the separator.
        separator: one of :data:`SEPARATORS`.
        width: at most so many cells, the last with all of the rest; 0 for as many as there are.

    Raises:
        ValueError: for quotes that are not closed.
    """
    if separator == " ":
        return line.split(None, width - 1 if width else -1)
    try:
        cells = next(csv.reader([line], delimiter=separator, strict=True, skipinitialspace=True))
    except csv.Error as error:
        raise ValueError(str(error)) from None
    cells = [cell.strip() for cell in cells]
    while cells and not cells[-1]:
        cells.pop()
    if width and len(cells) > width:
        cells[width - 1 :] = [separator.join(cells[width - 1 :])]
    return cells


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
    def of(cls, columns: str) -> "Layout":
        """A layout as it is written in the docs: `start end label...`, `time [position]`.

        Dots mark a column of words, brackets one that may be missing.
        """
        return cls(
            tuple(
                Column(word.strip("[]."), text="..." in word, optional=word.startswith("["))
                for word in columns.split()
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


LOOKED_AT = 50  # lines that the layout is guessed from

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
        """A line as a row; None, and an error, for one that is none."""
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
        findings: gets the lines that are no such rows, which are left out.
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

"""The rows of a table, with layout and separator inferred from its header or its values."""

import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from deepmir.datasets.folder.layouts import Column, Layout, is_name, scale, unread
from deepmir.datasets.folder.lines import SEPARATORS, Line, cells_of
from deepmir.datasets.folder.problems import Findings

DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")

# Columns that are in seconds.
TIMES = ("time", "start", "end", "duration")


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

    @property
    def start(self) -> float:
        """Start time in seconds; 0 if it is about the whole recording."""
        return self.numbers.get("start", self.numbers.get("time", 0.0))

    @property
    def end(self) -> float | None:
        """End time in seconds; None if it is not given."""
        if "duration" in self.numbers:
            return self.start + self.numbers["duration"]
        return self.numbers.get("end")


# How little each row makes sense, from 0 to 1, by the rows and the separator of their cells.
Doubts = Callable[[Sequence[Row], str], list[float]]


def number(cell: str) -> float | None:
    """A finite number, with a point or a decimal comma; None for any other."""
    if DECIMAL_COMMA.fullmatch(cell):
        cell = cell.replace(",", ".")
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None


LOOKED_AT = 50  # lines that tell which layouts are possible
COMPARED = 5000  # lines that tell which of these makes sense


@dataclass(frozen=True)
class Format:
    """How the rows of one file are written.

    Attributes:
        layout: the columns that are read.
        separator: between cells.
        places: where each column of the layout is, by its name.
        fewest: cells that a row may have.
        most: cells that a row may have.
        headed: whether a header says where the columns are.
        scales: seconds in the unit of a column, by its name, where it is another.
    """

    layout: Layout
    separator: str
    places: dict[str, int]
    fewest: int
    most: int
    headed: bool
    scales: dict[str, float] = field(default_factory=dict)

    @classmethod
    def in_order(cls, layout: Layout, separator: str) -> "Format":
        """The columns are in the order of the layout."""
        places = layout.in_order
        return cls(layout, separator, places, len(layout.required), len(places), False)

    @classmethod
    def by_header(cls, layout: Layout, separator: str, heading: Sequence[str]) -> "Format | None":
        """The format given by a header; None if it does not name all required columns.

        Raises:
            ValueError: when its times have no unit that can be read.
        """
        places = layout.named(heading)
        if not set(layout.required) <= places.keys():
            return None
        scales = {name: scale(heading[places[name]]) for name in TIMES if name in places}
        fewest = 1 + max(places[name] for name in layout.required)
        return cls(layout, separator, places, fewest, len(heading), True, scales)

    def cells(self, line: Line) -> list[str]:
        """Those of a line; none for quotes that are not closed.

        Words may contain the separator where they come last, numbers never.
        """
        last = max(self.places, key=self.places.__getitem__)
        wordy = any(c.text and c.name == last for c in self.layout.columns)
        return cells_of(line, self.separator, self.most if wordy else 0)

    def row(self, line: Line) -> Row:
        """A line as a row.

        Raises:
            ValueError: when it is none.
        """
        cells = self.cells(line)
        if not cells:
            raise ValueError("its quotes are not closed")
        if not self.fewest <= len(cells) <= self.most:
            count = "1 column" if len(cells) == 1 else f"{len(cells)} columns"
            raise ValueError(f"{count}, but `{self.layout}` is expected")
        numbers: dict[str, float] = {}
        words: dict[str, str] = {}
        for column in self._present(cells):
            cell = cells[self.places[column.name]]
            value = number(cell)
            if column.text:
                words[column.name] = cell
            elif value is not None:
                numbers[column.name] = value * self.scales.get(column.name, 1.0)
            elif cell or not column.optional:
                raise ValueError(f"{column.name} is {cell!r}, which is not a number")
        return Row(line.number, self.layout, numbers, words)

    def rows(self, lines: Iterable[Line], findings: Findings | None = None) -> list[Row]:
        """The lines that are rows; for the others there is an error."""
        found = []
        for line in lines:
            try:
                found.append(self.row(line))
            except ValueError as error:
                if findings is not None:
                    findings.error(line.number, str(error))
        return found

    def _present(self, cells: Sequence[str]) -> Iterator[Column]:
        return (c for c in self.layout.columns if self.places.get(c.name, len(cells)) < len(cells))


def read_rows(
    lines: Sequence[Line],
    layouts: Sequence[Layout],
    findings: Findings,
    doubts: Doubts,
    headed: Sequence[Layout] = (),
) -> list[Row]:
    """The rows of a file, in the layout that its header names, else in the one that makes sense.

    Args:
        lines: of the file.
        layouts: that it can have, the usual one first.
        findings: gets the lines that are no such rows, which are left out; and what keeps the
            columns from being known, for which there are no rows.
        doubts: how little rows make sense.
        headed: layouts that it can have where a header names them.
    """
    try:
        formats, lines = _possible(lines, layouts, headed, findings)
    except ValueError as error:
        findings.error(lines[0].number, str(error))
        return []
    if not lines or not formats:
        return []
    chosen = _chosen(lines, formats, findings, doubts)
    if chosen is None:
        return []
    rows = chosen.rows(lines, findings)
    if not chosen.headed and len(chosen.places) > 1:
        looked_at = rows[:COMPARED]
        wrong = sum(doubt >= 1 for doubt in doubts(looked_at, chosen.separator))
        if len(looked_at) > 1 and wrong > len(looked_at) / 2:
            findings.error(
                0,
                f"read as `{chosen.layout}`, {wrong} of {len(looked_at)} rows make no "
                "sense: name the columns in a header line",
            )
            return []
    return rows


def _possible(
    lines: Sequence[Line], layouts: Sequence[Layout], headed: Sequence[Layout], findings: Findings
) -> tuple[list[Format], list[Line]]:
    """The formats that a header allows, and the lines below it."""
    rows = [line for line in lines if not line.comment]
    header, below = (rows[0], rows[1:]) if rows else (None, [])
    every = [*layouts, *headed]
    named = _headings(header, every) if header is not None else {}
    if not named and lines[0].comment:
        # NumPy writes a header as a comment.
        before = list(itertools.takewhile(lambda line: line.comment, lines))[-1]
        named, below = _headings(Line(before.number, before.text.lstrip("# ")), every, True), rows
    formats = [
        form
        for separator, heading in named.items()
        for layout in every
        if (form := Format.by_header(layout, separator, heading)) is not None
    ]
    if formats:
        most = max(len(form.places) for form in formats)
        formats = [form for form in formats if len(form.places) == most]
        for name in unread(named[formats[0].separator], formats[0].places):
            findings.warning(rows[0].number, f"its column {name!r} is not read")
        if _begins_with_words(formats[0]):
            # A tag may begin with `#`.
            below = [line for line in lines if line.number > rows[0].number]
        if not below:
            findings.warning(0, "it has only a header: there are no annotations")
        return formats, below
    if named and not below:
        findings.error(0, "it has only a header: delete it, or add its annotations")
    pairs = itertools.product(layouts, SEPARATORS)
    return [Format.in_order(*pair) for pair in pairs], below if named else rows


def _begins_with_words(form: Format) -> bool:
    return any(c.text and form.places.get(c.name) == 0 for c in form.layout.columns)


KINDS = ("genre", "genres", "tag", "tags", "tonart")  # what the header of words may say

# A header has words without digits, unless it names a column: `f0 (Hz)`.
HEADING = re.compile(r"[\"']?[^\W\d]\D*", re.DOTALL)


def _headings(line: Line, layouts: Sequence[Layout], all_: bool = False) -> dict[str, list[str]]:
    """The cells of a header by their separator; empty where the line is a row.

    Args:
        line: that may be one.
        layouts: of the file.
        all_: whether each of its cells has to be the name of a column.
    """
    found = {}
    wordy = any(layout.columns[0].text for layout in layouts)
    exact = {*KINDS, *(column.name for layout in layouts for column in layout.columns)}
    for separator in SEPARATORS:
        cells = [cell.lower() for cell in cells_of(line, separator)]
        if not cells or any(number(cell) is not None for cell in cells):
            continue
        names = [cell for cell in cells if is_name(cell)]
        # Where a row may consist of words, a header has to name a column by its own name.
        if wordy and not set(cells) & exact:
            continue
        if len(names) == len(cells) or (not all_ and (names or HEADING.fullmatch(line.text))):
            found[separator] = cells
    return found


def _chosen(
    lines: Sequence[Line], formats: Sequence[Format], findings: Findings, doubts: Doubts
) -> Format | None:
    """The format in which the lines make the most sense; None, and an error, where two do."""
    fitting = [len(form.rows(lines[:LOOKED_AT])) for form in formats]
    enough = max(fitting) / 2
    left = [form for form, fits in zip(formats, fitting, strict=True) if fits >= enough]
    if len(left) == 1:
        return left[0]
    scores = [_score(lines[:COMPARED], form, doubts) for form in left]
    best = min(range(len(left)), key=scores.__getitem__)
    for form, score in zip(left, scores, strict=True):
        if score[0] == scores[best][0] and _by_comma(left[best], form, lines[0]):
            one, other = (_shown(f, lines[0]) for f in (left[best], form))
            findings.error(
                lines[0].number,
                f"{lines[0].text!r} may be {one} or {other}: write decimal points, or "
                "name the columns in a header line",
            )
            return None
    return left[best]


def _score(lines: Sequence[Line], form: Format, doubts: Doubts) -> tuple[float, int]:
    """How many rows make no sense, and, of formats that make as much, how few cells are read."""
    rows = form.rows(lines)
    wrong = len(lines) - len(rows) + sum(doubts(rows, form.separator))
    return round(wrong, 6), -min(len(form.cells(lines[0])), form.most)


def _by_comma(one: Format, other: Format, line: Line) -> bool:
    """Whether a comma separates columns in one of two formats, and is decimal in the other."""
    if (one.separator == ",") == (other.separator == ","):
        return False
    first, second = one.rows([line]), other.rows([line])
    return bool(first and second) and first[0].numbers != second[0].numbers


def _shown(form: Format, line: Line) -> str:
    row = form.row(line)
    parts = [f"{name} {value:g}" for name, value in row.numbers.items()]
    return ", ".join([*parts, *(f"{name} {value!r}" for name, value in row.words.items())])

"""Files of other programs as tables: tiers of Praat, layers of Sonic Visualiser.

Praat: the manual's page "TextGrid file formats", of which the long and the short form differ only
in what is between the numbers and texts. Sonic Visualiser: the XML of a layer that it exports.
"""

import html
import json
import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepmir.datasets.folder.lines import LINE_END, Line, lines_of

TEXTGRID = re.compile(r'\s*(?:File type\s*=\s*)?"ooTextFile(?: short)?"')
# What Praat reads: texts in quotes, numbers that stand free, and what follows `!` is a comment.
TOKEN = re.compile(
    r'"((?:[^"]|"")*)"|(?<!\S)([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?!\S)|![^\r\n]*|<(\w+)>'
)
LAYER = re.compile(r"<sv[\s>]")
MODEL = re.compile(r"<model\s([^>]*)>")
POINT = re.compile(r"<point\s([^>]*)>")
ATTRIBUTE = re.compile(r'([\w-]+)\s*=\s*"([^"]*)"')


ANALYSIS = ".json"
# What such a file of `deepmir analyze` begins with: many other programs leave JSON beside a song.
BEGINNING = b'{"schema_version": 1, "file": '


@dataclass(frozen=True)
class Tier:
    """A tier of a TextGrid: its name, and its rows as a table with a header."""

    name: str
    lines: tuple[Line, ...]


def is_analysis(path: Path) -> bool:
    """Whether a file was written by `deepmir analyze --format json`."""
    try:
        with path.open("rb") as file:
            return file.read(len(BEGINNING)) == BEGINNING
    except OSError:
        return False


def analysis(text: str) -> dict[str, list[Line]]:
    """The tables of such a file by their names, each with a header; one of no rows has no lines.

    Raises:
        ValueError: when it is not one.
    """
    try:
        raw = json.loads(text)
        tables = {**raw, **raw.get("others", {})}
        found = {name: _rows_of(tables[name]) for name in tables if name not in NO_TABLES}
        return {name: _table(rows) for name, rows in found.items() if rows is not None}
    except (AttributeError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise ValueError(f"not an analysis of deepmir ({error})") from None


NO_TABLES = ("schema_version", "file", "duration_seconds", "others", "models")


def _rows_of(table: Any) -> list[dict[str, Any]] | None:
    """The rows of a table; None for that of a task that was not run."""
    if table is None or isinstance(table, list):
        return table
    if "frequencies_hz" not in table:
        return [table]
    start, step = table["start_seconds"], table["step_seconds"]
    return [
        {"time": start + place * step, "hertz": hertz or 0.0}
        for place, hertz in enumerate(table["frequencies_hz"])
    ]


def _table(rows: Sequence[dict[str, Any]]) -> list[Line]:
    if not rows:
        return []
    names = list(rows[0])
    cells = [["" if row[name] is None else str(row[name]) for name in names] for row in rows]
    return [_row(0, names), *(_row(place, row) for place, row in enumerate(cells, 1))]


def is_textgrid(text: str) -> bool:
    """Whether a text is a TextGrid of Praat."""
    return TEXTGRID.match(text) is not None


def lines(text: str, kind: str) -> list[Line]:
    """The lines of any text: of a layer its points, of a TextGrid the tier of a kind.

    Raises:
        ValueError: when it is a layer or a TextGrid that cannot be read.
    """
    if is_textgrid(text):
        every = tiers(text)
        named = [tier for tier in every if is_kind(tier.name, kind)]
        if len(every) > 1 and len(named) != 1:
            names = ", ".join(repr(tier.name) for tier in every)
            raise ValueError(f"it has the tiers {names}: name one of them {kind!r}")
        return list((named or every)[0].lines)
    if LAYER.search(text[:1000]):
        return list(_layer(text))
    return lines_of(text)


def is_kind(name: str, kind: str) -> bool:
    """Whether a tier is named after a kind, in the singular or plural."""
    return name.strip().lower().removesuffix("s") == kind.removesuffix("s")


def tiers(text: str) -> list[Tier]:
    """The tiers of a TextGrid.

    Raises:
        ValueError: when it is not one, or is truncated.
    """
    tokens = _Tokens(text)
    tokens.text(), tokens.text(), tokens.number(), tokens.number()
    tokens.flag()
    found = [_tier(tokens) for _ in range(int(tokens.number()))]
    if not found:
        raise ValueError("the TextGrid has no tiers")
    return found


def _tier(tokens: "_Tokens") -> Tier:
    intervals = tokens.text() == "IntervalTier"
    name, _, _ = tokens.text(), tokens.number(), tokens.number()
    rows = [Line(tokens.line, "start\tend\tlabel" if intervals else "time\tlabel")]
    for _ in range(int(tokens.number())):
        times = [tokens.number() for _ in range(2 if intervals else 1)]
        line, label = tokens.line, tokens.text()
        # An interval that says nothing is what lies between two others.
        if label.strip() or not intervals:
            rows.append(_row(line, [*map(repr, times), label]))
    return Tier(name, tuple(rows))


class _Tokens:
    """The texts, numbers and flags of a TextGrid, one after another."""

    def __init__(self, text: str) -> None:
        self._found = (m for m in TOKEN.finditer(text) if not m[0].startswith("!"))
        self._ends = [m.end() for m in LINE_END.finditer(text)]
        self.line = 1

    def text(self) -> str:
        return self._next(1, "a text").replace('""', '"')

    def number(self) -> float:
        return float(self._next(2, "a number"))

    def flag(self) -> str:
        return self._next(3, "<exists>")

    def _next(self, group: int, what: str) -> str:
        found = next(self._found, None)
        if found is not None:
            self.line = 1 + bisect(self._ends, found.start())
        if found is None or found[group] is None:
            raise ValueError(f"line {self.line} of the TextGrid: {what} is missing")
        return str(found[group])


def _row(line: int, cells: Sequence[str]) -> Line:
    quoted = ('"' + " ".join(cell.split()).replace('"', '""') + '"' for cell in cells)
    return Line(line, "\t".join(quoted))


def _layer(text: str) -> Iterator[Line]:
    """The points of a layer, with the names of their attributes as header."""
    models = [dict(ATTRIBUTE.findall(found[1])) for found in MODEL.finditer(text)]
    sparse = [model for model in models if model.get("type") == "sparse"]
    if len(sparse) != 1 or not sparse[0].get("sampleRate", "").isdigit():
        raise ValueError("not a layer of Sonic Visualiser with points: export it as CSV")
    rate = max(int(sparse[0]["sampleRate"]), 1)
    value = "hertz" if sparse[0].get("units", "").lower() == "hz" else "value"
    ends = [found.end() for found in LINE_END.finditer(text)]
    points = [(found.start(), dict(ATTRIBUTE.findall(found[1]))) for found in POINT.finditer(text)]
    names = [n for n in ("value", "duration", "label") if any(n in point for _, point in points)]
    yield Line(1, "\t".join(["time", *(value if name == "value" else name for name in names)]))
    for place, point in points:
        frames = {name: _frames(point, name, rate) for name in ("frame", "duration")}
        cells = (frames.get(name, html.unescape(point.get(name, ""))) for name in names)
        yield _row(1 + bisect(ends, place), [frames["frame"], *cells])


def _frames(point: dict[str, str], name: str, rate: int) -> str:
    count = point.get(name, "0")
    return repr(int(count) / rate) if count.lstrip("-").isdigit() and len(count) < 19 else count

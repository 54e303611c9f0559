"""Text files as lines of cells, with any common encoding, line ending and separator."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deepmir.datasets.folder.problems import Findings
from deepmir.files.text import LARGEST, decode, open_quotes

LINE_END = re.compile(r"\r\n|\r|\n")

# Blanks are tried last: the words of a label have some between them too.
SEPARATORS = ("\t", ";", ",", " ")

JOINED = 50  # lines that a cell in quotes may have

# Excel takes this first line for the separator, and may leave it there.
SEPARATOR = re.compile(r"sep=.", re.IGNORECASE)

# Audacity writes the frequencies of a label on a second line.
SPECTRAL = re.compile(r"\\\t[-\d.,]+\t[-\d.,]+")


@dataclass(frozen=True)
class Line:
    """A line with content; a quoted cell may extend it over several lines of the file.

    Attributes:
        number: in the file, counted from 1.
        text: without blanks at its ends.
    """

    number: int
    text: str

    @property
    def comment(self) -> bool:
        """Whether it begins with `#`."""
        return self.text.startswith("#")


def read(findings: Findings) -> str:
    """The text of a file; empty, with an error, if it cannot be read.

    Args:
        findings: of the file; receives the reason why it cannot be read.
    """
    try:
        if findings.path.stat().st_size > LARGEST:
            findings.error(0, f"larger than {LARGEST >> 20} MiB: split it")
            return ""
        text = decode(findings.path.read_bytes())
    except OSError as error:
        findings.error(0, f"cannot be read ({error.strerror})")
        return ""
    except ValueError as error:
        findings.error(0, str(error))
        return ""
    if all(line.comment for line in lines_of(text)):
        findings.error(0, "it has no content: delete it, or add its annotations")
        return ""
    return text


def lines_of(text: str, names: bool = False) -> list[Line]:
    """The lines of a text but for empty ones, those that begin with `#` among them.

    Args:
        text: of a file.
        names: whether rows begin with names: then a line that begins with `#` may be one.
    """
    parts = [part.strip() for part in LINE_END.split(text)]
    if SEPARATOR.fullmatch(parts[0]):
        parts[0] = ""
    lines = _joined(parts, names)
    return [line for line in lines if line.text and not SPECTRAL.fullmatch(line.text)]


def _joined(parts: Sequence[str], names: bool) -> Iterator[Line]:
    """The lines, with those that a cell in quotes goes on in added to its first."""
    place = 0
    while place < len(parts):
        quotes = '"' in parts[place] and (names or not parts[place].startswith("#"))
        count = _lasting(parts, place) if quotes else 1
        yield Line(place + 1, "\n".join(parts[place : place + count]))
        place += count


def _lasting(parts: Sequence[str], place: int) -> int:
    """How many lines a line is together with those that end its quotes; 1 where none does."""
    count = 1
    while open_quotes("\n".join(parts[place : place + count])):
        after = range(place + count, min(place + JOINED, len(parts)))
        closing = next((n for n in after if parts[n].count('"') % 2), None)
        if closing is None:
            return 1
        count = closing - place + 1
    return count


def split(line: str, separator: str, width: int = 0) -> list[str]:
    """The cells of a line without blanks at their ends; empty ones at its end are no cells.

    Args:
        line: with quotes around a cell that contains the separator or the end of a line.
        separator: one of :data:`SEPARATORS`.
        width: at most so many cells, the last with all of the rest; 0 for as many as there are.

    Raises:
        ValueError: for quotes that are not closed.
    """
    if separator == " ":
        return line.split(None, width - 1 if width else -1)
    try:
        cells = next(csv.reader([line], delimiter=separator, strict=True, skipinitialspace=True))
    except (csv.Error, StopIteration) as error:
        raise ValueError(str(error)) from None
    cells = [" ".join(cell.split()) for cell in cells]
    while cells and not cells[-1]:
        cells.pop()
    if width and len(cells) > width:
        cells[width - 1 :] = [separator.join(cells[width - 1 :])]
    return cells


def cells_of(line: Line, separator: str, width: int = 0) -> list[str]:
    """The cells of a line as :func:`split` gives them; none for quotes that are not closed."""
    try:
        return split(line.text, separator, width)
    except ValueError:
        return []

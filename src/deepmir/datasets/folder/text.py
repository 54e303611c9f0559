"""Text files as people save them: any usual encoding, line end and separator, with line numbers."""

import codecs
import csv
import re
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
        findings: of the file to read; told what keeps it from being read.
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

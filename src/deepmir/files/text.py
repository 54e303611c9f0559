"""Text files saved by people: any common encoding, read in one way or refused in one line."""

import codecs
import csv
import io
import re
from pathlib import Path

from deepmir.errors import DeepmirError
from deepmir.naming import composed

LARGEST = 2**26  # bytes of annotations: an hour of melody in frames of 10 ms has half

# Encodings by byte order mark; that of little-endian UTF-32 begins with UTF-16's.
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

# A quoted cell, and the beginning of one, for any separator: quotes within a cell are literal.
_QUOTED = re.compile(r'(^|[\t;,]) *"(?:[^"]|"")*"')
_OPENED = re.compile(r'(?:^|[\t;,]) *"')


def read_text(path: Path) -> str:
    """The text of a file, as :func:`decode` reads it.

    Raises:
        DeepmirError: when it cannot be read or is not text, naming it.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise DeepmirError(f"{path} is larger than {LARGEST >> 20} MiB: split it")
        return decode(path.read_bytes())
    except FileNotFoundError:
        raise DeepmirError(f"{path} is missing") from None
    except OSError as error:
        raise DeepmirError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise DeepmirError(f"{path}: {error}") from None


def read_csv(path: Path) -> list[tuple[int, list[str]]]:
    """The non-empty rows of a CSV file, each with the number of its last line.

    Cells are separated by commas, semicolons or tabs, whichever is most frequent in its first line.

    Raises:
        DeepmirError: when it cannot be read, naming it.
    """
    text = read_text(path)
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        return [(rows.line_num, row) for row in rows if row]
    except csv.Error as error:
        raise DeepmirError(f"{path}, line {rows.line_num}: not CSV ({error})") from None


def decode(data: bytes) -> str:
    """Bytes as text with composed characters (NFC).

    UTF-8 with or without a mark, UTF-16 and UTF-32 with one, else Latin-1 in its Windows variant
    (CP1252).

    Raises:
        ValueError: when it is none of these.
    """
    encoding = next((name for mark, name in MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252" if encoding == "utf-8" else encoding)
        except UnicodeDecodeError:
            raise ValueError(
                "neither UTF-8, UTF-16 nor Latin-1 (CP1252): save it as UTF-8"
            ) from None
    if "\0" in text:
        raise ValueError("not a text file, it contains zero bytes: save it as UTF-8")
    return composed(text)


def open_quotes(text: str) -> bool:
    """Whether quotes that begin a cell of a table, with any separator, are left open."""
    return _OPENED.search(_QUOTED.sub(r"\1", text)) is not None

"""One table per task, as RFC 4180 describes CSV: commas, a header, quotes where needed, CRLF."""

import csv
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from deepmir.analysis.formats.tables import OTHERS, TABLES
from deepmir.analysis.results import Analysis
from deepmir.files.writing import replacing

if TYPE_CHECKING:
    from deepmir.analysis.formats import PathOf

FILES = {f".{table.name}.csv": table for table in (*TABLES, *OTHERS.values())}

SUFFIXES = tuple(FILES)


def write(analysis: Analysis, path_of: "PathOf") -> list[Path]:
    """Write a file for every task that was run; if nothing was found, it has only a header.

    UTF-8; unknown values, such as a confidence, are empty fields.
    """
    written = []
    with ExitStack() as together:  # all of them, or none
        for suffix, table in FILES.items():
            rows = table.of(analysis)
            if rows is None:
                continue
            written.append(path_of(suffix))
            temporary = together.enter_context(replacing(written[-1]))
            # The module ends lines with CRLF itself.
            with temporary.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, table.columns)
                writer.writeheader()
                writer.writerows(rows)
    return written

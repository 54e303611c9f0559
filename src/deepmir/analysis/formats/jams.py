"""One JAMS file: everything that was found, with its model in the sandbox of each annotation.

E. J. Humphrey et al., "JAMS: A JSON Annotated Music Specification for reproducible MIR research",
ISMIR 2014.
"""

import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from deepmir.analysis.results import Analysis
from deepmir.files import annotations
from deepmir.files.writing import replacing

if TYPE_CHECKING:
    from deepmir.analysis.formats import PathOf

SUFFIXES = (".jams",)

UNSEALED = "0" * 64
TAIL = 1 << 16  # bytes at the end that have the sandbox, the last key of the file
SEAL = re.compile(rb'"sha256": "([0-9a-f]{64})"')


def write(analysis: Analysis, path_of: "PathOf") -> list[Path]:
    """Write the annotations as they are, and their hash, which detects changes by a person."""
    path = path_of(".jams")
    about = {**analysis.jams.sandbox.get("deepmir", {}), "sha256": UNSEALED}
    with replacing(path) as temporary:
        annotations.write(temporary, replace(analysis.jams, sandbox={"deepmir": about}))
        with temporary.open("r+b") as file:
            seal = hashlib.file_digest(file, "sha256").hexdigest()
            start = max(file.tell() - TAIL, 0)
            file.seek(start)
            *_, last = SEAL.finditer(file.read())
            file.seek(start + last.start(1))
            file.write(seal.encode())
    return [path]


def is_unchanged(path: Path) -> bool:
    """Whether :func:`write` wrote a file, and nobody has changed it since."""
    try:
        found = path.read_bytes()
    except OSError:
        return False
    seals = [*SEAL.finditer(found)]
    if not seals:
        return False
    unsealed = hashlib.sha256(memoryview(found)[: seals[-1].start(1)])
    unsealed.update(UNSEALED.encode())
    unsealed.update(memoryview(found)[seals[-1].end(1) :])
    return unsealed.hexdigest() == seals[-1][1].decode()

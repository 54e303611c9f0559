"""One JAMS file: everything that was found, with its model in the sandbox of each annotation.

E. J. Humphrey et al., "JAMS: A JSON Annotated Music Specification for reproducible MIR research",
ISMIR 2014.
"""

import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from deepmir.analysis.results import Analysis
from deepmir.files import annotations
from deepmir.files.writing import replacing

if TYPE_CHECKING:
    from deepmir.analysis.formats import PathOf

SUFFIXES = (".jams",)

UNSEALED = "0" * 64
SEAL = re.compile(rb'"sha256": "([0-9a-f]{64})"')


def write(analysis: Analysis, path_of: "PathOf") -> list[Path]:
    """Write the annotations as they are, and their hash, which tells when a person changes them."""
    path = path_of(".jams")
    about = {**analysis.jams.sandbox.get("deepmir", {}), "sha256": UNSEALED}
    with replacing(path) as temporary:
        annotations.write(temporary, replace(analysis.jams, sandbox={"deepmir": about}))
        unsealed = temporary.read_bytes()
        temporary.write_bytes(_sealed(unsealed, sha256(unsealed).hexdigest()))
    return [path]


def is_unchanged(path: Path) -> bool:
    """Whether a file is one that :func:`write` wrote, and nobody has changed it since."""
    try:
        found = path.read_bytes()
    except OSError:
        return False
    seals = SEAL.findall(found)
    if not seals:
        return False
    seal: bytes = seals[-1]
    return sha256(_sealed(found, UNSEALED)).hexdigest() == seal.decode()


def _sealed(file: bytes, seal: str) -> bytes:
    """The bytes of a file with another hash, which stands at its end, in the sandbox."""
    *_, last = SEAL.finditer(file)
    return file[: last.start(1)] + seal.encode() + file[last.end(1) :]

"""One JAMS file: everything that was found, with its model in the sandbox of each annotation.

E. J. Humphrey et al., "JAMS: A JSON Annotated Music Specification for reproducible MIR research",
ISMIR 2014.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from deepmir.analysis.results import Analysis
from deepmir.files import annotations
from deepmir.files.writing import replacing

if TYPE_CHECKING:
    from deepmir.analysis.formats import PathOf

SUFFIXES = (".jams",)


def write(analysis: Analysis, path_of: "PathOf") -> list[Path]:
    """Write the annotations as they are."""
    path = path_of(".jams")
    with replacing(path) as temporary:
        annotations.write(temporary, analysis.jams)
    return [path]

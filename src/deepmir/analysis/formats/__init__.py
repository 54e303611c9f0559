"""An analysis as files: one module per format, with `SUFFIXES` and `write(analysis, path_of)`."""

import importlib
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from os import fsencode
from pathlib import Path
from types import ModuleType

from deepmir.analysis.formats.validity import valid
from deepmir.analysis.results import Analysis
from deepmir.naming import known

# What each format is for; the module has the same name.
FORMATS = {
    "jams": "one JAMS file: everything, with the models it comes from",
    "json": "one JSON file: plain values, for programs",
    "csv": "one table per task, for spreadsheets and data frames",
    "lab": "the text files of the field, for mir_eval, Sonic Visualiser and training",
    "midi": "one MIDI file: notes, chords and a tempo map, for a sequencer",
}

# Bytes of a file name that file systems allow, less what a suffix and a temporary name add.
LONGEST = 255 - 48

PathOf = Callable[[str], Path]


def write(analysis: Analysis, folder: Path, name: str, format: str) -> list[Path]:
    """Write an analysis; files with the same names are replaced, others are left alone.

    Args:
        analysis: is made :func:`~deepmir.analysis.formats.validity.valid` first.
        folder: created if missing.
        name: of the files, without suffix; shortened if too long.
        format: one of :data:`FORMATS`.

    Returns:
        The files that were written: none if the format cannot hold the tasks that were run.

    Raises:
        DeepmirError: when there is no such format, or the disk is full.
    """
    module = _module(format)
    path_of = _Naming(folder, name)
    written: list[Path] = module.write(replace(analysis, jams=valid(analysis.jams)), path_of)
    return written


def paths(folder: Path, name: str, format: str) -> list[Path]:
    """All files that :func:`write` may write.

    Raises:
        DeepmirError: when there is no such format.
    """
    path_of = _Naming(folder, name)
    return [path_of(suffix) for suffix in _module(format).SUFFIXES]


def _module(format: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{known(format, FORMATS, 'format')}")


class _Naming:
    """The path of a file by its suffix; a name too long for a file system is cut and hashed."""

    def __init__(self, folder: Path, name: str) -> None:
        raw = fsencode(name)
        if len(raw) > LONGEST:
            digest = sha256(raw).hexdigest()[:8]
            # Cut bytes may end within a letter: whole letters alone are kept.
            name = f"{raw[: LONGEST - 9].decode(errors='ignore')}-{digest}"
        self.folder, self.name = folder, name

    def __call__(self, suffix: str) -> Path:
        return self.folder / f"{self.name}{suffix}"

"""The content of a folder, independent of links and Unicode normalisation."""

import os
from collections.abc import Iterator
from pathlib import Path

from deepmir.errors import DeepmirError
from deepmir.naming import composed

SONIFIED = ".sonified.flac"  # suffix of recordings mixed with a sonified analysis


def files_below(folder: Path) -> list[Path]:
    """All files of a folder and its subfolders, sorted, without hidden and sonified ones.

    Linked folders are followed, unless the link leads to a parent folder. A name that begins with
    a dot is hidden: macOS leaves `._song.wav` beside `song.wav`.

    Raises:
        DeepmirError: when a folder cannot be read.
    """
    return sorted(_below(folder, frozenset()), key=lambda path: path.parts)


def _below(folder: Path, above: frozenset[Path]) -> Iterator[Path]:
    here = folder.resolve()
    if here in above:
        return
    try:
        with os.scandir(folder) as found:
            entries = [
                entry
                for entry in found
                if not entry.name.startswith(".") and not entry.name.endswith(SONIFIED)
            ]
    except OSError as error:
        raise DeepmirError(f"{folder}: the folder cannot be read ({error.strerror})") from None
    for entry in entries:
        path = folder / entry.name
        # The folder knows the type of an entry: asking the file takes longer than everything else.
        kind = path if entry.is_symlink() else entry
        if kind.is_dir():
            yield from _below(path, above | {here})
        elif kind.is_file():
            yield path


def spelled(path: Path) -> Path:
    """A path as spelled in the file system: macOS stores `ë` as two characters, people type one.

    Unchanged if it exists, or if nothing that looks the same does.
    """
    if path.exists() or path == path.parent:
        return path
    parent = spelled(path.parent)
    if not parent.is_dir():
        return path
    name = composed(path.name)
    return next((p for p in sorted(parent.iterdir()) if composed(p.name) == name), path)

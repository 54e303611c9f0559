"""The files that `deepmir analyze` writes for a recording: which, and whether it may."""

import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from deepmir.errors import DeepmirError
from deepmir.files.folders import SONIFIED
from deepmir.files.writing import is_full

if TYPE_CHECKING:
    from deepmir.analysis.results import Analysis

ROOM = 1 << 18  # bytes: the JAMS of a song of four minutes


def write(
    analysis: "Analysis", path: Path, folder: Path, name: str, format: str, sonify: bool
) -> list[Path]:
    """Write an analysis, and return the files.

    Args:
        analysis: of a recording.
        path: of the recording.
        folder: of the files.
        name: of the files, without suffix.
        format: one of `deepmir.analysis.formats.FORMATS`, or `html`.
        sonify: whether to write the recording with the results mixed in as sounds, too.

    Raises:
        DeepmirError: when the disk is full.
    """
    if format == "html":
        from deepmir.analysis import page

        written = [folder / f"{name}.html"]
        page.write(analysis, path, written[0])
    else:
        from deepmir.analysis import formats

        written = formats.write(analysis, folder, name, format)
    if sonify:
        from deepmir.analysis import sonify as sounds

        written.append(folder / f"{name}{SONIFIED}")
        sounds.write(analysis, path, written[-1])
    return written


def exist(folder: Path, name: str, format: str, sonify: bool, tasks: Collection[str]) -> bool:
    """Whether a recording already has results; those in JAMS name their tasks."""
    from deepmir.files import annotations

    found = [path for path in _paths(folder, name, format) if path.exists()]
    if not found or (sonify and not (folder / f"{name}{SONIFIED}").exists()):
        return False
    if format != "jams":
        return True
    about = annotations.read(found[0], ()).sandbox.get("deepmir", {})
    return set(tasks) <= set(about.get("tasks", tasks))


def make_room(folder: Path) -> None:
    """Make the folder of the results, and check for free space before the work starts.

    Raises:
        OSError: when there is no space.
        DeepmirError: when the folder is not writable.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(ROOM))
    except OSError as error:
        if is_full(error):
            raise
        raise DeepmirError(
            f"{folder} cannot be written ({error.strerror}): choose another --output, and run again"
        ) from None


def refuse_to_overwrite(folder: Path, name: str, format: str) -> None:
    """Refuse to overwrite files that a person or another program may have made.

    Raises:
        DeepmirError: when a file exists that is not an unchanged JAMS file of an analysis.
    """
    from deepmir.analysis.formats import jams

    for path in _paths(folder, name, format):
        if path.exists() and not (format == "jams" and jams.is_unchanged(path)):
            raise DeepmirError(
                f"{path} exists and may be someone's work: choose another --output, or "
                "use --skip-existing to keep it or --overwrite"
            )


def _paths(folder: Path, name: str, format: str) -> list[Path]:
    """The files that a format may write."""
    if format == "html":
        return [folder / f"{name}.html"]
    from deepmir.analysis import formats

    return formats.paths(folder, name, format)

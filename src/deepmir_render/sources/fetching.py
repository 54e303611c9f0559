"""Fetching the sources of the rendered set, and seeing whether they are there.

Their archives are made by their hosts and have no lasting checksums. So what counts is the content:
a digest over the files that are needed, which a copy from elsewhere has as well.
"""

import hashlib
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from deepmir import paths
from deepmir.datasets.index import hash_file
from deepmir.errors import DeepmirError, MissingDataError
from deepmir_render.sources.downloading import download
from deepmir_render.sources.sources import SOURCES, Source

ARCHIVES = ".archives"  # in the home, until what they hold is in place
LARGEST = 1 << 24  # bytes of one file, far above any that is needed


def check(home: Path, names: Sequence[str]) -> None:
    """See that every file of some sources is there; what is in them, :func:`fetch` sees.

    Args:
        home: the folder that holds the folders of the sources.
        names: of :data:`SOURCES`.

    Raises:
        DeepmirError: when a source is missing or incomplete.
    """
    for name in names:
        if missing := _missing(home / name, SOURCES[name]):
            first, more = missing[0], len(missing) - 1
            raise MissingDataError(
                f"{home / name / first} is missing{f', and {more} files more' if more else ''}: "
                f"get them with `{paths.deepmir('fetch')}` and the name of the data set, or copy "
                f"{SOURCES[name].title} there"
            )


def fetch(home: Path, names: Sequence[str]) -> str:
    """Download the sources that are not there as published, and put them in place.

    Each file appears in place complete or not at all. What was downloaded is kept until all of its
    source is in place, so that an interrupted run goes on from there.

    Args:
        home: the folder that holds the folders of the sources.
        names: of :data:`SOURCES`.

    Returns:
        A line for each source, with its licence.

    Raises:
        DeepmirError: when a source cannot be downloaded, or is not what was published.
    """
    try:
        return "\n".join(_fetch(home, name, SOURCES[name]) for name in names)
    except OSError as error:
        raise DeepmirError(f"{home}: the data cannot be put there ({error})") from None


def digest(folder: Path, names: Iterable[str]) -> str:
    """SHA-256 over the lines `name sha256` of some files, in order of their names."""
    lines = (f"{name} {hash_file(folder / name)}\n" for name in sorted(names))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _fetch(home: Path, name: str, source: Source) -> str:
    told = f"{name}: {source.title}, {source.licence}"
    folder = home / name
    if _published(folder, source):
        return f"{told}: was there"
    archive = home / ARCHIVES / f"{name}.zip"
    download(source.url, archive)
    with tempfile.TemporaryDirectory(dir=home, prefix=f".{name}-") as temporary:
        staged = Path(temporary)
        try:
            unpack(archive, staged, source.members)
        except DeepmirError:
            archive.unlink()
            raise
        if not _published(staged, source):
            archive.unlink()
            missing = _missing(staged, source)
            lacks = f"; it lacks {missing[0]}" if missing else ""
            raise DeepmirError(f"{source.url} does not hold {source.title} as it was{lacks}")
        _place(staged, folder)
    archive.unlink()
    if not any(archive.parent.iterdir()):
        archive.parent.rmdir()
    return f"{told}: fetched from {source.url}"


def _missing(folder: Path, source: Source) -> list[str]:
    return [name for name in source.names(folder) if not (folder / name).is_file()]


def _published(folder: Path, source: Source) -> bool:
    if _missing(folder, source):
        return False
    return digest(folder, source.names(folder)) == source.digest


def unpack(archive: Path, folder: Path, members: str) -> None:
    """Unpack the members of a zip archive that are wanted.

    Args:
        archive: the zip file.
        folder: where to, below which every file is.
        members: regular expression; its group that matches says where in the folder a file goes.

    Raises:
        DeepmirError: when the archive is broken, or a file of it would be outside of the folder.
    """
    try:
        with zipfile.ZipFile(archive) as file:
            for member, place in _wanted(file, members):
                target = folder / place
                target.parent.mkdir(parents=True, exist_ok=True)
                with file.open(member) as source, target.open("wb") as copy:
                    shutil.copyfileobj(source, copy)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise DeepmirError(
            f"{archive} is broken ({error}): run again to download it anew"
        ) from None


def _wanted(file: zipfile.ZipFile, members: str) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    for member in file.infolist():
        match = re.fullmatch(members, member.filename)
        if match is None or member.is_dir():
            continue
        place = PurePosixPath(next(group for group in match.groups() if group is not None))
        if place.is_absolute() or ".." in place.parts or member.file_size > LARGEST:
            raise DeepmirError(
                f"{file.filename} holds {member.filename!r}, which is no file of the data set"
            )
        yield member, place


def _place(staged: Path, folder: Path) -> None:
    """Move files to where they belong, beside what is there already."""
    for path in sorted(staged.rglob("*")):
        if path.is_file():
            target = folder / path.relative_to(staged)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)  # noqa: PTH105 - atomic, and says so

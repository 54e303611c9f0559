"""Published sets of songs and drumming: where they are, and fetching them.

Their archives are made by their hosts and have no lasting checksums. So what counts is the content:
a digest over the files that are needed, which a copy from elsewhere has as well.
"""

import csv
import hashlib
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from deepmir import paths
from deepmir.errors import DeepmirError, MissingDataError
from deepmir.files.writing import hash_file
from deepmir_render.sources.downloading import download

ARCHIVES = ".archives"  # in the home, until what they hold is in place
LARGEST = 1 << 24  # bytes of one file, far above any that is needed


SONGS = 909


@dataclass(frozen=True)
class Published:
    """A published data set, of which the files that are needed are named and known.

    Attributes:
        title: with its authors' reference.
        url: of a zip archive of one version of it.
        licence: of the files.
        members: regular expression of the archive's members that are taken, whose first group is
            the place of the file in the data set's folder.
        names: the files that are needed, relative to the folder that it is given; as far as they
            can be known from what is there.
        digest: SHA-256 over the lines `name sha256` of these files, see :func:`digest`.
    """

    title: str
    url: str
    licence: str
    members: str
    names: Callable[[Path], list[str]]
    digest: str


def _numbered(*patterns: str) -> Callable[[Path], list[str]]:
    """Files that every song of POP909 has, by patterns of its number."""
    names = [pattern.format(f"{n:03}") for n in range(1, SONGS + 1) for pattern in patterns]
    return lambda folder: names


def _corrected(folder: Path) -> list[str]:
    """The songs of POP909-CL; the authors put a space into the name of one."""
    return [f"POP909_processed/{n:03}{' ' if n == 43 else ''}.mid" for n in range(1, SONGS + 1)]


def _takes(folder: Path) -> list[str]:
    """The table of the Groove set, and the files that it names."""
    table = folder / "info.csv"
    if not table.is_file():
        return ["info.csv"]
    with table.open(newline="", encoding="utf-8", errors="replace") as file:
        return ["info.csv", *(row.get("midi_filename") or "" for row in csv.DictReader(file))]


SOURCES = {
    "pop909": Published(
        title="POP909, Z. Wang et al., ISMIR 2020",
        url="https://github.com/music-x-lab/POP909-Dataset/archive/"
        "efa0bce09b0b8dc241957412270aba6740bd0bf5.zip",
        licence="MIT",
        members=r"[^/]+/(?:POP909/(\d{3}/\d{3}\.mid)|(LICENSE))",
        names=_numbered("{0}/{0}.mid"),
        digest="00f60be2b1823b42afeeed8a8f6c22ca3a83877a20ee944b1f413faf272fbd91",
    ),
    "pop909_cl": Published(
        title="POP909-CL, M. Yao et al., arXiv 2510.06528",
        url="https://github.com/AndyWeasley2004/POP909-CL-Dataset/archive/"
        "a532810f42769a391de71ae483d623f3c2c5e874.zip",
        licence="MIT",
        members=r"[^/]+/(POP909_processed/\d{3} ?\.mid|README\.md)",
        names=_corrected,
        digest="f8c5e81729a0918d54b27b1d3bcb365e564ac86bf38d52e6a631a130f62cc8f4",
    ),
    "pop909_structure": Published(
        title="Hierarchical structure of POP909, S. Dai et al., 2020",
        url="https://github.com/Dsqvival/hierarchical-structure-analysis/archive/"
        "32aeb738e3e3d0bbf94f9694061d7cd5e1494f81.zip",
        licence="MIT",
        members=r"[^/]+/(?:POP909/(\d{3}/(?:human_label[12]|finalized_chord)\.txt)|(LICENSE))",
        names=_numbered("{0}/human_label1.txt", "{0}/finalized_chord.txt"),
        digest="378b0d5d127e29421c9e4c3b9b5668d98f5573b7b067553e6e4e324aa5d70667",
    ),
    "groove_midi": Published(
        title="Groove MIDI Dataset 1.0.0, J. Gillick et al., ICML 2019",
        url="https://storage.googleapis.com/magentadata/datasets/groove/groove-v1.0.0-midionly.zip",
        licence="CC BY 4.0",
        members=r"groove/(info\.csv|LICENSE|README|drummer.+\.mid)",
        names=_takes,
        digest="bf97f50e4cb2891dc8baed68201c7b7cbc15be3f3314049ec235adedd4f7630b",
    ),
}


def check(home: Path, names: Sequence[str]) -> None:
    """Check that every file of some sources is there; :func:`fetch` checks what is in them.

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
    """Download the sources that are missing or differ from what was published.

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


def _fetch(home: Path, name: str, source: Published) -> str:
    line = f"{name}: {source.title}, {source.licence}"
    folder = home / name
    if _published(folder, source):
        return f"{line}: was there"
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
            raise DeepmirError(f"{source.url} no longer has {source.title} as published{lacks}")
        _place(staged, folder)
    archive.unlink()
    if not any(archive.parent.iterdir()):
        archive.parent.rmdir()
    return f"{line}: fetched from {source.url}"


def _missing(folder: Path, source: Published) -> list[str]:
    return [name for name in source.names(folder) if not (folder / name).is_file()]


def _published(folder: Path, source: Published) -> bool:
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
                f"{file.filename} holds {member.filename!r}, which is not a file of the data set"
            )
        yield member, place


def _place(staged: Path, folder: Path) -> None:
    """Move files to where they belong, beside what is there already."""
    for path in sorted(staged.rglob("*")):
        if path.is_file():
            target = folder / path.relative_to(staged)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)  # noqa: PTH105 - atomic, and says so

"""One's own recordings: a folder of audio files with annotations beside them, or in tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deepmir.datasets.folder import reading
from deepmir.datasets.folder.files import Folder as Scanned
from deepmir.datasets.folder.files import Recording, scan
from deepmir.datasets.index import Member, Track, each_track, shard_of
from deepmir.declarations.schema import Folder
from deepmir.errors import DeepmirError, MissingDataError
from deepmir.files import annotations
from deepmir.files.annotations import Jams
from deepmir.files.store import Failure


def recordings(declaration: Folder) -> tuple[Recording, ...]:
    """The recordings of a folder and of those below it, sorted.

    Raises:
        DeepmirError: when the folder is missing, holds no audio, names two tracks alike, or has a
            table with a row that cannot be read.
    """
    return _scanned(declaration).recordings


def listing(declaration: Folder) -> list[tuple[str, int, int]]:
    """Name, size and time of every file that is read: what changes when the folder does.

    Raises:
        DeepmirError: as :func:`recordings` does.
    """
    stats = [(path, path.stat()) for path in _scanned(declaration).paths]
    return [(str(path), stat.st_size, stat.st_mtime_ns) for path, stat in stats]


def _scanned(declaration: Folder) -> Scanned:
    if not declaration.path.is_dir():
        raise MissingDataError(
            f"the data set's folder {declaration.path} is missing: correct `path` in params.yaml"
        )
    found = scan(declaration.path)
    # A row that is not read may be the one that says which group a recording is in.
    reading.refuse(found.problems)
    return found


def collect(root: Path, declaration: Folder, shard: int, workers: int) -> Iterator[Track | Failure]:
    """Index the recordings of one shard where they are; nothing is copied.

    What is annotated elsewhere than in a JAMS file is written to `root`/annotations as one.
    """
    mine = [r for r in recordings(declaration) if shard_of(r.id, declaration.shards) == shard]
    return each_track(_Describe(root / "annotations"), mine, lambda r: r.id, workers)


def members(declaration: Folder) -> list[Member]:
    """Every recording that has annotations.

    Raises:
        DeepmirError: as :func:`recordings` does, and for a row or JAMS file that cannot be read:
            the group and the part of a recording are in it.
    """
    found = [r for r in recordings(declaration) if r.annotated]
    reading.refuse(problem for r in found for problem in r.description.problems)
    return [member(recording, _own(recording)) for recording in found]


def member(recording: Recording, own: Jams) -> Member:
    """What a split has to know of a recording.

    The group is that of the metadata, else of the JAMS file, else the artist, else the file.

    Args:
        recording: with what tables say.
        own: its JAMS file; empty where it has none.
    """
    values = recording.description.values
    artist = values.get("artist") or own.artist
    group = values.get("group") or own.sandbox.get("group") or artist or recording.id
    stratum = own.sandbox.get("stratum") or values.get("genre") or ""
    return Member(str(group), str(stratum), str(values.get("part", "")))


@dataclass(frozen=True)
class _Describe:
    """Indexes one recording; `folder` is where JAMS files are written."""

    folder: Path

    def __call__(self, recording: Recording) -> Track:
        path = recording.audio
        if path.stat().st_size == 0:
            raise DeepmirError(f"{path}: the file is empty (0 bytes)")
        if not recording.annotated:
            name = path.with_suffix(".jams").name
            raise DeepmirError(
                f"{path} has no annotations: {name} is missing beside it, and so is any other kind "
                "(docs/how-to/own-folder.md)"
            )
        reading.refuse(recording.description.problems)
        own = _own(recording)
        jams_path = self._jams(recording)
        about = member(recording, own)
        values = recording.description.values
        return Track.of(
            id=recording.id,
            group=about.group,
            stratum=about.stratum,
            audio=path,
            annotations=jams_path,
            licence=str(values.get("licence") or own.sandbox.get("licence") or "unknown"),
        )

    def _jams(self, recording: Recording) -> Path:
        """The JAMS file beside a recording, or one that is written of all that is annotated."""
        if recording.jams and not recording.beside and not recording.description.annotates:
            return recording.jams
        read = reading.read(recording, reading.seconds(recording.audio))
        reading.refuse(read.problems)
        if recording.jams and not read.added:
            return recording.jams
        path = self.folder / f"{recording.id}.jams"
        annotations.write(path, read.jams)
        return path


def _own(recording: Recording) -> Jams:
    """What the JAMS file beside a recording says; nothing where there is none."""
    return annotations.read(recording.jams) if recording.jams else Jams(0.0, ())

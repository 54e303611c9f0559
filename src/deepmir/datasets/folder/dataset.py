"""Your own recordings: a folder of audio files with annotations beside them, or in tables."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from deepmir.datasets.base import Dataset, check_folder
from deepmir.datasets.folder import reading
from deepmir.datasets.folder.files import Recording, Scan, scan
from deepmir.datasets.index import Member, Track, jams_file
from deepmir.errors import DeepmirError, MissingDataError
from deepmir.fields import Place
from deepmir.files import annotations, decoding
from deepmir.files.annotations import Jams
from deepmir.files.folders import spelled


class Folder(Dataset):
    """Your own recordings, annotated in files or tables: see docs/how-to/own-folder.md."""

    source: Literal["folder"]
    path: Place = Field(description="the folder, absolute or relative to params.yaml")

    def check(self) -> None:
        """Refuse a path that is not a folder."""
        check_folder("path", self.path)

    def recordings(self) -> tuple[Recording, ...]:
        """The recordings of the folder and of those below it, sorted.

        Raises:
            MissingDataError: when there is no folder.
            DeepmirError: when it contains no audio, gives two tracks the same name, or has a table
                with an unreadable row.
        """
        return self._scan().recordings

    def track(self, recording: Recording, root: Path) -> Track:
        """Index a recording where it is; nothing is copied.

        Annotations that are not in a JAMS file are written to one below `root`.
        """
        path = recording.audio
        if path.stat().st_size == 0:
            raise DeepmirError(f"{path}: the file is empty (0 bytes)")
        if not recording.annotated:
            name = path.with_suffix(".jams").name
            raise DeepmirError(
                f"{path} has no annotations: {name} is missing beside it, as is every "
                "other kind (docs/how-to/own-folder.md)"
            )
        reading.refuse(recording.description.problems)
        own = _own(recording)
        jams = _jams(recording, own, root)
        stated = recording.description.values.get("licence") or own.sandbox.get("licence")
        licence = str(stated or "unknown")
        return Track.of(recording.id, member(recording, own), path, jams, licence)

    def members(self) -> list[Member]:
        """Every recording that has annotations.

        Raises:
            DeepmirError: as :meth:`recordings` does, and for a row or JAMS file that cannot be
                read: the group and the part of a recording are in it.
        """
        found = [r for r in self.recordings() if r.annotated]
        reading.refuse(problem for r in found for problem in r.description.problems)
        return [member(recording, _own(recording)) for recording in found]

    def files(self) -> tuple[Path, ...]:
        """Recordings, annotation files and tables.

        Raises:
            DeepmirError: as :meth:`recordings` does.
        """
        return self._scan().paths

    def _scan(self) -> Scan:
        folder = spelled(self.path)
        if not folder.is_dir():
            raise MissingDataError(
                f"the data set's folder {self.path} is missing: correct `path` in params.yaml"
            )
        found = scan(folder)
        # A row that is not read may be the one that says which group a recording is in.
        reading.refuse(found.problems)
        return found


def member(recording: Recording, own: Jams) -> Member:
    """The facts about a recording that a split needs.

    The group is that of the metadata, else of the JAMS file, else the artist, else the file.

    Args:
        recording: with what tables say.
        own: its JAMS file; empty if it has none.
    """
    values = recording.description.values
    artist = values.get("artist") or own.artist
    group = values.get("group") or own.sandbox.get("group") or artist or recording.id
    stratum = own.sandbox.get("stratum") or values.get("genre") or ""
    return Member(str(group), str(stratum), str(values.get("part", "")))


def _jams(recording: Recording, own: Jams, root: Path) -> Path:
    """The JAMS file beside a recording, or one that is written of all that is annotated."""
    # A file that does not say how long the recording is has to be completed.
    complete = recording.jams if own.duration else None
    if complete and not recording.beside and not recording.description.annotates:
        return complete
    read = reading.read(recording, decoding.seconds(recording.audio))
    reading.refuse(read.problems)
    if complete and not read.added:
        return complete
    path = jams_file(root, recording.id)
    annotations.write(path, read.jams)
    return path


def _own(recording: Recording) -> Jams:
    """What the JAMS file beside a recording says; nothing where there is none."""
    return annotations.read(recording.jams) if recording.jams else Jams(0.0, ())

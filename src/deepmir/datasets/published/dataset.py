"""Published data sets, read in place through mirdata."""

import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from deepmir.datasets.base import Dataset, check_folder
from deepmir.datasets.index import Member, Track, jams_file
from deepmir.datasets.published import fetching, recordings, table
from deepmir.datasets.published.home import (
    Home,
    Strictness,
    explained,
    initialize,
    present,
    versions,
)
from deepmir.datasets.published.reading import read
from deepmir.errors import DeepmirError, MissingDataError
from deepmir.fields import Limit, Place, Text
from deepmir.files import annotations
from deepmir.files.writing import hash_file

COPIES = "recordings other than the published ones are used; only their length is compared"

# Names of the parts in the sets.
PARTS = {
    "train": "train",
    "training": "train",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}


@dataclass(frozen=True)
class Recording:
    """A track of a published set.

    Attributes:
        name: given by its authors.
        index: hash of the set's index, which shows whether a process has already read this one.
    """

    name: str
    index: str

    @property
    def id(self) -> str:
        """The name in a form allowed for files."""
        return track_id(self.name)


def track_id(name: str) -> str:
    """The name of a track in a form allowed for files: `/` written as `--`."""
    return name.replace("/", "--")


class Mirdata(Dataset):
    """A published set, through a loader of mirdata: see docs/how-to/published-sets.md."""

    source: Literal["mirdata"]
    name: Text = Field(description="name of mirdata's loader, such as giantsteps_key")
    home: Place = Field(description="folder of the data set, absolute or relative to params.yaml")
    version: Text = Field("default", description="one of the loader's versions")
    audio: Strictness | None = Field(
        None,
        description="whether recordings must be the published ones (`exact`) or of the "
        "same length (`similar`); default: exact if the set comes with "
        "recordings",
    )
    limit: Limit | None = Field(None, description="only this many tracks, for a quick try")

    def check(self) -> None:
        """Refuse a home that is not a folder, and an unknown loader or version."""
        check_folder("home", self.home)
        key = "name"
        try:
            table.get(self.name)
            versions(self.name)
            key = "version"
            initialize(self.name, self.home, self.version)
        except DeepmirError as error:
            raise DeepmirError(f"{key}: {error}") from None

    def recordings(self) -> list[Recording]:
        """The tracks that are published with a recording.

        Raises:
            DeepmirError: when the set has not been fetched.
        """
        there = self.fetched()
        index = hash_file(there.index_path)
        return [Recording(name, index) for name in there.names[: self.limit]]

    def track(self, recording: Recording, root: Path) -> Track:
        """Index a recording in place, with its annotations as JAMS."""
        there = _opened(self, recording.index)
        published = recordings.check(there, recording.name)
        for file in there.annotations(recording.name):
            file.check()
        audio = recordings.one(there, recording.name, root, recording.id)
        jams = jams_file(root, recording.id)
        found = read(there, recording.name, audio)
        annotations.write(jams, found)
        if not published:
            self._warn([f"{audio}: {r}" for r in recordings.remarks(there, recording.name, found)])
        about = _member(there, recording.name)
        return Track.of(recording.id, about, audio, jams, there.loader.licence)

    def _warn(self, remarks: list[str]) -> None:
        if self.name not in _warned:
            _warned.add(self.name)
            remarks = [COPIES, *remarks]
        lines = [f"deepmir: {self.name}: {remark}\n" for remark in remarks]
        # In one write, so that the lines of several processes do not mix.
        print("".join(lines), end="", file=sys.stderr, flush=True)

    def members(self) -> list[Member]:
        """Every track of the set, with the authors' part if there is one.

        Tracks whose group is in a missing file are left out until it is fetched.

        Raises:
            DeepmirError: when the set has not been fetched.
        """
        there = self.fetched()
        return [member for name in there.names if (member := _known(there, name)) is not None]

    def files(self) -> list[Path]:
        """The index, the metadata, and every file read for the tracks.

        Raises:
            DeepmirError: when the set has not been fetched.
        """
        there = self.fetched()
        each = [
            file.path
            for name in there.names[: self.limit]
            for file in (*there.recordings(name), *there.annotations(name))
        ]
        return sorted({there.index_path, *there.metadata, *each})

    def fetch(self) -> str:
        """Download the set, and report the result."""
        return fetching.fetch(self.name, self.home, self.version, self.audio)

    def fetched(self) -> Home:
        """The set on this machine.

        Raises:
            DeepmirError: when it has not been fetched, or is damaged.
        """
        return present(self.name, self.home, self.version, self.audio)


_warned: set[str] = set()  # once in each process


@lru_cache(maxsize=1)
def _opened(dataset: Mirdata, index: str) -> Home:
    """A set's index and metadata, read once per process; `index` is the hash of the index."""
    return dataset.fetched()


def _member(home: Home, name: str) -> Member:
    with explained(name, home.where(name, ())):
        track = home.track(name)
        group, stratum = home.loader.group(track), home.loader.stratum(track)
    return Member(
        group=track_id(name) if group in (None, "") else str(group).strip(),
        stratum=str(stratum or ""),
        part=PARTS.get(home.parts.get(name, ""), ""),
    )


def _known(home: Home, name: str) -> Member | None:
    try:
        return _member(home, name)
    except MissingDataError:
        return None

"""Data sets that others have published, read through mirdata where they lie."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from deepmir.datasets.base import Dataset, check_folder
from deepmir.datasets.index import Member, Track, jams_file
from deepmir.datasets.published import fetching, table
from deepmir.datasets.published.home import Home, initialize, present, quiet
from deepmir.errors import DeepmirError
from deepmir.fields import Limit, Place, Text
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams

# What the sets call the parts.
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
        name: that its authors give it.
        stamp: time of the set's index, by which a process knows that it has read this one.
    """

    name: str
    stamp: int

    @property
    def id(self) -> str:
        """The name as a file can have it."""
        return track_id(self.name)


def track_id(name: str) -> str:
    """The name of a track as a file can have it: `/` written as `--`."""
    return name.replace("/", "--")


class Mirdata(Dataset):
    """A published set, by a loader of mirdata: see docs/how-to/published-sets.md."""

    source: Literal["mirdata"]
    name: Text = Field(description="of mirdata's loader, such as giantsteps_key")
    home: Place = Field(description="where the set lies, absolute or relative to params.yaml")
    version: Text = Field("default", description="one of the loader's versions")
    limit: Limit | None = Field(None, description="only this many tracks, to try something out")

    def check(self) -> None:
        """Refuse a home that is no folder, and a loader or version that there is not."""
        check_folder("home", self.home)
        key = "name"
        try:
            table.get(self.name)
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
        stamp = there.index_path.stat().st_mtime_ns
        return [Recording(name, stamp) for name in there.names[: self.limit]]

    def track(self, recording: Recording, root: Path) -> Track:
        """Index a recording where it is, with its annotations as JAMS."""
        there = _opened(self, recording.stamp)
        audio, *others = there.files(recording.name)
        for file in (audio, *others):
            file.check()
        jams = jams_file(root, recording.id)
        annotations.write(jams, read(there, recording.name, audio.path))
        about = _member(there, recording.name)
        return Track.of(recording.id, about, audio.path, jams, there.loader.licence)

    def members(self) -> list[Member]:
        """Every track of the set, with the authors' part where there is one.

        Tracks whose group stands in a file that is missing are left out, until they are fetched.

        Raises:
            DeepmirError: when the set has not been fetched.
        """
        there = self.fetched()
        return [member for name in there.names if (member := _known(there, name)) is not None]

    def files(self) -> list[Path]:
        """The index, the metadata, and every file of the tracks that is read.

        Raises:
            DeepmirError: when the set has not been fetched.
        """
        there = self.fetched()
        each = [file.path for name in there.names[: self.limit] for file in there.files(name)]
        return sorted({there.index_path, *(file.path for file in there.shared), *each})

    def fetch(self) -> str:
        """Download the set, and say what came of it."""
        return fetching.fetch(self.name, self.home, self.version)

    def fetched(self) -> Home:
        """The set as it lies here.

        Raises:
            DeepmirError: when it was not, or something of it is damaged.
        """
        return present(self.name, self.home, self.version)


@lru_cache(maxsize=1)
def _opened(dataset: Mirdata, stamp: int) -> Home:
    """A set's index and metadata, read once in each process; `stamp` is the time of the index."""
    return dataset.fetched()


def read(home: Home, name: str, recording: Path) -> Jams:
    """The annotations of a track.

    Raises:
        DeepmirError: when the recording is not audio, or an annotation is not as mirdata expects.
    """
    duration = _duration(recording)
    track = home.track(name)
    found: list[Annotation] = []
    for get, converter in home.loader.reads:
        try:
            with quiet():
                data = get(track)
            found += [] if data is None else converter(data, duration)
        except ValueError as error:
            # mirdata refuses a file without annotations in these words; it says nothing, and is
            # read as saying nothing.
            if "should not be empty" in str(error):
                continue
            raise DeepmirError(f"{name}: an annotation is not readable: {error}") from None
    return Jams(
        duration=duration,
        annotations=tuple(found),
        title=str(getattr(track, "title", None) or ""),
        artist=str(getattr(track, "artist", None) or ""),
        sandbox={"source": f"mirdata {home.name} {home.dataset.version}"},
    )


def _duration(recording: Path) -> float:
    import soundfile

    try:
        return float(soundfile.info(str(recording)).duration)
    except soundfile.LibsndfileError as error:
        raise DeepmirError(f"{recording} is not audio that libsndfile reads: {error}") from None


def _member(home: Home, name: str) -> Member:
    track = home.track(name)
    with quiet():
        group, stratum = home.loader.group(track), home.loader.stratum(track)
    return Member(
        group=str(group or track_id(name)).strip(),
        stratum=str(stratum or ""),
        part=PARTS.get(home.parts.get(name, ""), ""),
    )


def _known(home: Home, name: str) -> Member | None:
    try:
        return _member(home, name)
    except FileNotFoundError:
        return None

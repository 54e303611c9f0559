"""Shards of data sets that others have published, read through mirdata where they lie."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from deepmir.datasets.index import Member, Track, each_track, shard_of
from deepmir.datasets.published.fetching import fetch
from deepmir.datasets.published.home import Home, present, quiet
from deepmir.declarations.schema import Mirdata
from deepmir.errors import DeepmirError
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams
from deepmir.files.store import Failure

__all__ = ["collect", "fetch", "listing", "members"]

# What the sets call the parts.
PARTS = {
    "train": "train",
    "training": "train",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}


def track_id(name: str) -> str:
    """The name of a track as a file can have it: `/` written as `--`."""
    return name.replace("/", "--")


def collect(
    root: Path, declaration: Mirdata, shard: int, workers: int
) -> Iterator[Track | Failure]:
    """Index the recordings of one shard where they are, and write `root`/annotations.

    Raises:
        DeepmirError: when the set has not been fetched.
    """
    home = present(declaration)
    names = [
        name
        for name in home.names[: declaration.limit]
        if shard_of(track_id(name), declaration.shards) == shard
    ]
    describe = _Describe(root, declaration, home.index_path.stat().st_mtime_ns)
    return each_track(describe, names, track_id, workers)


@lru_cache(maxsize=1)
def _opened(declaration: Mirdata, stamp: int) -> Home:
    """A set's index and metadata, read once in each process; `stamp` is the time of the index."""
    return present(declaration)


@dataclass(frozen=True)
class _Describe:
    root: Path
    declaration: Mirdata
    stamp: int

    def __call__(self, name: str) -> Track:
        home = _opened(self.declaration, self.stamp)
        recording, *others = home.files(name)
        for file in (recording, *others):
            file.check()
        jams = read(home, name, recording.path)
        path = self.root / "annotations" / f"{track_id(name)}.jams"
        annotations.write(path, jams)
        member = _member(home, name)
        return Track.of(
            id=track_id(name),
            group=member.group,
            stratum=member.stratum,
            audio=recording.path,
            annotations=path,
            licence=home.loader.licence,
        )


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
        sandbox={"source": f"mirdata {home.declaration.name} {home.dataset.version}"},
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


def members(declaration: Mirdata) -> list[Member]:
    """Every track of the set, with the authors' part where there is one.

    Tracks whose group stands in a file that is missing are left out, until they are fetched.

    Raises:
        DeepmirError: when the set has not been fetched.
    """
    home = present(declaration)
    return [member for name in home.names if (member := _known(home, name)) is not None]


def _known(home: Home, name: str) -> Member | None:
    try:
        return _member(home, name)
    except FileNotFoundError:
        return None


def listing(declaration: Mirdata) -> list[tuple[str, int, int]]:
    """Name, size and time of the index and of every file that is read.

    Raises:
        DeepmirError: when the set has not been fetched.
    """
    home = present(declaration)
    files = [file.path for name in home.names[: declaration.limit] for file in home.files(name)]
    paths: list[Any] = [home.index_path, *(file.path for file in home.shared), *files]
    return [
        (str(path), stat.st_size, stat.st_mtime_ns)
        for path in sorted(set(paths))
        if path.exists() and (stat := path.stat())
    ]

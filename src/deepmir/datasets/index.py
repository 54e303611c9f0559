"""Tracks and the index of a data set.

A data set is divided into shards by a hash of the track's identifier, so adding or removing a track
moves no other. Each shard has an index: a JSON file that names its tracks with the hash of
their audio, and the tracks that are left out with the reason. Everything downstream starts from it.
"""

import json
import shutil
import sys
import traceback
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from deepmir import paths
from deepmir.errors import DamagedError, DeepmirError
from deepmir.files.store import Failure
from deepmir.files.writing import NO_ROOM, hash_file, is_full, write_json
from deepmir.naming import composed

FULL = 2**24  # bytes: a disk with fewer left counts as full

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Track:
    """One recording of a data set.

    Attributes:
        id: unique in the data set, and never changing.
        group: which must not be in two parts (a work, an artist, a song).
        stratum: of which every part should have its share.
        audio: path of the recording.
        annotations: path of its JAMS file.
        sha256: hash of the recording's bytes.
        annotations_sha256: hash of the annotations' bytes.
        licence: of the recording.
    """

    id: str
    group: str
    stratum: str
    audio: str
    annotations: str
    sha256: str
    annotations_sha256: str
    licence: str

    @classmethod
    def of(cls, id: str, member: "Member", audio: Path, annotations: Path, licence: str) -> "Track":
        """A track whose files exist: their bytes are hashed."""
        hashes = hash_file(audio), hash_file(annotations)
        return cls(id, member.group, member.stratum, str(audio), str(annotations), *hashes, licence)


@dataclass(frozen=True)
class Index:
    """The tracks of some shards and the ones left out."""

    tracks: tuple[Track, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True)
class Member:
    """The facts about one track that a split needs.

    Attributes:
        group: which must not be in two parts.
        stratum: of which every part should have its share.
        part: `train`, `validation` or `test` if the data set's authors define it, else empty.
    """

    group: str
    stratum: str
    part: str = ""

    def __post_init__(self) -> None:
        # In a split file, a group has to be what looks the same.
        object.__setattr__(self, "group", composed(self.group))


def shard_of(track: str, shards: int) -> int:
    """The shard that a track is in, from its identifier alone."""
    return zlib.crc32(track.encode()) % shards


def audio_file(root: Path, track: str) -> Path:
    """The path of a track's recording below `root`; its folder is created."""
    return _made(root / "audio" / f"{track}.flac")


def jams_file(root: Path, track: str) -> Path:
    """The path of a track's annotations below `root`; its folder is created."""
    return _made(root / "annotations" / f"{track}.jams")


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def write_index(path: Path, results: Iterable[Track | Failure]) -> Index:
    """Write the index of a shard atomically."""
    results = list(results)
    index = Index(
        tracks=tuple(sorted((r for r in results if isinstance(r, Track)), key=lambda t: t.id)),
        failures=tuple(r for r in results if isinstance(r, Failure)),
    )
    write_json(path, asdict(index))
    return index


def read_index(indices: Sequence[Path]) -> Index:
    """The tracks of the shards at `indices`, in order of their identifiers.

    Raises:
        DeepmirError: when an index is missing or broken, or a track is in two shards.
    """
    tracks: dict[str, Track] = {}
    failures: list[Failure] = []
    for path in indices:
        again = paths.again(path)
        try:
            raw = json.loads(path.read_text())
            failures += [Failure(**row) for row in raw["failures"]]
            shard = [Track(**row) for row in raw["tracks"]]
        except FileNotFoundError:
            raise DeepmirError(f"{path} is missing: {again}") from None
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DeepmirError(f"{path} is not an index of tracks ({error}): {again}") from None
        for track in shard:
            if track.id in tracks:
                raise DeepmirError(f"{path}: the track {track.id} is also in another shard")
            tracks[track.id] = track
    return Index(tuple(tracks[name] for name in sorted(tracks)), tuple(failures))


def each_track(
    function: Callable[[T], R], items: Sequence[T], name_of: Callable[[T], str], workers: int
) -> Iterator[R | Failure]:
    """Call `function` for every item, in order, in several processes.

    An error of one track becomes a :class:`Failure` with its name, and the others continue. Any
    error other than a :class:`DeepmirError` may be a bug: its traceback goes to standard error.
    """
    if workers <= 1:
        for item in items:
            yield _attempt(function, item, name_of(item))
        return
    with ProcessPoolExecutor(workers) as pool:
        names = [name_of(item) for item in items]
        yield from pool.map(_attempt, [function] * len(items), items, names, chunksize=1)


def _attempt(function: Callable[[T], R], item: T, name: str) -> R | Failure:
    try:
        return function(item)
    except (MemoryError, DamagedError):
        raise
    except Exception as error:
        # A full disk is not the fault of the track, which would be left out for good.
        if is_full(error) or shutil.disk_usage(".").free < FULL:
            if isinstance(error, DeepmirError) and NO_ROOM in str(error):
                raise
            raise DeepmirError(f"{name}: {NO_ROOM}") from None
        if isinstance(error, DeepmirError):
            return Failure(name, str(error))
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        _print_bug(error, f"deepmir: {name}: {reason}")
        return Failure(name, reason)


_bugs: set[tuple[type[Exception], str, int | None]] = set()


def _print_bug(error: Exception, line: str) -> None:
    """Print a line, and once in each process the traceback of the bug."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    bug = type(error), place.filename, place.lineno
    lines = [f"{line}\n"] if bug in _bugs else [f"{line}\n", *traceback.format_exception(error)]
    _bugs.add(bug)
    # In one piece, so that the lines of several processes do not mix.
    print("".join(lines), end="", file=sys.stderr, flush=True)

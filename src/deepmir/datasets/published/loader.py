"""The structure of a row in the table of published sets."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deepmir.datasets.published.convert import Converter

Get = Callable[[Any], Any]
Parts = Callable[[Any], Mapping[str, str]]
Pair = tuple[str | None, str | None]  # path and MD5 of a file in mirdata's index
Index = Mapping[str, Any]

BY, BY_SA, BY_NC_SA = "CC BY 4.0", "CC BY-SA 4.0", "CC BY-NC-SA 4.0"
UNKNOWN = "unknown"


def of(name: str) -> Get:
    """Read an attribute of a mirdata track."""
    return lambda track: getattr(track, name)


def nothing(track: Any) -> str:
    """An empty string, for unknown metadata of a track."""
    return ""


def alone(index: Index, name: str) -> Iterable[Pair]:
    """No files of other tracks."""
    return ()


@dataclass(frozen=True)
class Read:
    """One kind of data read for a track.

    Attributes:
        get: reads it from mirdata's track.
        convert: converts it to annotations.
        files: the keys of its files in mirdata's index; empty for metadata.
    """

    get: Get
    convert: Converter
    files: tuple[str, ...] = ()


def read(get: str | Get, convert: Converter, *files: str) -> Read:
    """A :class:`Read` with an attribute or a function."""
    return Read(of(get) if isinstance(get, str) else get, convert, files)


@dataclass(frozen=True)
class Loader:
    """The description of how a published set is read.

    Attributes:
        licence: summary of the one stated by mirdata.
        reads: the data read for each track.
        audio: key of the recording in mirdata's index; a prefix of several keys, ending in `*`, if
            several recordings are mixed.
        own_audio: whether the set has no recordings, so that users' own files differ.
        length: the length of the recording in the metadata, in seconds.
        group: must not be in two parts of the split; the track itself if empty.
        stratum: balanced over the parts of the split.
        parts: official part of every track; None if mirdata has none.
        remotes: the downloads of mirdata to use, if not all.
        metadata: patterns of files below the home with data of all tracks that are in no index.
        others: files of other index rows that are read for a track.
        stems: whether each track is a separate recording, although the set has multitracks.
    """

    licence: str
    reads: tuple[Read, ...]
    audio: str = "audio"
    own_audio: bool = False
    length: Get | None = None
    group: Get = nothing
    stratum: Get = nothing
    parts: Parts | None = None
    remotes: tuple[str, ...] = ()
    metadata: tuple[str, ...] = ()
    others: Callable[[Index, str], Iterable[Pair]] = alone
    stems: bool = False

    @property
    def files(self) -> tuple[str, ...]:
        """Keys of mirdata's index for all files read besides the recording."""
        return tuple(dict.fromkeys(key for each in self.reads for key in each.files))


def by_track(get: Get) -> Parts:
    """The parts of a split that are an attribute of every track, or multitrack."""

    def parts(dataset: Any) -> Mapping[str, str]:
        if "multitracks" in dataset._index:
            return {name: get(dataset.multitrack(name)) or "" for name in dataset.mtrack_ids}
        return {name: get(dataset.track(name)) or "" for name in dataset.track_ids}

    return parts


OFFICIAL = by_track(of("split"))

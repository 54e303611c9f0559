"""What a row of the table of published sets says."""

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
    """What is not known of a track."""
    return ""


def alone(index: Index, name: str) -> Iterable[Pair]:
    """No files of other tracks."""
    return ()


@dataclass(frozen=True)
class Read:
    """One thing that is read of a track.

    Attributes:
        get: it, of mirdata's track.
        convert: it to annotations.
        files: the keys of mirdata's index for the files that it stands in; none for metadata.
    """

    get: Get
    convert: Converter
    files: tuple[str, ...] = ()


def read(get: str | Get, convert: Converter, *files: str) -> Read:
    """A :class:`Read`, of an attribute or by a function."""
    return Read(of(get) if isinstance(get, str) else get, convert, files)


@dataclass(frozen=True)
class Loader:
    """What is read of a published set.

    Attributes:
        licence: as mirdata states it, in short.
        reads: what is read of each track.
        audio: key of mirdata's index for the recording; the start of several keys, which end in
            `*`, where several recordings are mixed to one.
        own_audio: whether the set comes without recordings, so that everybody brings other bytes.
        length: what the metadata say of the length of the recording, in seconds.
        group: what must not be in two splits; the track itself where this is empty.
        stratum: what every split should have its share of.
        parts: official part of every track; None where mirdata knows of none.
        remotes: what mirdata downloads, where it is not all that it could.
        metadata: patterns of files below the home that tell of all tracks and are in no index.
        others: files of other rows of the index that are read for a track.
        stems: whether each track is a recording of its own, although the set has multitracks.
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
        """Keys of mirdata's index for all files that are read, beside the recording."""
        return tuple(dict.fromkeys(key for each in self.reads for key in each.files))


def by_track(get: Get) -> Parts:
    """The parts of a split that every track, or multitrack, tells for itself."""

    def parts(dataset: Any) -> Mapping[str, str]:
        if "multitracks" in dataset._index:
            return {name: get(dataset.multitrack(name)) or "" for name in dataset.mtrack_ids}
        return {name: get(dataset.track(name)) or "" for name in dataset.track_ids}

    return parts


OFFICIAL = by_track(of("split"))

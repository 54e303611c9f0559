"""The shape of a row of the table: what is read of a published set."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from deepmir.datasets.published.convert import Converter

Get = Callable[[Any], Any]


def of(name: str) -> Get:
    """Read an attribute of a mirdata track."""
    return lambda track: getattr(track, name)


def nothing(track: Any) -> str:
    """What is not known of a track."""
    return ""


def official(dataset: Any) -> Mapping[str, str]:
    """The split that mirdata knows of, by track: the attribute `split` of each."""
    if "multitracks" in dataset._index:
        return {name: dataset.multitrack(name).split or "" for name in dataset.mtrack_ids}
    return {name: dataset.track(name).split or "" for name in dataset.track_ids}


@dataclass(frozen=True)
class Loader:
    """What is read of a published set.

    Attributes:
        licence: as mirdata states it, in short.
        reads: what to get of a track, and what it is converted to.
        files: keys of mirdata's index whose files are read, beside the audio.
        audio: key of the index for the recording.
        group: what must not be in two splits; the track itself where this is empty.
        stratum: what every split should have its share of.
        parts: official part of every track; None where mirdata knows of none.
        remotes: what mirdata downloads, where it is not all that it could.
    """

    licence: str
    reads: tuple[tuple[Get, Converter], ...]
    files: tuple[str, ...] = ()
    audio: str = "audio"
    group: Get = nothing
    stratum: Get = nothing
    parts: Callable[[Any], Mapping[str, str]] | None = None
    remotes: tuple[str, ...] = ()

"""The tracks of a data set with what a task needs of them, divided into its parts."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deepmir import annotations, datasets, downmix, paths
from deepmir.annotations import Jams
from deepmir.datasets import Index, Track, splits
from deepmir.errors import DeepmirError
from deepmir.params import Params
from deepmir.store import Store

if TYPE_CHECKING:
    from deepmir.representations import Representation


@dataclass(frozen=True)
class Corpus:
    """A data set as its index and split describe it."""

    name: str
    index: Index
    divided: splits.Divided

    @property
    def data_hash(self) -> str:
        """Hash over the identifiers, audio and annotations of every track."""
        rows = [(t.id, t.sha256, t.annotations_sha256) for t in self.index.tracks]
        return _hash(rows)

    @property
    def split_hash(self) -> str:
        """Hash over which track is in which part."""
        return _hash({p: [track.id for track in getattr(self.divided, p)] for p in splits.PARTS})


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


def index_paths(params: Params, dataset: str) -> list[Path]:
    """The index of every shard of a data set."""
    return [paths.index(dataset, s) for s in range(params.datasets[dataset].shards)]


def feature_paths(params: Params, dataset: str, representation: "Representation") -> list[Path]:
    """The features of every shard of a data set."""
    shards = range(params.datasets[dataset].shards)
    return [paths.features(dataset, representation, shard) for shard in shards]


def audio_paths(params: Params, dataset: str, sample_rate: int) -> list[Path]:
    """The mono audio of every shard of a data set."""
    shards = range(params.datasets[dataset].shards)
    return [paths.audio(dataset, sample_rate, shard) for shard in shards]


def load(params: Params, dataset: str) -> Corpus:
    """Read the index and the split of a data set.

    Raises:
        DeepmirError: when either is missing or broken, or the split leaks.
    """
    index = datasets.read_index(index_paths(params, dataset))
    parts = splits.read(paths.split(dataset))
    return Corpus(dataset, index, splits.divide(index.tracks, parts))


def open_features(params: Params, dataset: str, representation: "Representation") -> Store:
    """The features of a data set.

    Raises:
        DeepmirError: when they are missing or stale, or more tracks failed than is declared.
    """
    files = feature_paths(params, dataset, representation)
    return _checked(Store(files, representation.digest), params, dataset)


def open_audio(params: Params, dataset: str, sample_rate: int) -> Store:
    """The mono audio of a data set.

    Raises:
        DeepmirError: when it is missing or stale, or more tracks failed than is declared.
    """
    files = audio_paths(params, dataset, sample_rate)
    return _checked(Store(files, downmix.digest(sample_rate)), params, dataset)


def _checked(store: Store, params: Params, dataset: str) -> Store:
    failed, total = len(store.failures), len(store.failures) + len(store.tracks)
    allowed = params.datasets[dataset].max_failures
    if failed > allowed * total:
        track, reason = min(store.failures.items())
        raise DeepmirError(
            f"data set {dataset}: {failed} of {total} tracks are unusable, more than "
            f"max_failures allows ({allowed:.0%}); the first is {track}: {reason}"
        )
    if not store.tracks:
        raise DeepmirError(f"data set {dataset}: it has no usable track")
    return store


def read_annotations(tracks: Sequence[Track]) -> dict[str, Jams]:
    """The annotations of tracks, by identifier."""
    return {track.id: annotations.read(Path(track.annotations)) for track in tracks}

"""The tracks of a data set with what a task needs of them, divided into its parts."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deepmir import paths
from deepmir.datasets import folds, splits
from deepmir.datasets.index import Index, Track, read_index
from deepmir.declarations.schema import Baseline, Experiment, Folded, Params
from deepmir.errors import DeepmirError
from deepmir.features import downmix
from deepmir.files import annotations
from deepmir.files.annotations import Jams
from deepmir.files.store import Store

if TYPE_CHECKING:
    from deepmir.representations import Representation


@dataclass(frozen=True)
class Corpus:
    """A data set as its index and split describe it.

    Attributes:
        name: in params.yaml.
        index: its tracks.
        divided: the tracks by part.
        folds: where every fold is tested in its turn, the tracks of each; the test part has all.
    """

    name: str
    index: Index
    divided: splits.Divided
    folds: tuple[tuple[Track, ...], ...] = ()

    @property
    def data_hash(self) -> str:
        """Hash over the identifiers, audio and annotations of every track."""
        rows = [(t.id, t.sha256, t.annotations_sha256) for t in self.index.tracks]
        return _hash(rows)

    @property
    def split_hash(self) -> str:
        """Hash over which track is in which part, or fold."""
        if self.folds:
            return _hash([[track.id for track in fold] for fold in self.folds])
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
    index = read_index(index_paths(params, dataset))
    parts = splits.read(paths.split(dataset))
    return Corpus(dataset, index, splits.divide(index.tracks, parts))


def of(params: Params, entry: Experiment | Baseline) -> Corpus:
    """The data set of an entry, divided by its split or by the folds that it asks for.

    Raises:
        DeepmirError: when index, split or folds are missing or broken, or leak.
    """
    if not isinstance(entry, Folded):
        return load(params, entry.dataset)
    index = read_index(index_paths(params, entry.dataset))
    dealt = folds.read(entry.dataset, entry.folds)
    by_fold = splits.assign(index.tracks, dealt, "fold")
    if entry.tested is None:
        each = tuple(tuple(by_fold.get(fold, ())) for fold in range(entry.folds))
        return Corpus(entry.dataset, index, splits.Divided((), (), index.tracks), each)
    parts = folds.parts(dealt, entry.folds, entry.tested)
    return Corpus(entry.dataset, index, splits.divide(index.tracks, parts))


def to_learn_from(params: Params, entry: Experiment | Baseline) -> Corpus:
    """The data set of an entry that is to be trained on it.

    Raises:
        DeepmirError: as :func:`of`, and when there is nothing to train or to validate on.
    """
    data = of(params, entry)
    for part in ("train", "validation"):
        if not getattr(data.divided, part):
            raise DeepmirError(
                f"data set {entry.dataset}: {split_path(entry)} has no track in the part {part}, "
                "so nothing can be trained on it; to test on it what was trained on another data "
                "set, declare that under `carried` (docs/how-to/splits-and-folds.md)"
            )
    return data


def split_path(entry: Experiment | Baseline) -> Path:
    """The file that says which group of an entry's data set is in which part or fold."""
    if isinstance(entry, Folded):
        return folds.path(entry.dataset, entry.folds)
    return paths.split(entry.dataset)


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


def read_annotations(tracks: Sequence[Track], namespaces: Collection[str]) -> dict[str, Jams]:
    """The annotations of tracks in some namespaces, those that a task names, by identifier."""
    return {t.id: annotations.read(Path(t.annotations), namespaces) for t in tracks}

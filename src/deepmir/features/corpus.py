"""The tracks of a data set with everything that a task needs, divided into parts."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from deepmir import paths
from deepmir.datasets import duplicates, folds, splits
from deepmir.datasets.duplicates import Placed
from deepmir.datasets.index import Index, Track, read_index
from deepmir.errors import DamagedError, DeepmirError
from deepmir.features import downmix
from deepmir.files import annotations
from deepmir.files.annotations import Jams
from deepmir.files.store import Store
from deepmir.files.writing import hash_file

if TYPE_CHECKING:
    from deepmir.representations import Representation


@dataclass(frozen=True)
class Corpus:
    """A data set as described by its index and split.

    Attributes:
        name: in params.yaml.
        index: its tracks.
        divided: the tracks by part.
        folds: the tracks of each fold in a cross-validation; the test part then has all of them.
    """

    name: str
    index: Index
    divided: splits.Divided
    folds: tuple[tuple[Track, ...], ...] = ()

    @property
    def data_hash(self) -> str:
        """Hash of the identifiers, audio and annotations of all tracks."""
        rows = [(t.id, t.sha256, t.annotations_sha256) for t in self.index.tracks]
        return _hash(rows)

    @property
    def split_hash(self) -> str:
        """Hash of the assignment of tracks to parts or folds."""
        if self.folds:
            return _hash([[track.id for track in fold] for fold in self.folds])
        return _hash({p: [track.id for track in getattr(self.divided, p)] for p in splits.PARTS})


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Files:
    """The files that the pipeline makes from a data set, and the division of its tracks.

    Attributes:
        name: of the data set in params.yaml.
        source: the kind of data set.
        shards: the jobs that it is divided into.
        max_failures: tolerated share of unusable tracks.
        folds: number of folds; 0 for a split into three parts.
        tested: the test fold; None if each is tested in turn.
        duplicates: the file of duplicate recordings in it; None if there can be none.
        heard: other data sets, or another division of this one, that the tested model was trained
            on, each with the file of recordings duplicated in both; None if there can be none.
    """

    name: str
    source: str
    shards: int
    max_failures: float
    folds: int = 0
    tested: int | None = None
    duplicates: Path | None = None
    heard: "tuple[tuple[Files, Path | None], ...]" = ()

    @property
    def indices(self) -> list[Path]:
        """The index of every shard."""
        return [paths.index(self.name, shard) for shard in range(self.shards)]

    @property
    def division(self) -> Path:
        """The file that assigns groups to parts or folds."""
        return folds.path(self.name, self.folds) if self.folds else paths.split(self.name)

    @property
    def described(self) -> list[Path]:
        """The files that :meth:`read` reads, which determine the assignment of tracks to parts."""
        each = [self, *(files for files, _ in self.heard)]
        divided = [path for files in each for path in (*files.indices, files.division)]
        return [*divided, *self.compared]

    @property
    def compared(self) -> list[Path]:
        """The files of duplicate recordings."""
        each = [self.duplicates, *(found for _, found in self.heard)]
        return [*dict.fromkeys(path for path in each if path)]

    def audio(self, sample_rate: int) -> list[Path]:
        """The mono audio of every shard."""
        return [paths.audio(self.name, sample_rate, shard) for shard in range(self.shards)]

    def features(self, representation: "Representation") -> list[Path]:
        """The features of every shard."""
        return [paths.features(self.name, representation, shard) for shard in range(self.shards)]

    def undivided(self) -> "Files":
        """The same files with a split of the data set instead of folds."""
        return replace(self, folds=0, tested=None)

    def read(self) -> Corpus:
        """Read the index, and the split or the folds.

        Raises:
            DeepmirError: when one is missing or damaged, or the same audio is in two parts.
        """
        data = self._divided()
        duplicates.refuse(self._placed(data, splits.PARTS), self.duplicates)
        tested = self._placed(data, ("test",))
        for heard, found in self.heard:
            learned = heard._placed(heard._divided(), ("train", "validation"))
            if found is None or heard.name == self.name:  # groups of both are of one kind
                duplicates.refuse_groups(learned, tested)
            duplicates.refuse(learned | tested, found)
        return data

    def _placed(self, data: Corpus, parts: Collection[str]) -> dict[tuple[str, str], Placed]:
        """The tracks of some parts, or of every fold in a cross-validation."""
        values: dict[str, Sequence[Track]]
        if data.folds:
            what, values = "fold", {str(fold): tracks for fold, tracks in enumerate(data.folds)}
        else:
            what, values = "part", {part: getattr(data.divided, part) for part in parts}
        return {
            (self.name, track.id): Placed(track, what, value, self.division)
            for value, tracks in values.items()
            for track in tracks
        }

    def _divided(self) -> Corpus:
        index = read_index(self.indices)
        if not self.folds:
            parts, again = splits.read(self.division), paths.deepmir("split", self.name)
            return Corpus(self.name, index, splits.divide(index.tracks, parts, again))
        again = paths.deepmir("split", self.name, "--folds", str(self.folds))
        dealt = folds.read(self.name, self.folds)
        if self.tested is not None:
            parts = folds.parts(dealt, self.folds, self.tested)
            return Corpus(self.name, index, splits.divide(index.tracks, parts, again))
        by_fold = splits.assign(index.tracks, dealt, "fold", again)
        each = tuple(tuple(by_fold.get(fold, ())) for fold in range(self.folds))
        return Corpus(self.name, index, splits.Divided((), (), index.tracks), each)

    def read_to_train(self) -> Corpus:
        """Read a data set for training.

        Raises:
            DeepmirError: as :meth:`read`, and when the training or validation part is empty.
        """
        data = self.read()
        for part in ("train", "validation"):
            if not getattr(data.divided, part):
                raise DeepmirError(
                    f"data set {self.name}: {self.division} has no track in the part "
                    f"{part}, so nothing can be trained on it; to test a model from "
                    "another data set on it, declare it under `carried` "
                    "(docs/how-to/splits-and-folds.md)"
                )
        return data

    def open_features(self, representation: "Representation") -> Store:
        """The features of all tracks.

        Raises:
            DeepmirError: when they are missing or stale, or too many tracks failed.
        """
        return self._checked(Store(self.features(representation), representation.stamp))

    def open_audio(self, sample_rate: int) -> Store:
        """The mono audio of all tracks.

        Raises:
            DeepmirError: when it is missing or stale, or too many tracks failed.
        """
        return self._checked(Store(self.audio(sample_rate), downmix.digest(sample_rate)))

    def _checked(self, store: Store) -> Store:
        known = {track.id: track.sha256 for track in read_index(self.indices).tracks}
        for track, source in store.sources.items():
            if known.get(track, source) != source:
                path = store.file(track)
                raise DeepmirError(
                    f"{path} was made from another recording of {track} than the index: "
                    f"{paths.again(path)}"
                )
        failed, total = len(store.failures), len(store.failures) + len(store.tracks)
        if failed > self.max_failures * total:
            track, reason = min(store.failures.items())
            raise DeepmirError(
                f"data set {self.name}: {failed} of {total} tracks are unusable, more than "
                f"max_failures allows ({self.max_failures:.0%}); the first is {track}: {reason}"
            )
        if not store.tracks:
            raise DeepmirError(f"data set {self.name}: it has no usable track")
        return store


def read_annotations(tracks: Sequence[Track], namespaces: Collection[str]) -> dict[str, Jams]:
    """The annotations of tracks in the given namespaces, by track identifier.

    Raises:
        DamagedError: when they differ from those in the index.
    """
    return {track.id: _annotations(track, namespaces) for track in tracks}


def _annotations(track: Track, namespaces: Collection[str]) -> Jams:
    path = Path(track.annotations)
    compare(track, path, track.annotations_sha256)
    return annotations.read(path, namespaces)


def compare(track: Track, path: Path, sha256: str) -> None:
    """Compare a file of a track with its hash in the index.

    Raises:
        DamagedError: when it is missing or different.
    """
    if not path.is_file():
        raise DamagedError(f"{path} is missing: {_again(track)}")
    if hash_file(path) != sha256:
        raise DamagedError(f"{path} has changed since it was indexed: {_again(track)}")


def _again(track: Track) -> str:
    """The remedy: the index that lists the track has to be made again."""
    for path in sorted(paths.raw("").glob("*/index/*.json")):
        if track in read_index([path]).tracks:
            return f"index it again with `{paths.snakemake('--force', str(path))}`"
    return f"run `{paths.snakemake()}`"

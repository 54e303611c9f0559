"""The base of all data sets: their keys in `params.yaml`, and how recordings are found or made.

A new data set is a subclass of :class:`Dataset` in its own file (docs/extend/dataset.md). It must
be light to import, since reading any declaration imports it: import heavy modules in its methods.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Protocol

from pydantic import Field

from deepmir import paths
from deepmir.datasets.index import Index, Member, Track, each_track, shard_of, write_index
from deepmir.errors import DeepmirError
from deepmir.fields import Count, Declaration, Seconds, Share
from deepmir.files import hashes
from deepmir.files.store import Failure

MIN_SECONDS = 2.0


class Recording(Protocol):
    """A recording that becomes one track."""

    @property
    def id(self) -> str:
        """Identifier of the track: unique in the data set, permanent, and usable as a file name."""


class Dataset(Declaration, ABC):
    """Base of all data sets: the common keys, and the methods that each must define.

    Attributes:
        source: the word that selects the class in `params.yaml`; a class declares it as
            `Literal["its-word"]`.
        recorded: whether one recording may exist under two names: all are compared. False if all
            audio is synthesised by deepmir.
    """

    source: str
    recorded: ClassVar[bool] = True
    shards: Count = Field(  # their numbers have four digits
        4, le=10_000, description="jobs that a data set is divided into"
    )
    max_failures: Share = Field(
        0.05, description="share of unusable tracks above which the run stops"
    )
    min_seconds: Seconds = Field(
        MIN_SECONDS, description="shorter recordings are left out and reported"
    )

    @abstractmethod
    def recordings(self) -> Sequence[Recording]:
        """All recordings that exist or can be made.

        Raises:
            MissingDataError: when the data are missing, with how to get them.
            DeepmirError: when something is wrong with the data set as a whole.
        """

    @abstractmethod
    def track(self, recording: Any, root: Path) -> Track:
        """One of :meth:`recordings` as a track; several processes do this in parallel.

        Args:
            recording: one of them.
            root: the folder for new files; see :func:`index.audio_file` and
                :func:`index.jams_file`.

        Raises:
            DeepmirError: when the recording cannot be used; it is left out.
        """

    @abstractmethod
    def members(self) -> list[Member]:
        """Every track that the data set can have, for its split.

        Raises:
            MissingDataError: when the data are missing, with how to get them.
        """

    def check(self) -> None:
        """Refuse invalid values, whether the data exist or not.

        Raises:
            DeepmirError: naming the key.
        """

    def files(self) -> Sequence[Path]:
        """The external files that are read; none if everything is synthesised by deepmir.

        Raises:
            MissingDataError: when the data are missing, with how to get them.
            DeepmirError: when something is wrong with them.
        """
        return ()

    def fetch(self) -> str:
        """Fetch the data from where their authors publish them; returns what was done.

        Raises:
            DeepmirError: when they cannot be fetched, or a checksum is wrong.
        """
        raise DeepmirError(f"a data set of the source {self.source} has nothing to fetch")

    def state(self) -> str:
        """A hash of the names and contents of :meth:`files`; empty if there are none.

        Raises:
            DeepmirError: as :meth:`files` does.
        """
        digest = hashlib.sha256()
        found = hashes.of(self.files(), paths.HASHES)
        for path, sha256 in found.items():
            digest.update(f"{path}\0{sha256}\0".encode())
        return digest.hexdigest() if found else ""  # short: each job of a shard keeps it

    def collect(self, root: Path, shard: int, workers: int) -> Iterator[Track | Failure]:
        """The tracks of one shard, with their files written below `root`.

        Raises:
            DeepmirError: when the data set itself is missing; a recording that cannot be used
                becomes a failure.
        """
        mine = [one for one in self.recordings() if shard_of(one.id, self.shards) == shard]
        return each_track(partial(self.track, root=root), mine, lambda one: one.id, workers)


def make_shard(name: str, dataset: Dataset, shard: int, workers: int) -> Index:
    """Make one shard of the data set with a name, and its index.

    Raises:
        DeepmirError: as :meth:`Dataset.collect` does.
    """
    results = dataset.collect(paths.raw(name), shard, workers)
    return write_index(paths.index(name, shard), results)


def check_folder(key: str, folder: Path) -> None:
    """Refuse a path that is something other than a folder.

    Raises:
        DeepmirError: naming the key.
    """
    for part in (folder, *folder.parents):
        try:
            if part.exists() and not part.is_dir():
                raise DeepmirError(f"{key}: {part} is not a folder")
        except OSError as error:
            raise DeepmirError(f"{key}: {part} cannot be read: {error.strerror}") from None

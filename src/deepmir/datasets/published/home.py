"""A published set as it lies on this machine: its index, tracks, files and checksums."""

import copy
import hashlib
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from deepmir import paths
from deepmir.datasets.published import table
from deepmir.datasets.published.table import Loader
from deepmir.errors import DeepmirError, MissingDataError

UNPUBLISHED = (
    "mirdata has it in its repository alone, in mirdata/datasets/indexes or tests/indexes; "
    "copy it into the folder"
)
OMITTED = "omitted"  # what Slakh calls a track that its authors leave out


def how_to_fetch() -> str:
    """What to do about a file that is not there."""
    return f"run `{paths.deepmir('fetch')}` with the name of this data set in params.yaml"


@dataclass(frozen=True)
class File:
    """A file of a published set.

    Attributes:
        path: where it has to be.
        md5: hash of its bytes, in hexadecimal, as published.
    """

    path: Path
    md5: str

    def check(self) -> None:
        """Refuse a file that is missing or not as published.

        Raises:
            DeepmirError: names the file and what to do.
        """
        if not self.path.is_file():
            raise MissingDataError(f"{self.path} is missing: {how_to_fetch()}, or copy it there")
        with self.path.open("rb") as file:
            found = hashlib.file_digest(file, "md5").hexdigest()
        if found != self.md5:
            raise DeepmirError(
                f"{self.path} is damaged or of another edition (its MD5 is {found}, published is "
                f"{self.md5}): delete it and {how_to_fetch()}"
            )


@dataclass(frozen=True)
class Home:
    """A published set.

    Attributes:
        name: of mirdata's loader.
        folder: where the set lies.
        loader: the row of the table.
        dataset: of mirdata.
    """

    name: str
    folder: Path
    loader: Loader
    dataset: Any

    @property
    def index_path(self) -> Path:
        """The list of the set's files with their checksums, which mirdata publishes."""
        return Path(self.dataset.index_path)

    @property
    def multitrack(self) -> bool:
        """Whether the recordings of the set are mixes of tracks that it has as well."""
        return "multitracks" in self.dataset._index

    @property
    def index(self) -> Mapping[str, Any]:
        """What the index says of each recording: key, path and MD5 of its files."""
        rows: Mapping[str, Any] = self.dataset._index[
            "multitracks" if self.multitrack else "tracks"
        ]
        return rows

    @cached_property
    def parts(self) -> Mapping[str, str]:
        """What the authors' split says of each track; empty where there is no such split."""
        return self.loader.parts(self.dataset) if self.loader.parts else {}

    @cached_property
    def names(self) -> list[str]:
        """Every track that is published with a recording and not left out by the authors."""
        return [
            name
            for name, row in self.index.items()
            if row[self.loader.audio][0] is not None and self.parts.get(name) != OMITTED
        ]

    def track(self, name: str) -> Any:
        """What mirdata makes of a track, or of a multitrack where the set is of such."""
        return (self.dataset.multitrack if self.multitrack else self.dataset.track)(name)

    def files(self, name: str) -> list[File]:
        """The recording of a track, then the files of what is read of it."""
        row = self.index[name]
        pairs = [row[key] for key in (self.loader.audio, *self.loader.files)]
        return [File(self.folder / path, md5) for path, md5 in pairs if path is not None]

    @property
    def shared(self) -> list[File]:
        """The files with metadata of all tracks that the index knows of."""
        pairs = self.dataset._index.get("metadata") or {}
        return [File(self.folder / path, md5) for path, md5 in pairs.values() if path is not None]


@contextmanager
def quiet() -> Iterator[None]:
    """Silence what mirdata logs: deprecations and downloads that do not concern a user."""
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def initialize(name: str, folder: Path, version: str) -> Any:
    """The data set of mirdata, whose import sets up the root logger, which is undone.

    Raises:
        DeepmirError: for a version that mirdata does not have.
    """
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    import mirdata

    root.handlers[:] = handlers
    root.setLevel(level)
    try:
        return mirdata.initialize(name, str(folder), version)
    except ValueError as error:
        versions = str(error).partition("([")[2].rstrip("]). ").replace("'", "")
        raise DeepmirError(f"{name} of mirdata has no {version!r} (it has {versions})") from None


def declared(name: str, folder: Path, version: str) -> Home:
    """A published set, whether it is there or not.

    mirdata keeps its indices in its own package, which a new environment loses and users share.
    Here an index is in the home of its set; one that mirdata itself has fetched serves as well.

    Raises:
        DeepmirError: for a loader that the table does not have, or a version that mirdata has not.
    """
    loader = table.get(name)
    dataset = initialize(name, folder, version)
    own = folder.absolute()
    index = copy.copy(dataset._index_data)
    index.indexes_dir = str(own)
    index.remote = copy.copy(index.remote)
    if index.remote:
        index.remote.destination_dir = str(own)
    if Path(index.get_path()).is_file() or not Path(dataset.index_path).is_file():
        dataset._index_data, dataset.index_path = index, index.get_path()
    return Home(name, folder, loader, dataset)


def present(name: str, folder: Path, version: str) -> Home:
    """A published set that has been fetched, as far as its index and metadata go.

    Raises:
        DeepmirError: when its home, index or metadata are missing or damaged.
    """
    home = declared(name, folder, version)
    where = f"{name} of mirdata in {folder}"
    if not folder.is_dir():
        raise MissingDataError(
            f"{where}: the folder is missing: {how_to_fetch()}, or correct `home`"
        )
    if not home.index_path.is_file():
        cure = how_to_fetch() if home.dataset._index_data.remote else UNPUBLISHED
        raise MissingDataError(f"{where}: the index {home.index_path.name} is missing: {cure}")
    try:
        for file in home.shared:
            file.check()
        with quiet():
            _ = home.dataset._metadata, home.names
    except FileNotFoundError as error:
        raise MissingDataError(
            f"{where}: metadata are missing ({error}): {how_to_fetch()}"
        ) from None
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise DeepmirError(
            f"{where}: index or metadata are damaged ({error!r}): {how_to_fetch()}"
        ) from None
    return home

"""A published set on this machine: its index, tracks and files."""

import importlib
import logging
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from deepmir.datasets.folder.conventions import AUDIO
from deepmir.datasets.published import peculiar, table
from deepmir.datasets.published.file import File, how_to_fetch
from deepmir.datasets.published.loader import Loader
from deepmir.errors import DeepmirError, MissingDataError

UNPUBLISHED = (
    "mirdata has it only in its repository, in mirdata/datasets/indexes or "
    "tests/indexes; copy it into the folder"
)
PICKLED = "dali"  # its annotations are never opened before their checksum is verified
OMITTED = "omitted"  # Slakh's name for a track that its authors exclude

Strictness = Literal["exact", "similar"]


@dataclass(frozen=True)
class Home:
    """A published set.

    Attributes:
        name: of mirdata's loader.
        folder: of the set.
        loader: its row of the table.
        dataset: the object of mirdata.
        exact: whether recordings have to be the published ones, byte for byte.
        sample: whether it is mirdata's fixture, whose files are truncated and do not match its
            checksums.
    """

    name: str
    folder: Path
    loader: Loader
    dataset: Any
    exact: bool
    sample: bool

    @property
    def index_path(self) -> Path:
        """The list of the set's files with checksums, published by mirdata."""
        return Path(self.dataset.index_path)

    @property
    def multitrack(self) -> bool:
        """Whether the recordings of the set are mixes of tracks that it also contains."""
        return "multitracks" in self.dataset._index and not self.loader.stems

    @property
    def index(self) -> Mapping[str, Any]:
        """The entry of each recording in the index: key, path and MD5 of its files."""
        rows: Mapping[str, Any] = self.dataset._index[
            "multitracks" if self.multitrack else "tracks"
        ]
        return rows

    @cached_property
    def parts(self) -> Mapping[str, str]:
        """The part of each track in the authors' split; empty if there is none."""
        return self.loader.parts(self.dataset) if self.loader.parts else {}

    @cached_property
    def names(self) -> list[str]:
        """Every track with a recording and annotations that the authors do not exclude."""
        return [name for name in self.index if self._serves(name)]

    def _serves(self, name: str) -> bool:
        needed = [each.files for each in self.loader.reads]
        annotated = not all(needed) or bool(self._listed(name, self.loader.files))
        return annotated and bool(self.recordings(name)) and self.parts.get(name) != OMITTED

    def track(self, name: str) -> Any:
        """The mirdata object for a track, or for a multitrack in such a set."""
        return (self.dataset.multitrack if self.multitrack else self.dataset.track)(name)

    def recordings(self, name: str) -> list[File]:
        """The recording of a track; several if they have to be mixed."""
        key = self.loader.audio
        keys = [key]
        if key.endswith("*"):
            keys = [each for each in self.index[name] if each.startswith(key[:-1])]
        files = self._listed(name, keys)
        return files if self.exact else [File(_namesake(file.path), file.md5) for file in files]

    def annotations(self, name: str) -> list[File]:
        """The annotation files read for a track."""
        others = self.loader.others(self.dataset._index, name)
        return [*self._listed(name, self.loader.files), *self._files(others)]

    def _listed(self, name: str, keys: Any) -> list[File]:
        row = self.index[name]
        return self._files(row[key] for key in keys)

    def _files(self, pairs: Any) -> list[File]:
        return [
            File(self.folder / path, None if self.sample else md5)
            for path, md5 in filter(None, pairs)
            if path is not None
        ]

    @property
    def shared(self) -> list[File]:
        """The files with metadata of all tracks that are in the index."""
        return self._files((self.dataset._index.get("metadata") or {}).values())

    @property
    def metadata(self) -> list[Path]:
        """All existing files with metadata of all tracks."""
        patterns = self.loader.metadata
        found = {path for pattern in patterns for path in self.folder.glob(pattern)}
        return sorted(found | {file.path for file in self.shared})

    def where(self, name: str, keys: tuple[str, ...]) -> str:
        """The files with the annotations of a track, for a message."""
        files = self._listed(name, keys) if keys else self.annotations(name)
        return ", ".join(str(file.path) for file in files) or "the metadata"


def _namesake(path: Path) -> Path:
    """A recording or, if missing, that of the same name in another format."""
    if path.is_file() or not path.parent.is_dir():
        return path
    copies = _copies(path.parent, path.parent.stat().st_mtime_ns)
    return copies.get(_plain(path), path)


@lru_cache(maxsize=64)
def _copies(folder: Path, changed: int) -> Mapping[str, Path]:
    """The recordings in a folder by name, read again after it has changed."""
    there = sorted(folder.iterdir(), reverse=True)
    return {_plain(each): each for each in there if each.suffix.lower() in AUDIO}


def _plain(path: Path) -> str:
    """A name without extension, in lower case and with normalised accents."""
    return unicodedata.normalize("NFC", path.stem).casefold()


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress mirdata's log: deprecations and downloads that do not concern users."""
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


@contextmanager
def explained(name: str, where: str) -> Iterator[None]:
    """Turn any error of a mirdata loader into one line.

    Args:
        name: name of the track.
        where: the files that are read.

    Raises:
        MissingDataError: when a file is missing.
        DeepmirError: for anything else, naming track, files and the type of the error.
    """
    try:
        with quiet():
            yield
    except (DeepmirError, MemoryError):
        raise
    except FileNotFoundError as error:
        missing = error.filename or where
        raise MissingDataError(f"{name}: {missing} is missing: {how_to_fetch()}") from None
    except Exception as error:
        raise DeepmirError(f"{name}: mirdata cannot read {where} ({reason(error)})") from None


def reason(error: Exception) -> str:
    """Type and text of an error, on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split()).rstrip(":")


def versions(name: str) -> dict[str, Any]:
    """The indices of a loader, by version; the logging set up by its import is undone.

    Raises:
        DeepmirError: when a package required by the loader is missing.
    """
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        with quiet():
            found: dict[str, Any] = importlib.import_module(f"mirdata.datasets.{name}").INDEXES
    except (ImportError, AttributeError) as error:  # the latter of another package's version
        raise DeepmirError(
            f"{name} of mirdata needs a package that is missing ({reason(error)}): "
            f"run `pip install 'mirdata[{name}]'`"
        ) from None
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    if name == "simac":
        peculiar.mend_simac(found)
    return found


def initialize(name: str, folder: Path, version: str) -> Any:
    """Create mirdata's data set.

    Raises:
        DeepmirError: for an unknown version, or a missing package required by a loader.
    """
    known = versions(name)
    if version not in known:
        raise DeepmirError(f"{name} of mirdata has no {version!r} (it has {', '.join(known)})")
    import mirdata

    return mirdata.initialize(name, str(folder), version)


def declared(name: str, folder: Path, version: str, audio: Strictness | None = None) -> Home:
    """A published set, whether or not it is available.

    mirdata stores its indices in its own package, which a new environment loses and users share.
    Here an index is in the home of its set; one that mirdata itself has fetched also works, and
    for its fixtures that of its repository.

    Raises:
        DeepmirError: for a loader that is not in the table, or a version unknown to mirdata.
    """
    loader = table.get(name)
    dataset = initialize(name, folder, version)
    own = folder.absolute()
    index = copy(dataset._index_data)
    file = index.filename
    place = next((each for each in (own, *_repository(own)) if (each / file).is_file()), own)
    index.indexes_dir = str(place)
    index.remote = copy(index.remote)
    if index.remote:
        index.remote.destination_dir = str(own)
    if Path(index.get_path()).is_file() or not Path(dataset.index_path).is_file():
        dataset._index_data, dataset.index_path = index, index.get_path()
    exact = audio == "exact" if audio else not loader.own_audio
    return Home(name, folder, loader, dataset, exact, sample="sample" in file and name != PICKLED)


def _repository(home: Path) -> list[Path]:
    """The indices in mirdata's repository, for a home in its fixtures."""
    if home.parts[-4:-1] != ("tests", "resources", "mir_datasets"):
        return []
    return [home.parents[2] / "indexes", home.parents[3] / "mirdata/datasets/indexes"]


def present(name: str, folder: Path, version: str, audio: Strictness | None = None) -> Home:
    """A published set whose index and metadata have been fetched.

    Raises:
        DeepmirError: when its home, index or metadata are missing or damaged.
    """
    home = declared(name, folder, version, audio)
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
    except (DeepmirError, MemoryError):
        raise
    except FileNotFoundError as error:
        named = [each for each in home.loader.metadata if not any(folder.glob(each))]
        missing = ", ".join(named) or error.filename or reason(error)
        raise MissingDataError(
            f"{where}: metadata is missing ({missing}): {how_to_fetch()}"
        ) from None
    except Exception as error:
        raise DeepmirError(
            f"{where}: index or metadata is damaged ({reason(error)}): {how_to_fetch()}"
        ) from None
    return home

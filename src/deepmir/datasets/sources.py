"""The sources of data sets: the module that each declaration names, and what all modules offer."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from deepmir import paths
from deepmir.datasets.index import Index, Member, Track, write_index
from deepmir.errors import DeepmirError
from deepmir.files.store import Failure

if TYPE_CHECKING:
    from deepmir.declarations.schema import Dataset


class Source(Protocol):
    """What the module of a source offers.

    One whose data can be fetched also has `fetch(declaration)`, which returns what was done. One
    that needs data from elsewhere has `listing(declaration)`, which changes when these change and
    raises :class:`~deepmir.errors.MissingDataError` when they are not there.
    """

    def collect(
        self, root: Path, declaration: "Dataset", shard: int, workers: int
    ) -> Iterator[Track | Failure]:
        """Make the recordings and annotations of one shard below `root`, or find them."""

    def members(self, declaration: "Dataset") -> list[Member]:
        """Every track that the data set can have, for its split."""


def of(declaration: "Dataset") -> Source:
    """The module of a declared data set; it alone is imported, so it alone is the code of a run."""
    return cast(Source, importlib.import_module(f"deepmir.datasets.{declaration.module}"))


def collect(name: str, declaration: "Dataset", shard: int, workers: int) -> Index:
    """Make one shard of a data set and its index.

    Raises:
        DeepmirError: when the data set itself is missing; what is wrong with one track is a
            failure in the index.
    """
    results = of(declaration).collect(paths.raw(name), declaration, shard, workers)
    return write_index(paths.index(name, shard), results)


def members(declaration: "Dataset") -> list[Member]:
    """Every track that a data set can have, for its split.

    Raises:
        DeepmirError: when the data set is missing.
    """
    return of(declaration).members(declaration)


def fetch(declaration: "Dataset") -> str:
    """Fetch a data set from where its authors publish it; returns what was done.

    Raises:
        DeepmirError: when it cannot be fetched, or a checksum is wrong.
    """
    source = of(declaration)
    if not hasattr(source, "fetch"):
        raise DeepmirError(f"a data set of the source {declaration.source} has nothing to fetch")
    done: str = source.fetch(declaration)
    return done


def listing(declaration: "Dataset") -> str:
    """What changes when data that come from elsewhere change; empty where none do.

    Raises:
        MissingDataError: when the data are not there.
        DeepmirError: when something is wrong with them.
    """
    source = of(declaration)
    return str(source.listing(declaration)) if hasattr(source, "listing") else ""

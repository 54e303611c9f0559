"""The kinds of error that a user is meant to read."""

from collections.abc import Iterator
from contextlib import contextmanager


class DeepmirError(Exception):
    """A mistake that the user can fix: one line with the file, key or track and what to do."""


class MissingDataError(DeepmirError):
    """A data set is not on this machine: the line says how to get it; everything else can run."""


class DamagedError(DeepmirError):
    """A file that the line has made is damaged: no fault of the track that was read from it."""


@contextmanager
def about(what: object) -> Iterator[None]:
    """Begin the line of an error with the file, track or entry that it is about, if it lacks that.

    Raises:
        DeepmirError: what the block raises, of the same kind.
    """
    try:
        yield
    except DeepmirError as error:
        if str(what) in str(error):
            raise
        raise type(error)(f"{what}: {error}") from None

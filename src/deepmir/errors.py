"""The kinds of error meant for users."""

from collections.abc import Iterator
from contextlib import contextmanager


class DeepmirError(Exception):
    """A mistake that the user can fix: one line with the file, key or track and the remedy."""


class MissingDataError(DeepmirError):
    """A data set is not on this machine: the message says how to get it; the rest can run."""


class DamagedError(DeepmirError):
    """A file made by the pipeline is damaged, which is not the fault of its source track."""


@contextmanager
def about(what: object) -> Iterator[None]:
    """Prefix an error with the file, track or entry that it is about, unless it is named.

    Raises:
        DeepmirError: raised in the block, of the same kind.
    """
    try:
        yield
    except DeepmirError as error:
        if str(what) in str(error):
            raise
        raise type(error)(f"{what}: {error}") from None

"""Atomic writing of files, and their hashes."""

import contextlib
import errno
import hashlib
import json
import os
import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from deepmir import paths
from deepmir.errors import DeepmirError

# Never part of a product, so nothing from a killed job is mistaken for one or versioned.
PARTIAL = Path(".partial")
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_ROOM = "the disk is full; free some space and run again, finished work is kept"
WORDS = ("No space left", "Disk quota", "File too large", "disk is full", "unable to extend file")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary name that becomes `path` only if the block succeeds.

    Leftovers of killed processes in the same folder are removed.

    Raises:
        DeepmirError: when the disk is full or the path is not writable.
    """
    with _named(path, OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = _temporary(path)
        temporary.touch()
    try:
        # Errors of the block itself pass, except for a full disk, a RuntimeError in torch.
        with _named(path, (OSError, RuntimeError), only_full=True):
            yield temporary
        with _named(path, OSError):
            os.replace(temporary, path)  # noqa: PTH105 - documented as atomic
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def is_full(error: BaseException | None) -> bool:
    """Whether an error, or one of its causes, is that of a full disk."""
    while error is not None:
        if getattr(error, "errno", None) in FULL or any(word in str(error) for word in WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False


@contextlib.contextmanager
def _named(
    path: Path,
    kinds: type[Exception] | tuple[type[Exception], ...],
    only_full: bool = False,
) -> Iterator[None]:
    try:
        yield
    except kinds as error:
        if is_full(error):
            raise DeepmirError(f"{path}: {NO_ROOM}") from None
        if only_full:
            raise
        reason = getattr(error, "strerror", None) or error
        raise DeepmirError(
            f"{path} cannot be written ({reason}): make its folder writable, and run again"
        ) from None


def _temporary(path: Path) -> Path:
    """A name for this process, on the file system of `path`."""
    here = Path.cwd()
    place = path.parent
    # Outside a pipeline, `deepmir analyze` leaves nothing but its results.
    ours = paths.PARAMS.is_file() and path.absolute().is_relative_to(here)
    if ours and place.stat().st_dev == here.stat().st_dev:
        place = PARTIAL
        place.mkdir(exist_ok=True)
    digest = hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:16]
    host = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]
    _remove_leftovers(place.absolute(), host)
    return place / f".{digest}.{host}.{os.getpid()}.tmp"


@cache
def _remove_leftovers(place: Path, host: str) -> None:
    """Remove leftovers of killed processes, once: a folder may have 100,000 files."""
    for left in place.glob(f".{'?' * 16}.{host}.*.tmp"):
        number = left.suffixes[-2].removeprefix(".")
        if number.isdecimal() and not _is_running(int(number)):
            left.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # of another user
    return True


def write_json(path: Path, value: object) -> None:
    """Write JSON atomically; the same value always gives the same bytes.

    Raises:
        DeepmirError: when the disk is full or the path is not writable.
    """
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n")


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

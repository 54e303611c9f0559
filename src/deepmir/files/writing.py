"""Files that are written whole or not at all, and the hash that tells them apart."""

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from deepmir.errors import DeepmirError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary name beside `path` that becomes `path` only when the block succeeds.

    Raises:
        DeepmirError: when the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        os.replace(temporary, path)  # noqa: PTH105 - documented as atomic
    except OSError as error:
        if error.errno == errno.ENOSPC or "No space left" in str(error):
            raise DeepmirError(
                f"{path}: the disk is full; free some space and run again, what is done is kept"
            ) from None
        raise
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, value: object) -> None:
    """Write JSON, complete or not at all; the same value always gives the same bytes.

    Raises:
        DeepmirError: when the disk is full.
    """
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n")


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

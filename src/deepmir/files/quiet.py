"""Suppression of messages from decoders that do not name the file."""

import contextlib
import os
from collections.abc import Iterator
from threading import Lock

_lock = Lock()
_inside = 0
_kept = -1


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Discard standard error from outside Python, until the last thread leaves."""
    global _inside, _kept
    with _lock:
        if not _inside:
            _kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                os.dup2(_kept, 2)
                os.close(_kept)

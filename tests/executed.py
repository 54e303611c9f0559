"""Which files of deepmir ran: what the closure of a stage is held to."""

import contextlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from deepmir.closure import PACKAGE


@contextlib.contextmanager
def files() -> Iterator[set[Path]]:
    """The files of which a function, or the module itself, was executed in the block.

    What the declarations call to look something up does not count: it reaches a stage as values.
    """
    names: set[str] = set()
    found: set[Path] = set()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        name = frame.f_code.co_filename
        if name.startswith(str(PACKAGE)) and name not in names and not _declares(frame):
            names.add(name)

    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(before)
        threading.setprofile(None)
        found |= {Path(name) for name in names}


DECLARATIONS = {str(PACKAGE / f"{name}.py") for name in ("params", "checks")}


def _declares(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename in DECLARATIONS:
            return True
        frame = frame.f_back
    return False

"""The files of deepmir that run, compared with the closure of a stage."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from deepmir.workflow.closure import DECLARATIONS, SOURCES, Closure

DECLARING = f"{SOURCES / DECLARATIONS.replace('.', '/')}/"
OWN = (f"{SOURCES}/deepmir/", f"{SOURCES}/deepmir_render/")


def held_to(closure: Closure, function: Callable[..., object], *arguments: Any) -> None:
    """Call a function, and check that the files it executes are in the closure of its stage.

    Lookups called by the declarations do not count: they reach a stage as values.
    """
    names: set[str] = set()
    known: set[str] = set()  # those, and the files of others: most calls end at the first look

    def note(frame: FrameType, event: str, argument: Any) -> None:
        name = frame.f_code.co_filename
        if name in known:
            return
        if not name.startswith(OWN):
            known.add(name)
        elif not _declares(frame):
            known.add(name)
            names.add(name)

    before = sys.gettrace()
    threading.settrace(note)
    sys.settrace(note)
    try:
        function(*arguments)
    finally:
        sys.settrace(before)
        threading.settrace(before)  # type: ignore[arg-type]
    found = {Path(name) for name in names}
    assert found
    assert found <= {*closure.files}, found - {*closure.files}


def _declares(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith(DECLARING):
            return True
        frame = frame.f_back
    return False

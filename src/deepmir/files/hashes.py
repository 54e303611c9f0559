"""Cached hashes of files: only modified files are read again."""

import contextlib
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path

from deepmir.files.writing import hash_file

RECENT = 2.0  # seconds: a file this young may change again with the same time stamp
_TABLE = "CREATE TABLE IF NOT EXISTS hashes (path TEXT PRIMARY KEY, status TEXT, sha256 TEXT)"


def of(paths: Iterable[Path], memory: Path) -> dict[Path, str]:
    """SHA-256 of each existing file.

    A file is hashed if its size, times or inode differ from the cache.

    Args:
        paths: of the files.
        memory: the database of hashes. If it cannot be used, every file is hashed.
    """
    there = [path for path in paths if path.is_file()]
    known = _remembered(memory) if there else {}  # most data sets are rendered and have no files
    found, new = {}, []
    for path in there:
        stat = path.stat()
        status = f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}"
        name = str(path.absolute())
        before, sha256 = known.get(name, ("", ""))
        if before != status:
            sha256 = hash_file(path)
            if time.time() - max(stat.st_mtime, stat.st_ctime) > RECENT:
                new.append((name, status, sha256))
        found[path] = sha256
    _remember(memory, new)
    return found


def _remembered(memory: Path) -> dict[str, tuple[str, str]]:
    if not memory.is_file():
        return {}
    try:
        with contextlib.closing(sqlite3.connect(memory)) as database:
            rows = database.execute("SELECT path, status, sha256 FROM hashes").fetchall()
    except sqlite3.Error:
        return {}
    return {name: (status, sha256) for name, status, sha256 in rows}


def _remember(memory: Path, rows: list[tuple[str, str, str]]) -> None:
    if not rows:
        return
    # Without the cache, files are hashed again: not a reason to stop.
    with contextlib.suppress(OSError, sqlite3.Error):
        memory.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(memory)) as database, database:
            database.execute(_TABLE)
            database.executemany("INSERT OR REPLACE INTO hashes VALUES (?, ?, ?)", rows)

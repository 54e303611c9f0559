"""Searching of memory-mapped files without keeping all of them in memory."""

import mmap

ROOM = 1 << 24  # bytes that may stay: a FLAC file of two hours would need 760 MB


def let_go(data: mmap.mmap, stop: int) -> int:
    """Release the pages before a byte, which stay readable; returns the next position to do so."""
    if hasattr(data, "madvise"):  # not on Windows
        data.madvise(mmap.MADV_DONTNEED, 0, stop // mmap.PAGESIZE * mmap.PAGESIZE)
    return stop + ROOM

"""Files that are mapped into memory to be looked through, without all of them staying there."""

import mmap

ROOM = 1 << 24  # bytes that may stay: of a FLAC file of two hours it would be 760 MB


def let_go(data: mmap.mmap, stop: int) -> int:
    """Let go of what is mapped before a byte, which can still be read; and where to next."""
    if hasattr(data, "madvise"):  # not on Windows
        data.madvise(mmap.MADV_DONTNEED, 0, stop // mmap.PAGESIZE * mmap.PAGESIZE)
    return stop + ROOM

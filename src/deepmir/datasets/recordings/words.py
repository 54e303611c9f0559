"""Singing intervals from the times of words."""

import math
from collections.abc import Iterable
from pathlib import Path

from deepmir.errors import DeepmirError
from deepmir.files.annotations import PAUSE, Annotation, Observation, joined
from deepmir.files.text import read_csv


def read(path: Path, duration: float) -> list[tuple[float, float]]:
    """Start and end of every word in seconds.

    Args:
        path: a table with the columns `word_start` and `word_end`.
        duration: of the recording in seconds; a word that ends after it is cut.

    Raises:
        DeepmirError: when the table is missing or empty, a time is not a number, a word ends before
            it starts, or starts outside the recording.
    """
    if not path.is_file():
        raise DeepmirError(f"{path}: the times of the words are missing")
    words = []
    (_, header), *rows = read_csv(path) or [(1, [])]
    for line, cells in rows:
        where, row = f"{path}, line {line}", dict(zip(header, cells, strict=False))
        try:
            # A spreadsheet may have saved them with decimal commas.
            start, end = (float(row[name].replace(",", ".")) for name in ("word_start", "word_end"))
        except (KeyError, ValueError):
            raise DeepmirError(f"{where}: word_start and word_end must be numbers") from None
        if not (math.isfinite(start) and math.isfinite(end) and 0 <= start <= end):
            raise DeepmirError(f"{where}: a word cannot last from {start} to {end} s")
        if start > duration:
            raise DeepmirError(
                f"{where}: a word starts at {start:.2f} s, but the recording ends at "
                f"{duration:.2f} s: it is another recording or truncated"
            )
        words.append((start, min(end, duration)))
    if not words:
        raise DeepmirError(f"{path}: it has no words")
    return words


def voice(words: Iterable[tuple[float, float]], non_lexical: bool) -> Annotation:
    """The singing intervals: a `tag_open` annotation of kind `voice`.

    Args:
        words: start and end of each in seconds; gaps of at most `PAUSE` are closed.
        non_lexical: whether there is other singing, which the annotation then states.
    """
    sandbox = {"kind": "voice"} | ({"non_lexical": "not annotated"} if non_lexical else {})
    sung = tuple(Observation(start, end - start, "voice") for start, end in joined(words, PAUSE))
    return Annotation("tag_open", sung, sandbox=sandbox)

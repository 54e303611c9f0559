"""Chords of the chorales with a harmonic analysis in the corpus.

The first twenty chorales in Riemenschneider's order are analysed in RomanText by A. Jones,
proofread by D. Tymoczko and H. Robb. The headers name the chorale; measures are counted as in the
score, including the pickup, which the tests verify with the notes.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

from deepmir_render.chords import UNKNOWN, quality_of
from deepmir_render.song import Chord
from deepmir_render.sources.corpus import corpus_path

FOLDER = "bach/choraleAnalyses"
ANALYSES = 20


def read_chords(bwv: str, end: float) -> tuple[Chord, ...]:
    """The chords of a chorale up to `end`; empty without an analysis.

    Args:
        bwv: number in the Bach-Werke-Verzeichnis, such as `269`.
        end: of the score, in quarter notes.
    """
    path = _analyses().get(bwv)
    if path is None:
        return ()
    from music21 import converter

    part = converter.parse(path.read_text(encoding="utf-8"), format="romantext").parts[0]
    numerals = list(part.recurse().getElementsByClass("RomanNumeral"))
    starts = [round(float(n.getOffsetInHierarchy(part)), 6) for n in numerals]
    spans = zip(starts, [*starts[1:], end], numerals, strict=True)
    return tuple(
        Chord(start, min(stop, end), *_harte(numeral))
        for start, stop, numeral in spans
        if start < min(stop, end)
    )


@cache
def _analyses() -> dict[str, Path]:
    """The files by chorale number, from their headers."""
    paths = [corpus_path(f"{FOLDER}/riemenschneider{n:03}.rntxt") for n in range(1, ANALYSES + 1)]
    numbers = [re.search(r"^BWV:\s*(\S+)", p.read_text(encoding="utf-8"), re.M) for p in paths]
    return {number[1]: path for number, path in zip(numbers, paths, strict=True) if number}


def _harte(numeral: Any) -> tuple[int | None, str]:
    """Root pitch class and quality with bass; `X` for a chord that has no label."""
    root = int(numeral.root().pitchClass)
    classes = {int(pitch.pitchClass) for pitch in numeral.pitches}
    quality = quality_of(root, classes, int(numeral.bass().pitchClass))
    return (root, quality) if quality else (None, UNKNOWN)

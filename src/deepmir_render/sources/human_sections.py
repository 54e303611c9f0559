"""Sections of the POP909 songs, labelled by two people phrase by phrase.

S. Dai, H. Zhang and R. Dannenberg, "Automatic analysis and influence of hierarchical structure on
melody, rhythm and harmony in popular music", CSMC/MuMe 2020. A label such as `i4A8A8b4o2` gives
each phrase a letter and its length in bars. Equal letters are equal music; a lower-case letter has
no melody, and `i` is an introduction, `o` an ending.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

from deepmir.errors import DeepmirError
from deepmir_render.song import Section

DIFFERENCE = 4  # bars: labels and chords that differ by more belong to different versions of a song
LOOSE = 4  # bars: longer music before or after the labelled bars is a section of its own
INTRODUCTION, ENDING = "i", "o"
_PHRASE = re.compile(r"([A-Za-z])(\d+)")


@dataclass(frozen=True)
class Phrase:
    """A phrase of whole bars; `letter` is upper-case if there is a melody."""

    letter: str
    bars: int


def read(path: Path) -> tuple[Phrase, ...]:
    """The phrases of a song.

    Raises:
        DeepmirError: when the file is missing or has an invalid label.
    """
    try:
        text = "".join(path.read_text(encoding="utf-8").split())
    except (OSError, ValueError) as error:
        raise DeepmirError(f"{path}: the human section label cannot be read ({error})") from None
    if not text or _PHRASE.sub("", text):
        raise DeepmirError(f"{path}: {text[:40]!r} is not a label such as i4A8A8b4o2")
    phrases = (Phrase(letter, int(bars)) for letter, bars in _PHRASE.findall(text))
    return tuple(phrase for phrase in phrases if phrase.bars > 0)


def starts(phrases: tuple[Phrase, ...]) -> tuple[int, ...]:
    """The first bar of each phrase, counted from 0, and the one after the last."""
    return tuple(accumulate((phrase.bars for phrase in phrases), initial=0))


def place(
    phrases: tuple[Phrase, ...], bars: Sequence[float], length: int, end: float
) -> tuple[Section, ...]:
    """The phrases as sections of a song, with their letters; repetitions stay separate.

    A few bars before the first or after the last phrase belong to it, such as those of a pickup or
    of a decaying chord.

    Args:
        phrases: of the song.
        bars: starts of its labelled bars, and the end of the last one, in quarter notes.
        length: of a bar in quarter notes.
        end: of the song in quarter notes.

    Returns:
        Sections without gaps from 0 to the end; empty if the number of labelled bars differs.
    """
    known, wanted = len(bars) - 1, starts(phrases)
    if abs(wanted[-1] - known) > DIFFERENCE:
        return ()
    placed = [bars[min(bar, known)] + max(0, bar - known) * length for bar in wanted]
    labels = [phrase.letter for phrase in phrases]
    if placed[0] > LOOSE * length and labels[0] != INTRODUCTION:
        placed.insert(0, 0.0)
        labels.insert(0, INTRODUCTION)
    if end - placed[-1] > LOOSE * length and labels[-1] != ENDING:
        placed.append(end)
        labels.append(ENDING)
    edges = [0.0, *(min(at, end) for at in placed[1:-1]), end]
    return tuple(
        Section(start, stop, label)
        for (start, stop), label in zip(pairwise(edges), labels, strict=True)
        if start < stop
    )

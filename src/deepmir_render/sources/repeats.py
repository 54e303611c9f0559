"""The sections of a score: its repeat signs and double bars, and equal sections."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from string import ascii_uppercase
from typing import Any

from deepmir_render.song import TOLERANCE, Note, Section, Song

SHORTEST = 2  # bars: anything shorter is an ending or a link of the previous section
DOUBLE = ("double", "light-light", "final", "heavy-heavy", "heavy-light", "light-heavy")


def barline_marks(part: Any, measures: Sequence[tuple[int, float, float]]) -> list[float]:
    """Positions at which a repeat sign or a double bar ends or starts a section.

    Args:
        part: of `music21`.
        measures: played ones: index in the part, start, and length in quarter notes.
    """
    columns = list(part.getElementsByClass("Measure"))
    last_of_ending = _last_measures_of_second_endings(part)
    marks = []
    for index, start, length in measures:
        measure = columns[index]
        if _direction(measure.leftBarline) == "start":
            marks.append(start)
        if _ends_section(measure.rightBarline) or id(measure) in last_of_ending:
            marks.append(start + length)
    return marks


def fermata_marks(part: Any, measures: Sequence[tuple[int, float, float]]) -> list[float]:
    """Positions at which a note with a fermata ends: the ends of a chorale's lines."""
    columns = list(part.getElementsByClass("Measure"))
    return [
        start + float(note.offset) + float(note.duration.quarterLength)
        for index, start, _ in measures
        for note in columns[index].recurse().notes
        if any("Fermata" in expression.classes for expression in note.expressions)
    ]


def _last_measures_of_second_endings(part: Any) -> set[int]:
    brackets = [b for b in part.recurse().getElementsByClass("RepeatBracket") if b.number == "2"]
    return {id(bracket.getLast()) for bracket in brackets}


def _direction(barline: Any) -> str:
    return str(getattr(barline, "direction", ""))


def _ends_section(barline: Any) -> bool:
    return _direction(barline) == "end" or getattr(barline, "type", "") in DOUBLE


def find_sections(song: Song, marks: Sequence[float], phrases: Sequence[float]) -> Song:
    """The song with its sections.

    Args:
        song: without sections.
        marks: positions of repeat signs and double bars, in quarter notes.
        phrases: ends of phrases, for a song without such marks; it is split at the one nearest to
            its middle, or at the middle itself if that is a bar line.
    """
    starts = _kept(song, marks) or _kept(song, _middle(song, phrases))
    edges = [0.0, *starts, song.end]
    known: dict[tuple[tuple[float, float, int], ...], str] = {}
    sections = []
    for start, end in pairwise(edges):
        letter = ascii_uppercase[min(len(known), len(ascii_uppercase) - 1)]
        label = known.setdefault(_content(song.melody, start, end), letter)
        sections.append(Section(start, end, label))
    return replace(song, sections=tuple(sections))


def _kept(song: Song, marks: Sequence[float]) -> list[float]:
    """The marks that leave at least `SHORTEST` bars on either side."""
    least = SHORTEST * song.metre.bar_length - TOLERANCE
    kept: list[float] = []
    for mark in sorted({round(mark, 6) for mark in marks}):
        if mark - (kept[-1] if kept else 0.0) >= least and song.end - mark >= least:
            kept.append(mark)
    return kept


def _middle(song: Song, phrases: Sequence[float]) -> list[float]:
    if phrases:
        return [min(phrases, key=lambda mark: abs(mark - song.end / 2))]
    bars = round(song.end / song.metre.bar_length, 3)
    return [song.end / 2] if bars % 4 == 0 and bars > 4 else []


def _content(
    melody: Sequence[Note], start: float, end: float
) -> tuple[tuple[float, float, int], ...]:
    """The notes of a section, relative to its start: sections with equal ones are alike."""
    return tuple(
        (round(note.start - start, 3), round(min(note.end, end) - start, 3), note.pitch)
        for note in melody
        if start - TOLERANCE <= note.start < end - TOLERANCE
    )

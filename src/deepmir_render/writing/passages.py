"""Passages: which part of a song is played, or in which order the sections of a short one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from deepmir_render.writing.notation import ChordSpan, Section
from deepmir_render.writing.song import Bar, KeySpan, Song, SongNote

LEAST = 1e-3  # quarter notes below which nothing is left of a note
SAME_AGAIN = 0.25  # probability that a section of a short song is repeated at once

Span = TypeVar("Span", SongNote, ChordSpan, KeySpan, Section)


def choose(song: Song, quarters: float, rng: np.random.Generator) -> Song:
    """A passage of about so many quarter notes.

    Of a longer song it is a window of whole sections (of whole bars, where none are known); the
    sections of a shorter one are played in an order that is drawn, some of them several times.

    Args:
        song: the whole song.
        quarters: wanted length; infinite for the song from beginning to end.
        rng: what is drawn from.
    """
    if song.end <= quarters < np.inf:
        return _ordered(song, quarters, rng)
    if quarters == np.inf:
        return song
    edges = [s.start for s in song.sections] or [bar.start for bar in song.bars[::4]]
    edges = [edge for edge in edges if edge < song.end - 1e-6]
    starts = [edge for edge in edges if song.end - edge >= 0.8 * quarters] or edges[:1]
    start = starts[int(rng.integers(len(starts)))]
    ends = [*(edge for edge in edges if edge > start), song.end]
    # One section more or less: the end that is nearest to what is wanted.
    end = min(ends, key=lambda edge: abs(edge - start - quarters))
    if end - start > 1.4 * quarters:
        bars = [bar.start for bar in song.bars if start < bar.start <= start + quarters]
        end = bars[-1] if bars else end
    return cut(song, start, end)


def cut(song: Song, start: float, end: float) -> Song:
    """What a song has from one bar line to another, its notes cut where they cross the edges."""
    return replace(
        song,
        melody=_inside(song.melody, start, end),
        second=_inside(song.second, start, end),
        accompaniment=_inside(song.accompaniment, start, end),
        bars=tuple(
            Bar(b.start - start, b.metre) for b in song.bars if start - 1e-6 <= b.start < end - 1e-6
        ),
        end=end - start,
        chords=_inside(song.chords, start, end, whole=False),
        keys=_inside(song.keys, start, end, whole=False),
        sections=_inside(song.sections, start, end, whole=False),
    )


def _inside(
    spans: Sequence[Span], start: float, end: float, whole: bool = True
) -> tuple[Span, ...]:
    """The spans inside of a passage, from its start; notes that began before it are left out."""
    return tuple(
        replace(s, start=max(s.start, start) - start, end=min(s.end, end) - start)
        for s in spans
        if min(s.end, end) - max(s.start, start) > LEAST and (not whole or s.start >= start - 1e-6)
    )


def _ordered(song: Song, quarters: float, rng: np.random.Generator) -> Song:
    """Sections of a short song in their order, again and again, until the length is there."""
    sections = song.sections or (Section(0.0, song.end, "A"),)
    passages: list[Section] = []
    length, index, again = 0.0, 0, False
    while not passages or length < 0.8 * quarters:
        section = sections[index % len(sections)]
        passages.append(section)
        length += section.end - section.start
        again = not again and bool(rng.random() < SAME_AGAIN)
        index += not again
    return joined([cut(song, *_on_bars(song, p)) for p in passages], passages)


def _on_bars(song: Song, section: Section) -> tuple[float, float]:
    """The bar lines nearest to the edges of a section."""
    lines = [*(bar.start for bar in song.bars), song.end]
    start = min(lines[:-1], key=lambda line: abs(line - section.start))
    return start, min((line for line in lines if line > start), key=lambda x: abs(x - section.end))


def joined(parts: Sequence[Song], sections: Sequence[Section]) -> Song:
    """Passages one after the other, each a section of its own."""
    starts = np.concatenate([[0.0], np.cumsum([part.end for part in parts])]).tolist()
    end = starts.pop()
    placed = list(zip(parts, starts, strict=True))

    def all_of(name: str) -> tuple[Span, ...]:
        return tuple(
            replace(s, start=s.start + at, end=s.end + at)
            for part, at in placed
            for s in getattr(part, name)
        )

    edges = [*starts[1:], end]
    return replace(
        parts[0],
        melody=all_of("melody"),
        second=all_of("second"),
        accompaniment=all_of("accompaniment"),
        bars=tuple(Bar(b.start + at, b.metre) for part, at in placed for b in part.bars),
        end=end,
        chords=all_of("chords"),
        keys=all_of("keys"),
        sections=tuple(
            Section(a, b, s.label) for a, b, s in zip(starts, edges, sections, strict=True)
        ),
    )


def transposed(song: Song, semitones: int) -> Song:
    """The song in another key."""

    def moved(notes: Sequence[SongNote]) -> tuple[SongNote, ...]:
        return tuple(replace(note, pitch=note.pitch + semitones) for note in notes)

    return replace(
        song,
        melody=moved(song.melody),
        second=moved(song.second),
        accompaniment=moved(song.accompaniment),
        chords=tuple(
            c if c.root is None else replace(c, root=(c.root + semitones) % 12) for c in song.chords
        ),
        keys=tuple(replace(k, tonic=(k.tonic + semitones) % 12) for k in song.keys),
    )


def in_double_time(song: Song) -> Song:
    """The song notated in values twice as long, each bar as two: its beat is twice as fast."""

    def moved(spans: Sequence[Span]) -> tuple[Span, ...]:
        return tuple(replace(s, start=2 * s.start, end=2 * s.end) for s in spans)

    return replace(
        song,
        melody=moved(song.melody),
        second=moved(song.second),
        accompaniment=moved(song.accompaniment),
        bars=tuple(
            Bar(2 * bar.start + half * bar.metre.bar_length, bar.metre)
            for bar in song.bars
            for half in (0, 1)
        ),
        end=2 * song.end,
        chords=moved(song.chords),
        keys=moved(song.keys),
        sections=moved(song.sections),
        bpm=2 * song.bpm,
    )

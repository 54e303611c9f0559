"""Passages: the part of a song that is played, the order of its sections, and double time.

Passages begin and end anywhere: each is played from its notated position in the bar.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from deepmir_render.song import TOLERANCE, Bar, Key, Note, Section, Song, Span, changed

LEAST = 1e-3  # quarter notes below which a note has no remaining length
INTRODUCTION = "i"
INTRODUCED = 0.35  # probability of an introduction
AGAIN, BACK = 0.35, 0.15  # probability of repeating a section, or of returning to the first


def once(song: Song, low: float, high: float) -> Song:
    """The song from its beginning, without sections: twice if it is short, cut if it is long.

    Args:
        song: the whole song.
        low: quarter notes below which it is played twice.
        high: quarter notes after which it is cut, at the last bar line before.
    """
    whole = Section(0.0, song.end, "A")
    played = unroll(song, [whole] * (2 if song.end < low else 1))
    if played.end > high:
        played = cut(played, 0.0, max(bar.start for bar in played.bars if bar.start <= high))
    return replace(played, sections=())


def form(song: Song, low: float, high: float, introduced: bool, rng: np.random.Generator) -> Song:
    """The sections of a song in a random order, some of them several times.

    Args:
        song: the whole song; one without sections is one section.
        low: minimum length in quarter notes.
        high: maximum length in quarter notes; a longer section is cut.
        introduced: whether it may have an introduction: its first bars without the melody.
        rng: random number generator.
    """
    sections = song.sections or (Section(0.0, song.end, "A"),)
    wanted = float(rng.uniform(low, high))
    passages: list[Section] = []
    length, index, again = 0.0, 0, False
    while length < low or length < wanted:
        section = sections[index % len(sections)]
        last = length + section.end - section.start
        if passages and last > high and length >= min(low, 0.6 * high):
            break
        passages.append(section)
        length = last
        draw = float(rng.random())
        again = not again and draw < AGAIN
        index = 0 if not again and draw > 1 - BACK else index if again else index + 1
    first = passages[0]
    if first.end - first.start > high:
        bar = song.metre.bar_length
        passages = [replace(first, end=first.start + bar * max(1, int(high // bar)))]
    bars, draw = (2, 4)[int(rng.integers(2))], float(rng.random())
    if introduced and draw < INTRODUCED:
        passages = [*_introduction(song, passages[0], bars), *passages]
    return unroll(song, passages)


def _introduction(song: Song, first: Section, bars: int) -> list[Section]:
    """Some bars of the first passage, without its pickup, ending where the pickup starts."""
    bar = song.metre.bar_length
    pickup = _place(song.bars[0].start - first.start, bar)
    length = bars * bar - pickup
    if first.end - first.start < pickup + length:
        return []
    return [Section(first.start + pickup, first.start + pickup + length, INTRODUCTION)]


def window(song: Song, quarters: float, rng: np.random.Generator) -> Song:
    """A passage of about the given number of quarter notes.

    For a longer song it is a window of whole sections (or whole bars, if none are known); the
    sections of a shorter one are played in a form.

    Args:
        song: the whole song.
        quarters: target length; infinite for the whole song.
        rng: random number generator.
    """
    if quarters == np.inf:
        return song
    if song.end <= quarters:
        return form(song, 0.8 * quarters, 1.2 * quarters, False, rng)
    edges = [s.start for s in song.sections] or [max(0.0, bar.start) for bar in song.bars[::4]]
    edges = [edge for edge in edges if edge < song.end - 1e-6]
    starts = [edge for edge in edges if song.end - edge >= 0.8 * quarters] or edges[:1]
    start = starts[int(rng.integers(len(starts)))]
    ends = [*(edge for edge in edges if edge > start), song.end]
    # One section more or less: the end closest to the target.
    end = min(ends, key=lambda edge: abs(edge - start - quarters))
    if end - start > 1.4 * quarters:
        bars = [bar.start for bar in song.bars if start < bar.start <= start + quarters]
        end = bars[-1] if bars else end
    return cut(song, start, end)


def cut(song: Song, start: float, end: float) -> Song:
    """The content of a song from one position to another, with notes cut at the end."""
    bars = [b for b in song.bars if b.start < end - TOLERANCE]
    first = max(i for i, b in enumerate(bars) if i == 0 or b.start <= start + TOLERANCE)

    def inside(spans: Sequence[Span]) -> tuple[Span, ...]:
        """The spans from the passage's start on; notes that began before it are left out."""
        return tuple(
            replace(s, start=round(max(s.start, start) - start, 6), end=round(stop - start, 6))
            for s in spans
            for stop in (min(s.end, end),)
            if stop - max(s.start, start) > LEAST
            and (not isinstance(s, Note) or s.start >= start - TOLERANCE)
        )

    return replace(
        changed(song, inside),
        bars=tuple(Bar(round(b.start - start, 6) + 0.0, b.metre) for b in bars[first:]),
        end=round(end - start, 6),
    )


def unroll(song: Song, passages: Sequence[Section]) -> Song:
    """Passages of a song in sequence, each a section of its own.

    If one passage ends at another position in the bar than the next starts from, there is a rest
    in between. An introduction has no melody.
    """
    pieces = [cut(song, p.start, p.end) for p in passages]
    pieces = [
        replace(piece, melody=(), second=()) if p.label == INTRODUCTION else piece
        for piece, p in zip(pieces, passages, strict=True)
    ]
    bars: list[Bar] = []
    starts: list[float] = []
    now = 0.0
    for piece in pieces:
        place = -piece.bars[0].start
        if bars:
            length = bars[-1].metre.bar_length
            now += _place(place - _place(now - bars[-1].start, length), length)
        starts.append(now := round(now, 6))
        for bar in piece.bars:
            if not bars or bar.start + now > bars[-1].start + TOLERANCE:
                bars.append(Bar(round(bar.start + now, 6) + 0.0, bar.metre))
        now += piece.end
    end = round(now, 6)
    moved = [_later(piece, at) for piece, at in zip(pieces, starts, strict=True)]
    edges = zip(starts, [*starts[1:], end], passages, strict=True)
    return replace(
        song,
        melody=tuple(n for piece in moved for n in piece.melody),
        second=tuple(n for piece in moved for n in piece.second),
        parts=tuple(
            replace(part, notes=tuple(n for piece in moved for n in piece.parts[index].notes))
            for index, part in enumerate(song.parts)
        ),
        bars=tuple(bars),
        end=end,
        chords=tuple(chord for piece in moved for chord in piece.chords),
        keys=_gapless([key for piece in moved for key in piece.keys], end),
        sections=tuple(Section(start, stop, p.label) for start, stop, p in edges),
    )


def _later(song: Song, by: float) -> Song:
    def moved(spans: Sequence[Span]) -> tuple[Span, ...]:
        return tuple(
            replace(s, start=round(s.start + by, 6), end=round(s.end + by, 6)) for s in spans
        )

    return changed(song, moved)


def _gapless(keys: Sequence[Key], end: float) -> tuple[Key, ...]:
    """Keys that last until the next one, with equal ones joined."""
    kept = [k for i, k in enumerate(keys) if not i or _of(k) != _of(keys[i - 1])]
    ends = [*(key.start for key in kept[1:]), end]
    return tuple(replace(key, end=stop) for key, stop in zip(kept, ends, strict=True))


def _of(key: Key) -> tuple[int, str]:
    return key.tonic, key.mode


def _place(position: float, bar: float) -> float:
    """The position in a bar, 0 if rounding puts it just before the next one."""
    place = position % bar
    return 0.0 if bar - place < TOLERANCE else place


def in_double_time(song: Song) -> Song:
    """The song notated in doubled values, each bar as two: its beat is twice as fast."""

    def moved(spans: Sequence[Span]) -> tuple[Span, ...]:
        return tuple(replace(s, start=2 * s.start, end=2 * s.end) for s in spans)

    bars = [
        Bar(2 * bar.start + half * bar.metre.bar_length, bar.metre)
        for bar in song.bars
        for half in (0, 1)
    ]
    first = max(i for i, bar in enumerate(bars) if not i or bar.start <= TOLERANCE)
    return replace(
        changed(song, moved),
        bars=tuple(bar for bar in bars[first:] if bar.start < 2 * song.end - TOLERANCE),
        end=2 * song.end,
        bpm=2 * song.bpm,
    )

"""The form of a song: which sections of a score are played, in which order, after what."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from deepmir_render.writing.notation import TOLERANCE, ChordSpan, Note, Part, Score, Section

SHORTEST, LONGEST = 40.0, 72.0  # seconds that a form should take
INTRODUCTION = "I"
INTRODUCED = 0.35  # probability of an introduction
# Orders of as many sections as the key says; a score with more sections leaves out its last ones.
FORMS = {
    1: ("A", "AA", "AAA", "AAAA"),
    2: (
        *("AB", "AAB", "ABB", "ABA", "AABB", "ABAB", "ABBA", "AABA", "AABBA", "AABAB", "ABABA"),
        *("AABBAB", "ABABAB", "AABABA", "AABBAA", "AABBABA", "AABBAABB", "ABABABAB"),
    ),
    3: ("ABC", "AABC", "ABCA", "ABAC", "AABBC", "ABACA", "ABCAB", "AABBCC", "ABCABC", "AABBCCA"),
    4: ("ABCD", "ABCDA", "ABACAD", "AABBCCD", "AABBCCDD"),
}


Span = TypeVar("Span", Note, ChordSpan)


def draw_form(
    score: Score, bpm: float, introduced: bool, rng: np.random.Generator
) -> tuple[Section, ...]:
    """Draw which passages of a score are played, in their order.

    A passage is a section of the score, or the bars of one that are an introduction.

    Args:
        score: with sections.
        bpm: tempo in beats per minute.
        introduced: whether there is an accompaniment that may play an introduction.
        rng: what is drawn from.
    """
    second = bpm * score.metre.beat_length / 60
    orders = _orders(score.sections)
    lengths = [sum(s.end - s.start for s in order) / second for order in orders]
    misfits = [max(SHORTEST - length, length - LONGEST, 0.0) for length in lengths]
    fitting = [order for order, m in zip(orders, misfits, strict=True) if m == min(misfits)]
    order = fitting[int(rng.integers(len(fitting)))]
    passages = _cut(order, LONGEST * second, score)
    bars, wanted = (2, 4)[int(rng.integers(2))], rng.random() < INTRODUCED
    if not (introduced and wanted):
        return passages
    return (*_introduction(score, passages[0], bars), *passages)


def _orders(sections: Sequence[Section]) -> list[list[Section]]:
    counts = range(min(2, len(sections)), min(len(sections), max(FORMS)) + 1)
    return [[sections["ABCD".index(s)] for s in form] for n in counts for form in FORMS[n]]


def _cut(passages: list[Section], longest: float, score: Score) -> tuple[Section, ...]:
    """Without what is beyond the longest time, or its first bars where one passage is longer."""
    bar, total, kept = score.metre.bar_length, 0.0, list[Section]()
    for passage in passages:
        total += passage.end - passage.start
        if kept and total > longest + TOLERANCE:
            break
        kept.append(passage)
    first = kept[0]
    if first.end - first.start > longest:
        return (replace(first, end=first.start + bar * max(1, int(longest // bar))),)
    return tuple(kept)


def _introduction(score: Score, first: Section, bars: int) -> tuple[Section, ...]:
    """Some bars of the first passage, without its pickup, that end where the pickup starts."""
    bar = score.metre.bar_length
    pickup = (score.bars[0] - first.start) % bar
    pickup = 0.0 if bar - pickup < TOLERANCE else pickup
    length = bars * bar - pickup
    if first.end - first.start < pickup + length:
        return ()
    return (Section(first.start + pickup, first.start + pickup + length, INTRODUCTION),)


def unroll(score: Score, passages: Sequence[Section]) -> Score:
    """The score as its passages are played, each on the place in the bar where it is notated.

    Where one passage ends on another place than the next starts from, there is a rest between.
    """
    bar = score.metre.bar_length
    offset = _place(passages[0].start - score.bars[0], bar)
    now, starts = 0.0, list[float]()
    for passage in passages:
        wanted = _place(passage.start - score.bars[0], bar)
        now += _place(wanted - _place(now + offset, bar), bar)
        starts.append(round(now, 6))
        now += passage.end - passage.start
    end = round(now, 6)
    placed = list(zip(passages, starts, strict=True))
    parts = tuple(
        Part(part.name, tuple(n for p, at in placed for n in _moved(part.notes, p, at)))
        for part in score.parts
    )
    spans = zip(passages, starts, [*starts[1:], end], strict=True)
    return replace(
        score,
        parts=parts,
        bars=tuple(round(b, 6) + 0.0 for b in np.arange(-offset, end - 1e-3, bar)),
        end=end,
        chords=tuple(c for p, at in placed for c in _moved(score.chords, p, at)),
        sections=tuple(Section(start, stop, p.label) for p, start, stop in spans),
    )


def _place(position: float, bar: float) -> float:
    """The position in a bar, 0 where rounding has it just before the next one."""
    place = position % bar
    return 0.0 if bar - place < TOLERANCE else place


def _moved(spans: Sequence[Span], passage: Section, target: float) -> list[Span]:
    """What is inside a passage, moved so that the passage starts at `target`."""
    shift = target - passage.start
    return [
        replace(
            span,
            start=round(max(span.start, passage.start) + shift, 6),
            end=round(min(span.end, passage.end) + shift, 6),
        )
        for span in spans
        if _starts_inside(span, passage)
    ]


def _starts_inside(span: Note | ChordSpan, passage: Section) -> bool:
    """Whether it starts in a passage; a chord may have started before and go on."""
    first = span.end - TOLERANCE if isinstance(span, ChordSpan) else span.start + TOLERANCE
    return first >= passage.start and span.start < passage.end - TOLERANCE

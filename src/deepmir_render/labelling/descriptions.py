"""Annotations of intervals and of the whole recording: who sounds when, sections, genre, mood."""

from collections.abc import Iterable

from deepmir.files.annotations import Annotation
from deepmir_render.labelling.facts import Facts
from deepmir_render.labelling.mood import mood
from deepmir_render.labelling.observations import annotation, seconds, span
from deepmir_render.labelling.tags import tags
from deepmir_render.playing.performance_plain import SAMPLE_RATE, Performance, PlayedPart

SILENCE = 0.5  # seconds: a shorter gap does not interrupt an instrument
PAUSE = 0.25  # seconds: a longer one interrupts singing
Span = tuple[int, int]  # first sample and the one after the last


def describe(performance: Performance, facts: Facts) -> list[Annotation]:
    """Instruments, mood, tags and, where it is known, genre."""
    everywhere = (0.0, performance.duration)
    described = [
        instruments(performance.parts),
        annotation("mood_thayer", [span(*everywhere, list(mood(facts)))]),
        annotation("tag_open", (span(*everywhere, tag) for tag in tags(facts)), kind="tags"),
    ]
    if facts.genre:
        described.append(annotation("tag_open", [span(*everywhere, facts.genre)], kind="genre"))
    return described


def instruments(parts: Iterable[PlayedPart]) -> Annotation:
    """The intervals in which each instrument sounds."""
    notes: dict[str, list[Span]] = {}
    for part in parts:
        notes.setdefault(part.instrument.name, []).extend((n.start, n.end) for n in part.notes)
    ordered = sorted(
        (*interval, name) for name, spans in notes.items() for interval in joined(spans, SILENCE)
    )
    return annotation(
        "tag_open",
        (span(seconds(start), seconds(end), name) for start, end, name in ordered),
        kind="instrument",
    )


def voice(spans: Iterable[Span], pause: float = PAUSE) -> Annotation:
    """The intervals in which somebody sings; a gap longer than `pause` seconds interrupts them."""
    return annotation(
        "tag_open",
        (span(seconds(start), seconds(end), "voice") for start, end in joined(spans, pause)),
        kind="voice",
    )


def sections(performance: Performance) -> Annotation:
    """Sections without gaps, the silence before and after the music in the first and the last."""
    parts, curve = performance.arrangement.score.sections, performance.curve
    starts = [0.0, *(curve.at(section.start) for section in parts[1:])]
    ends = [*starts[1:], performance.duration]
    rows = zip(starts, ends, parts, strict=True)
    return annotation("segment_open", (span(start, end, s.label) for start, end, s in rows))


def joined(spans: Iterable[Span], gap: float) -> list[Span]:
    """Union of intervals, with gaps of at most so many seconds closed."""
    union: list[Span] = []
    for start, end in sorted(spans):
        if union and start - union[-1][1] <= gap * SAMPLE_RATE:
            union[-1] = union[-1][0], max(union[-1][1], end)
        else:
            union.append((start, end))
    return union

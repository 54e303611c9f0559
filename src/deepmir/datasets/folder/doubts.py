"""How implausible the rows of a table are: used to guess columns without a header.

A row with a doubt of 1 cannot be correct; smaller doubts only decide between readings.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest

from deepmir.datasets.folder.events import BEYOND, HERTZ, ROUNDING, TEMPI, is_position
from deepmir.datasets.folder.kinds import NO_VOICE, VOICE, key_mode, position_of
from deepmir.datasets.folder.rows import Doubts, Row

LOWEST = 12.0  # MIDI number of C0, at 16 Hz: what is below is no pitch

# Namespaces whose rows follow one another, and those whose rows are instants.
SEPARATE = frozenset({"chord", "segment_open", "voice", "key_mode"})
INSTANTS = frozenset({"beat", "onset", "pitch_contour"})

NUMBERED = re.compile(r"[-+]?\d+(?:\.\d+)?")
WHOLE = re.compile(r"\d+")


def of(namespace: str, duration: float) -> Doubts:
    """The doubts about rows of a namespace, of a recording of `duration` seconds."""

    def doubts(rows: Sequence[Row], separator: str) -> list[float]:
        triples = zip_longest([None, *rows[:-1]], rows, rows[1:])
        found = [
            max(_of_row(namespace, row, before, after, separator, duration), default=0.0)
            for before, row, after in triples
            if row is not None
        ]
        if _all_apart(namespace, rows):
            return [1.0] * len(found)
        return found

    return doubts


def _of_row(
    namespace: str,
    row: Row,
    before: Row | None,
    after: Row | None,
    separator: str,
    duration: float,
) -> Iterator[float]:
    yield from _times(namespace, row, before, after)
    if max(row.start, row.end or 0.0) > duration + BEYOND:
        yield 0.5
    yield from _numbers(row, before)
    if namespace == "beat":
        yield from _counts(row, before)
        # Beats at whole seconds, with bars: their commas are decimal, and separate columns too.
        yield float("bar" in row.numbers and separator == "," and row.start.is_integer())
    yield from _words(namespace, row, separator)


def _times(namespace: str, row: Row, before: Row | None, after: Row | None) -> Iterator[float]:
    start, end = row.start, row.end
    if start < 0 or (end is not None and end < start):
        yield 1.0
    ordered = namespace in SEPARATE | INSTANTS
    if ordered and before is not None:
        again = start == before.start and namespace in INSTANTS
        yield float(start < before.start or again)
    if namespace == "beat" and end is not None:
        yield float(end != start)  # what Audacity writes for an instant
    if end is None or after is None:
        return
    if ordered and end > after.start + ROUNDING:
        yield 1.0
    if namespace in ("chord", "segment_open") and end < after.start - ROUNDING:
        yield 0.25
    if namespace == "note_midi" and end == start:
        yield 0.5


def _all_apart(namespace: str, rows: Sequence[Row]) -> bool:
    """Whether chords or sections with durations never follow one another: then they have none."""
    if namespace not in ("chord", "segment_open") or not rows or "duration" not in rows[0].numbers:
        return False
    pairs = [(row.end, after.start) for row, after in pairwise(rows)]
    return bool(pairs) and all(end is not None and end < start - ROUNDING for end, start in pairs)


def _numbers(row: Row, before: Row | None) -> Iterator[float]:
    numbers = row.numbers
    yield float(not LOWEST <= numbers.get("pitch", LOWEST) <= 127)
    yield float(not 0 <= numbers.get("velocity", 0.0) <= 127)
    for name, (low, high) in (("hertz", HERTZ), ("melody", HERTZ), ("midi", (LOWEST, 127.0))):
        if name in numbers:
            yield float(numbers[name] > 0 and not low <= numbers[name] <= high)
    if "bpm" in numbers:
        yield float(not TEMPI[0] <= numbers["bpm"] <= TEMPI[1])
    if "value" in numbers and "duration" not in numbers:
        # The height of a text in Sonic Visualiser; any other number may be a duration.
        yield 0.1 if 0 < numbers["value"] < 1 else 1.0
    if "bar" in numbers:
        yield float(numbers["bar"] % 1 != 0)
        yield float(before is not None and numbers["bar"] < before.numbers.get("bar", 0))


def _counts(row: Row, before: Row | None) -> Iterator[float]:
    position = position_of(row)
    if position is not None:
        yield float(not is_position(position))
        last = None if before is None else position_of(before)
        if last is not None and position not in (last + 1, 1):
            yield 0.5


def _words(namespace: str, row: Row, separator: str) -> Iterator[float]:
    if "key" in row.words:
        yield float(key_mode(row.words["key"]) is None)
    label = row.words.get("label")
    if label is None:
        return
    if namespace == "voice":
        yield float(label.lower() not in VOICE | NO_VOICE)
    if namespace == "chord":
        yield float(label[:1].isdigit())
    if namespace == "onset" and separator == "," and WHOLE.fullmatch(label):
        yield float(row.start.is_integer())
    number = NUMBERED.match(label)
    if number and row.end is None:
        yield float(label[number.end() :].startswith((separator, "\t", ";", ",")))

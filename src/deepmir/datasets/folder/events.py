"""The contents of annotation files: events with their place in the file, and rules for them.

A rule takes events in the order of their file, the length of the recording in seconds and the
findings of the file. An error cannot be correct; a warning may be a mistake.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from deepmir.datasets.folder.problems import Findings
from deepmir.files.annotations import Annotation, Observation


@dataclass(frozen=True)
class Event:
    """A statement about an interval of a recording.

    Attributes:
        line: of the event; see :class:`deepmir.datasets.folder.problems.Problem`.
        start: in seconds.
        end: in seconds; as the start for an instant.
        value: as defined by the namespace.
        confidence: in [0, 1], or None.
    """

    line: int
    start: float
    end: float
    value: Any = None
    confidence: float | None = None


def annotation(
    namespace: str, events: Iterable[Event], duration: float, **sandbox: Any
) -> Annotation:
    """Events as an annotation of a recording, in order of time, to the microsecond.

    Intervals are cut at the end of the recording; events outside it are left out.

    Args:
        namespace: of JAMS.
        events: in any order.
        duration: of the recording in seconds.
        sandbox: of the annotation.
    """
    # JAMS asks for the confidence of a tempo; a person is sure.
    unstated = 1.0 if namespace == "tempo" else None
    found = []
    for event in sorted(events, key=lambda e: (e.start, e.end)):
        start, end = (round(min(time, duration), 6) for time in (event.start, event.end))
        if event.start <= duration and (event.start == event.end or end > start):
            lasting = round(end - start, 6)
            sure = unstated if event.confidence is None else event.confidence
            found.append(Observation(start, lasting, event.value, sure))
    return Annotation(namespace, tuple(found), sandbox=sandbox)


def of_annotation(found: Annotation) -> Sequence[Event]:
    """The observations of an annotation as events, counted from 1."""
    return [
        Event(number, o.time, o.time + o.duration, o.value)
        for number, o in enumerate(found.observations, 1)
    ]


Rule = Callable[[Sequence[Event], float, Findings], None]

# Seconds. Encoders of MP3 add up to a tenth at the ends, and some annotators write whole tenths.
BEYOND = 0.25
# Seconds that rounding may put between the end of one interval and the start of the next.
ROUNDING = 0.02

TEMPI = (30.0, 285.0)  # BPM of the task `tempo`
MOST_BEATS = 32  # in a bar: talas of 28 beats are among the longest that are counted so
HERTZ = (30.0, 5000.0)  # of a melody: from below a bass's range to above the piano's


def times(events: Sequence[Event], duration: float, findings: Findings) -> None:
    """Not negative, not backwards, in the recording."""
    for event in events:
        if event.start < 0:
            findings.error(event.line, f"the time {event.start:g} s is negative")
        elif event.end < event.start:
            findings.error(
                event.line, f"it ends at {event.end:g} s, before it starts at {event.start:g} s"
            )
        elif event.start > duration + BEYOND:
            findings.error(
                event.line,
                f"{event.start:g} s is after the end of the recording at {duration:.2f} "
                "s: is it from another version?",
            )
        elif event.end > duration + BEYOND:
            findings.warning(
                event.line,
                f"it ends at {event.end:g} s, but the recording at {duration:.2f} s; it "
                "is cut there",
            )


def ascending(events: Sequence[Event], duration: float, findings: Findings) -> None:
    """Each starts after the one before it."""
    for before, event in pairwise(events):
        if event.start < before.start:
            findings.error(
                event.line, f"{event.start:g} s comes after {before.start:g} s: sort the rows"
            )
        elif event.start == before.start:
            findings.warning(event.line, f"{event.start:g} s appears twice")


def lasting(events: Sequence[Event], duration: float, findings: Findings) -> None:
    """An interval has a length."""
    for event in events:
        if event.start == event.end:
            findings.warning(event.line, "it has no length and is left out")


def separate(events: Sequence[Event], duration: float, findings: Findings) -> None:
    """No two overlap; those that are out of order are another error."""
    for before, event in pairwise(_valid(events, duration)):
        if before.start < event.start < before.end - ROUNDING:
            findings.error(
                event.line,
                f"it overlaps the one before: it starts at {event.start:g} s, but the "
                f"other ends at {before.end:g} s",
            )


def without_gaps(events: Sequence[Event], duration: float, findings: Findings) -> None:
    """Each starts where the one before it ends."""
    for before, event in pairwise(_valid(events, duration)):
        if event.start > before.end + ROUNDING:
            findings.warning(
                event.line,
                f"there is a gap before it, from {before.end:g} to {event.start:g} s",
            )


def _valid(events: Sequence[Event], duration: float) -> list[Event]:
    """The events whose own times are possible."""
    return [e for e in events if 0 <= e.start <= min(e.end, duration + BEYOND)]


def positions(events: Sequence[Event], duration: float, findings: Findings) -> None:
    """Positions in the bar are whole numbers from 1 on."""
    for event in events:
        if event.value is not None and not is_position(event.value):
            findings.error(
                event.line,
                f"the position in the bar is {event.value:g}: it must count 1, 2, 3 ... "
                f"up to {MOST_BEATS}",
            )


def is_position(value: float) -> bool:
    """Whether a number may be a position in a bar."""
    return 1 <= value <= MOST_BEATS and value % 1 == 0


def bars(events: Sequence[Event], duration: float, findings: Findings) -> None:
    """Positions in the bar count up to the next downbeat, and no bar is odd between equal ones."""
    known = [e for e in events if e.value is not None and is_position(e.value)]
    for before, event in pairwise(known):
        if event.value not in (before.value + 1, 1):
            findings.warning(
                event.line, f"position {event.value} in the bar follows {before.value}"
            )
    downbeats = [place for place, event in enumerate(known) if event.value == 1]
    lengths = [after - place for place, after in pairwise(downbeats)]
    usual = max(lengths, key=lengths.count, default=0)
    for index in range(1, len(lengths) - 1):
        before_it, length, after_it = lengths[index - 1 : index + 2]
        whole = known[downbeats[index + 1] - 1].value == length
        if whole and length != before_it == after_it == usual:
            findings.warning(
                known[downbeats[index + 1]].line,
                f"a downbeat after {length} beats, although most bars have {usual}",
            )


def pace(events: Sequence[Event], duration: float, findings: Findings) -> None:
    """The beats have a tempo that music has."""
    apart = np.diff(sorted(event.start for event in events))
    if apart.size and not TEMPI[0] <= (bpm := 60 / max(float(np.median(apart)), 1e-6)) <= TEMPI[1]:
        findings.warning(
            events[0].line,
            f"the beats are {np.median(apart):.3g} s apart, {bpm:.4g} BPM: are they beats?",
        )


def tempi(events: Sequence[Event], duration: float, findings: Findings) -> None:
    """Beats per minute that music has."""
    for event in events:
        if event.value <= 0:
            findings.error(event.line, f"{event.value:g} BPM is not a tempo")
        elif not TEMPI[0] <= event.value <= TEMPI[1]:
            low, high = TEMPI
            findings.warning(
                event.line, f"{event.value:g} BPM is not between {low:g} and {high:g} BPM"
            )


def pitches(events: Sequence[Event], duration: float, findings: Findings) -> None:
    """MIDI numbers."""
    for event in events:
        if not 0 <= event.value <= 127:
            findings.error(event.line, f"the pitch {event.value:g} is not a MIDI number (0 to 127)")


def frequencies(events: Sequence[Event], duration: float, findings: Findings) -> None:
    """Hertz that a melody has, where it is voiced."""
    odd, voiced = [], 0
    for event in events:
        hertz = event.value["frequency"]
        if hertz > 0 and event.value.get("voiced", True):
            voiced += 1
            if not HERTZ[0] <= hertz <= HERTZ[1]:
                findings.warning(event.line, f"a melody at {hertz:g} Hz: is it in hertz?")
                odd.append(event)
    if len(odd) > 1 and len(odd) > voiced / 2:
        low, high = HERTZ
        findings.error(
            odd[0].line,
            f"{len(odd)} of {voiced} frequencies are not between {low:g} and {high:g} Hz: write "
            "them in hertz",
        )


def chord_labels(events: Sequence[Event], duration: float, findings: Findings) -> None:
    """Labels that the tasks can read: those of Harte's syntax that mir_eval knows."""
    from deepmir.tasks.shared import harte

    for event in events:
        if event.value != harte.UNKNOWN and not harte.parse(str(event.value)).known:
            findings.warning(
                event.line,
                f"the chord {event.value!r} is not known (Harte's syntax: C:min7, F#:maj/5, N) and "
                "counts as unknown",
            )


def key_names(events: Sequence[Event], duration: float, findings: Findings) -> None:
    """Keys that the task can use: major and minor ones."""
    from deepmir.tasks.shared.keys import label_index

    for event in events:
        if label_index(str(event.value)) is None:
            findings.warning(
                event.line, f"the key {event.value!r} is neither major nor minor and is not used"
            )


# By the namespace of JAMS; of `tag_open` by the kind.
RULES: dict[str, tuple[Rule, ...]] = {
    "beat": (times, ascending, positions, bars, pace),
    "onset": (times, ascending),
    "chord": (times, ascending, lasting, separate, without_gaps, chord_labels),
    "segment_open": (times, ascending, lasting, separate, without_gaps),
    "note_midi": (times, lasting, pitches),
    "pitch_contour": (times, ascending, frequencies),
    "voice": (times, ascending, lasting, separate),
    "key_mode": (times, ascending, separate, key_names),
    "tempo": (tempi,),
    "instrument": (times, lasting),
}


def check_events(
    namespace: str, events: Sequence[Event], duration: float, findings: Findings
) -> None:
    """Check events by the rules of their namespace."""
    for rule in RULES.get(namespace, ()):
        rule(events, duration, findings)

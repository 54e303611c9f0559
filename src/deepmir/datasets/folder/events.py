"""What annotation files say, each statement with its place in the file, and as observations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from deepmir.files.annotations import Annotation, Observation


@dataclass(frozen=True)
class Event:
    """A statement about an interval of a recording.

    Attributes:
        line: that says it; see :class:`deepmir.datasets.folder.problems.Problem`.
        start: in seconds.
        end: in seconds; as the start for an instant.
        value: as the namespace says.
    """

    line: int
    start: float
    end: float
    value: Any = None


def annotation(
    namespace: str, events: Iterable[Event], duration: float, **sandbox: Any
) -> Annotation:
    """Events as an annotation of a recording, in order of time, to the microsecond.

    Intervals are cut at the end of the recording; what is not in it is left out.

    Args:
        namespace: of JAMS.
        events: in any order.
        duration: of the recording in seconds.
        sandbox: of the annotation.
    """
    # JAMS wants to know how sure a tempo is; a person is.
    confidence = 1.0 if namespace == "tempo" else None
    found = []
    for event in sorted(events, key=lambda e: (e.start, e.end)):
        start, end = (round(min(time, duration), 6) for time in (event.start, event.end))
        if event.start <= duration and (event.start == event.end or end > start):
            lasting = round(end - start, 6)
            found.append(Observation(start, lasting, event.value, confidence))
    return Annotation(namespace, tuple(found), sandbox=sandbox)


def of_annotation(found: Annotation) -> Sequence[Event]:
    """The observations of an annotation as events, counted from 1."""
    return [
        Event(number, o.time, o.time + o.duration, o.value)
        for number, o in enumerate(found.observations, 1)
    ]

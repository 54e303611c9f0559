"""Observations with times as they are written: in seconds, to the microsecond."""

from collections.abc import Iterable

from deepmir.files.annotations import Annotation, Observation
from deepmir_render.playing.performance_plain import SAMPLE_RATE


def seconds(samples: int) -> float:
    """The time of a sample."""
    return round(samples / SAMPLE_RATE, 6)


def at(time: float, value: object) -> Observation:
    """A statement about an instant."""
    return Observation(round(time, 6), 0.0, value)


def span(start: float, end: float, value: object) -> Observation:
    """A statement about an interval, from when to when it holds."""
    return Observation(round(start, 6), round(end - start, 6), value)


def annotation(
    namespace: str, observations: Iterable[Observation], **sandbox: object
) -> Annotation:
    """An annotation by this program."""
    return Annotation(namespace, tuple(observations), tool="deepmir", sandbox=sandbox)

"""What decoders say, as the JAMS schema, and sense, would have it."""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from deepmir.annotations import Annotation, Jams, Observation

DIGITS = 6  # of a second, a probability, a frequency in Hz: a microsecond is enough


def valid(jams: Jams) -> Jams:
    """The same statements in the form that the JAMS schema asks for.

    - Times are rounded to microseconds and in order. What begins after the end of the recording is
      left out, and what ends after it is cut: the last frame of a network reaches beyond the end.
    - What is said of the whole recording (tempo, key, mood, and tags that begin and end at 0)
      lasts as long as the recording.
    - A confidence is a number in [0, 1] or None; a tempo has to have one: where none is stated,
      equal shares.
    - Numbers are Python's own and finite. A pitch that is not is unvoiced, at 0 Hz.
    """
    return replace(jams, annotations=tuple(_annotation(a, jams.duration) for a in jams.annotations))


def _annotation(annotation: Annotation, duration: float) -> Annotation:
    space = annotation.namespace
    observations = list(_inside(annotation.observations, duration))
    if _is_of_the_whole(space, observations):
        observations = [replace(o, duration=duration - o.time) for o in observations]
    unstated = 1 / max(len(observations), 1) if space == "tempo" else None
    mended = (
        replace(o, value=_value(space, o.value), confidence=_confidence(o.confidence, unstated))
        for o in observations
    )
    return replace(annotation, observations=tuple(sorted(mended, key=lambda o: o.time)))


def _is_of_the_whole(space: str, observations: list[Observation]) -> bool:
    if space not in ("tempo", "key_mode", "mood_thayer", "tag_open"):
        return False
    return all(o.time == 0 and o.duration == 0 for o in observations)


def _inside(observations: Iterable[Observation], duration: float) -> Iterable[Observation]:
    """The observations within a recording, to the microsecond."""
    for o in observations:
        start = min(round(float(o.time), DIGITS), duration)
        end = min(round(float(o.time + o.duration), DIGITS), duration)
        vanishes = o.duration > 0 and end <= start
        if o.time <= duration and not vanishes:
            yield replace(o, time=start, duration=round(end - start, DIGITS))


def _confidence(confidence: Any, unstated: float | None) -> float | None:
    if confidence is None or not math.isfinite(confidence):
        return unstated
    return round(min(max(float(confidence), 0.0), 1.0), DIGITS)


def _value(space: str, value: Any) -> Any:
    """A value in Python's own types, rounded."""
    if space == "pitch_contour":
        return _pitch(value)
    if space == "mood_thayer":
        return [round(float(number), DIGITS) for number in value]
    if space in ("tempo", "note_midi"):
        return round(float(value), DIGITS)
    if space == "beat":
        return None if value is None else int(value)
    return value


def _pitch(value: dict[str, Any]) -> dict[str, Any]:
    hertz = float(value["frequency"])
    known = math.isfinite(hertz) and hertz > 0
    return {
        "frequency": round(hertz, DIGITS) if known else 0.0,
        "index": int(value["index"]),
        "voiced": bool(value["voiced"]) and known,
    }

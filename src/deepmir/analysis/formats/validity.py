"""Makes the annotations of decoders valid for the JAMS schema."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from deepmir.files.annotations import Annotation, Jams, Observation, Pitches

DIGITS = 6  # of a second, a probability, a tempo: a microsecond is enough

# Namespaces that may describe a recording as a whole.
WHOLE = ("tempo", "key_mode", "mood_thayer", "tag_open")


def valid(jams: Jams) -> Jams:
    """The same annotations, valid for the JAMS schema.

    - Times are rounded to microseconds and sorted. Events that begin after the end of the recording
      are left out, those that end after it are cut: a network's last frame extends beyond the end.
    - What describes the whole recording (tempo, key, mood, and tags that begin and end at 0)
      lasts as long as the recording.
    - A confidence is a number in [0, 1] or None; a tempo must have one: if there is none, it is an
      equal share.
    - Numbers are Python's own and finite. A pitch that is not is unvoiced, at 0 Hz.
    """
    return replace(jams, annotations=tuple(_annotation(a, jams.duration) for a in jams.annotations))


def _annotation(annotation: Annotation, duration: float) -> Annotation:
    space, rows = annotation.namespace, annotation.observations
    if isinstance(rows, Pitches):
        return replace(annotation, observations=_contour(rows, duration))
    of_the_whole = space in WHOLE and all(o.time == 0 and o.duration == 0 for o in rows)
    unstated = 1 / max(len(rows), 1) if space == "tempo" else None
    mended = []
    for o in rows:
        start, end = _within(o, duration)
        if of_the_whole:
            end = duration
        lasting = round(end - start, DIGITS)
        if o.time > duration or (o.duration > 0 and lasting <= 0):
            continue
        confidence = _confidence(o.confidence, unstated)
        new = Observation(start, lasting, _value(space, o.value), confidence)
        # There may be thousands, most of which are as they should be: those are shared.
        mended.append(o if _same(o, new) else new)
    return replace(annotation, observations=tuple(sorted(mended, key=lambda o: o.time)))


def _contour(rows: Pitches, duration: float) -> Pitches:
    times = np.minimum(rows.times.round(DIGITS), duration)
    inside = rows.times <= duration
    known = np.isfinite(rows.frequencies) & (rows.frequencies > 0)
    hertz, voiced = np.where(known, rows.frequencies, 0.0), rows.voiced & known
    order = np.argsort(times[inside], kind="stable")
    return Pitches(times[inside][order], hertz[inside][order], voiced[inside][order])


def _same(old: Observation, new: Observation) -> bool:
    kept = old.time == new.time and old.duration == new.duration and old.value is new.value
    return kept and old.confidence is new.confidence


def _within(o: Observation, duration: float) -> tuple[float, float]:
    """Start and end, inside a recording, to the microsecond."""
    start, end = float(o.time), float(o.time + o.duration)
    return min(round(start, DIGITS), duration), min(round(end, DIGITS), duration)


def _confidence(confidence: Any, unstated: float | None) -> float | None:
    if confidence is None or not math.isfinite(confidence):
        return unstated
    return round(min(max(float(confidence), 0.0), 1.0), DIGITS)


def _value(space: str, value: Any) -> Any:
    """A value in Python's own types; the same object where it is one."""
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
    voiced = bool(value["voiced"]) and known
    if value["frequency"] is hertz and value["voiced"] is voiced and (known or hertz == 0):
        return value
    return {
        "frequency": hertz if known else 0.0,
        "index": int(value["index"]),
        "voiced": voiced,
    }

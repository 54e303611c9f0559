"""Conversion of annotations from mirdata to JAMS: one converter for each of mirdata's types.

Every converter takes the data of a mirdata track and the length of the recording in seconds, and
returns annotations in the namespaces and with the values that the tasks read
(docs/reference/tasks.md).
"""

import functools
import math
import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir.files.annotations import Annotation, Observation

Converter = Callable[[Any, float], list[Annotation]]
Floats = npt.NDArray[np.float64]
Span = tuple[float, float]  # start and end in seconds


LETTER = re.compile(r"[A-Z]'*")  # of a section, with primes for variants

# A bare tonic is a major key in the annotations of Isophonics.
KEY = re.compile(r"([A-Ga-g][#b]?)(?:[:\s]+([A-Za-z]+))?")
MODES = {"": "major", "maj": "major", "min": "minor", "major": "major", "minor": "minor"} | {
    mode: mode
    for mode in ("ionian", "dorian", "phrygian", "lydian", "mixolydian", "aeolian", "locrian")
}


def annotation(
    namespace: str, observations: Iterable[Observation], **sandbox: Any
) -> list[Annotation]:
    """An annotation in a list; an empty list if there are no observations."""
    found = tuple(observations)
    return [Annotation(namespace, found, tool="mirdata", sandbox=sandbox)] if found else []


def at(time: float, value: Any = None, confidence: float | None = None) -> Observation:
    """An observation at an instant in seconds, rounded to the microsecond."""
    return Observation(round(float(time), 6), 0.0, value, confidence)


def span(times: Span, value: Any, confidence: float | None = None) -> Observation:
    """An observation of an interval, its start and end in seconds, rounded to the microsecond."""
    start, end = times
    return Observation(round(start, 6), round(end - start, 6), value, confidence)


def seconds(times: Any, unit: str) -> Floats:
    """Times of mirdata in seconds, with unchanged shape."""
    from mirdata.annotations import convert_time_units

    return np.asarray(convert_time_units(times, unit, "s"), dtype=np.float64)


def spans(data: Any, values: Iterable[Any]) -> list[tuple[Span, Any]]:
    """The intervals of a mirdata annotation, start and end in seconds, with their values.

    Rows without a time are left out: some sets use NaN for missing ones.

    Args:
        data: an annotation with intervals.
        values: one per interval.
    """
    # A ChordData does not keep its unit; all sets in the table use seconds there.
    rows = seconds(data.intervals, getattr(data, "interval_unit", "s")).tolist()
    pairs = zip(rows, values, strict=True)
    return [((start, end), value) for (start, end), value in pairs if 0 <= start <= end < math.inf]


def intervals(data: Any) -> list[Span]:
    """Start and end in seconds of all intervals of a mirdata annotation."""
    return [times for times, _ in spans(data, [None] * len(data.intervals))]


def lasting(pairs: Iterable[tuple[Span, Any]]) -> Iterable[Observation]:
    """Observations of intervals, without those of zero duration."""
    return (span(times, value) for times, value in pairs if times[1] > times[0])


def beats(data: Any, duration: float) -> list[Annotation]:
    """`BeatData` as `beat`, whose values are positions in the bar, from 1.

    A position is None if it is unknown: mirdata writes 0 for a beat outside any bar, and some sets
    count beats through the track. A beat without a time is left out.
    """
    positions = data.positions if data.position_unit == "bar_index" else None
    known = [None] * len(data.times) if positions is None else [int(p) for p in positions]
    pairs = zip(seconds(data.times, data.time_unit).tolist(), known, strict=True)
    found = (at(time, p if p and p > 0 else None) for time, p in pairs if 0 <= time < math.inf)
    return annotation("beat", found)


def tempo(data: Any, duration: float) -> list[Annotation]:
    """A tempo in BPM, or `TempoData` with several, as `tempo`.

    0 or NaN means that the tempo is unknown.
    """
    if hasattr(data, "tempos"):
        stated = data.confidence if data.confidence is not None else np.ones(len(data.tempos))
        rows = list(zip(data.tempos, stated, strict=True))
    else:
        rows = [(data, 1.0)]
    pairs = [(_number(bpm), float(confidence)) for bpm, confidence in rows]
    kept = (span((0.0, duration), bpm, confidence) for bpm, confidence in pairs if bpm > 0)
    return annotation("tempo", kept)


def _number(value: Any) -> float:
    try:
        number = float(np.asarray(value).item())
    except (TypeError, ValueError):
        return 0.0
    return number if math.isfinite(number) else 0.0


def chords(data: Any, duration: float) -> list[Annotation]:
    """`ChordData` as `chord` in Harte's syntax; `X` for an invalid label."""
    labels = (label if _is_chord(label) else "X" for label in data.labels)
    return annotation("chord", lasting(spans(data, labels)))


def _is_chord(label: str) -> bool:
    from mirdata.annotations import JAMS_CHORD_PATTERN

    return re.match(JAMS_CHORD_PATTERN, label) is not None


def keys(data: Any, duration: float) -> list[Annotation]:
    """`KeyData` as `key_mode`; a tonic without a mode is major."""
    pairs = spans(data, map(key_mode, data.keys))
    return annotation("key_mode", lasting((times, key) for times, key in pairs if key))


def global_key(data: Any, duration: float) -> list[Annotation]:
    """A key in words, such as `D minor`, as `key_mode` of the whole recording.

    If annotators give several keys (`C minor | Eb major`, or a list) or none, there is no answer
    to learn from, and nothing is written.
    """
    named = data if isinstance(data, list) else str(data or "").split("|")
    found = [key_mode(str(label).strip()) for label in named]
    if len(found) != 1 or found[0] is None:
        return []
    return annotation("key_mode", [span((0.0, duration), found[0])])


def key_mode(label: str) -> str | None:
    """A key in JAMS's syntax: `d minor` and `D:min` are `D:minor`; None if it is not a key."""
    match = KEY.fullmatch(label.strip())
    mode = MODES.get((match[2] or "").lower()) if match else None
    return f"{match[1][0].upper()}{match[1][1:]}:{mode}" if match and mode else None


def sections(data: Any, duration: float) -> list[Annotation]:
    """`SectionData` as `segment_open`."""
    labels = [""] * len(data.intervals) if data.labels is None else map(str, data.labels)
    return annotation("segment_open", lasting(spans(data, labels)))


def lettered(data: Any, duration: float) -> list[Annotation]:
    """Sections of Billboard by their letters, such as `A` and `B'`, as `segment_open`.

    mirdata takes any line with two remarks, such as `(voice), x2`, for the start of a section.
    Here it belongs to the previous section.
    """
    merged: list[tuple[Span, str]] = []
    for (start, end), label in spans(data, data.labels):
        if LETTER.fullmatch(label):
            merged.append(((start, end), label))
        elif merged:
            (begin, _), letter = merged.pop()
            merged.append(((begin, end), letter))
    return annotation("segment_open", lasting(merged))


def f0(data: Any, duration: float) -> list[Annotation]:
    """`F0Data` as `pitch_contour`: frequency in Hz, and voicing."""
    times, frequencies, voicing = data.to_mir_eval()
    known = np.isfinite(times) & np.isfinite(frequencies)
    columns = (times[known], frequencies[known], voicing[known] > 0.5)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    values = ((t, {"frequency": f, "index": 0, "voiced": v}) for t, f, v in rows)
    return annotation("pitch_contour", (at(time, value) for time, value in values))


def notes(data: Any, duration: float) -> list[Annotation]:
    """`NoteData` as `note_midi`, with MIDI numbers that are fractional if converted from Hz."""
    from mirdata.annotations import convert_pitch_units

    pitches = data.pitches
    if data.pitch_unit != "midi":
        hertz = np.asarray(convert_pitch_units(pitches, data.pitch_unit, "hz"), dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):  # 0 Hz is an unknown note
            pitches = 69 + 12 * np.log2(hertz / 440)
    known = ((times, p) for times, p in spans(data, pitches.tolist()) if 0 < p < math.inf)
    return annotation("note_midi", (span(times, round(p, 4)) for times, p in known))


def onsets(data: Any, duration: float) -> list[Annotation]:
    """The starts of `NoteData` or `EventData` as `onset`, without duplicates."""
    return instants([start for start, _ in intervals(data)], duration)


def instants(data: Iterable[float], duration: float) -> list[Annotation]:
    """Times in seconds as `onset`, without duplicates."""
    known = {float(time) for time in data if 0 <= time < math.inf}
    return annotation("onset", map(at, sorted(known)))


def pitch_class(data: int | None, duration: float) -> list[Annotation]:
    """The MIDI number of the only tone in a recording as `pitch_class`."""
    if data is None:
        return []
    return annotation("pitch_class", [span((0.0, duration), {"tonic": "C", "pitch": data % 12})])


def each(converter: Converter) -> Converter:
    """For a `MultiAnnotator`: one annotation per annotator, in the set's order."""
    return functools.partial(_each, converter)


def _each(converter: Converter, data: Any, duration: float) -> list[Annotation]:
    stated = [one for one in data.annotations if one is not None]
    return [found for one in stated for found in converter(one, duration)]


def together(*converters: Converter) -> Converter:
    """Several annotations from the same data."""
    return functools.partial(_together, converters)


def _together(converters: tuple[Converter, ...], data: Any, duration: float) -> list[Annotation]:
    return [found for converter in converters for found in converter(data, duration)]

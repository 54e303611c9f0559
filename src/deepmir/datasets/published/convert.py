"""Annotations of mirdata as those of JAMS: one converter for each of mirdata's types.

Every converter takes what a mirdata track gives and the length of the recording in seconds, and
returns annotations in the namespace and with the values that the tasks read
(docs/reference/tasks.md).
"""

import functools
import math
import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir.files.annotations import PAUSE, Annotation, Observation, joined

Converter = Callable[[Any, float], list[Annotation]]
Floats = npt.NDArray[np.float64]
Span = tuple[float, float]  # start and end in seconds


LETTER = re.compile(r"[A-Z]'*")  # of a section, primed for a variant

# A tonic alone is a major key in the annotations of Isophonics.
KEY = re.compile(r"([A-Ga-g][#b]?)(?:[:\s]+([A-Za-z]+))?")
MODES = {"": "major", "maj": "major", "min": "minor", "major": "major", "minor": "minor"} | {
    mode: mode
    for mode in ("ionian", "dorian", "phrygian", "lydian", "mixolydian", "aeolian", "locrian")
}


def annotation(
    namespace: str, observations: Iterable[Observation], **sandbox: Any
) -> list[Annotation]:
    """An annotation in a list; an empty list where there is nothing to say."""
    found = tuple(observations)
    return [Annotation(namespace, found, tool="mirdata", sandbox=sandbox)] if found else []


def at(time: float, value: Any = None, confidence: float | None = None) -> Observation:
    """A statement about an instant in seconds, written to the microsecond."""
    return Observation(round(float(time), 6), 0.0, value, confidence)


def span(times: Span, value: Any, confidence: float | None = None) -> Observation:
    """A statement about an interval, its start and end in seconds, to the microsecond."""
    start, end = times
    return Observation(round(start, 6), round(end - start, 6), value, confidence)


def seconds(times: Any, unit: str) -> Floats:
    """Times of mirdata in seconds, in the shape that they have."""
    from mirdata.annotations import convert_time_units

    return np.asarray(convert_time_units(times, unit, "s"), dtype=np.float64)


def spans(data: Any) -> list[Span]:
    """Start and end in seconds of everything that an annotation of mirdata says."""
    # A ChordData does not keep its unit; all sets of the table have seconds there.
    rows = seconds(data.intervals, getattr(data, "interval_unit", "s")).tolist()
    return [(start, end) for start, end in rows]


def lasting(pairs: Iterable[tuple[Span, Any]]) -> Iterable[Observation]:
    """Statements about intervals, but for those without duration."""
    return (span(times, value) for times, value in pairs if times[1] > times[0])


def beats(data: Any, duration: float) -> list[Annotation]:
    """`BeatData` as `beat`, whose values are positions in the bar, from 1.

    A position is None where it is not known: mirdata writes 0 for a beat outside of any bar, and
    some sets count beats through the track.
    """
    positions = data.positions if data.position_unit == "bar_index" else None
    known = [None] * len(data.times) if positions is None else [int(p) for p in positions]
    pairs = zip(seconds(data.times, data.time_unit), known, strict=True)
    return annotation("beat", (at(time, p if p and p > 0 else None) for time, p in pairs))


def tempo(data: Any, duration: float) -> list[Annotation]:
    """A number of beats per minute, or `TempoData` with several, as `tempo`.

    0 and what is not a number mean that the tempo is not known.
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
    """`ChordData` as `chord` in Harte's syntax; `X` for a label that is not in it."""
    labels = (label if _is_chord(label) else "X" for label in data.labels)
    return annotation("chord", lasting(zip(spans(data), labels, strict=True)))


def _is_chord(label: str) -> bool:
    from mirdata.annotations import JAMS_CHORD_PATTERN

    return re.match(JAMS_CHORD_PATTERN, label) is not None


def keys(data: Any, duration: float) -> list[Annotation]:
    """`KeyData` as `key_mode`; a tonic without a mode is major."""
    labels = (key_mode(label) for label in data.keys)
    pairs = zip(spans(data), labels, strict=True)
    return annotation("key_mode", lasting((times, key) for times, key in pairs if key))


def global_key(data: Any, duration: float) -> list[Annotation]:
    """A key in words, such as `D minor`, as `key_mode` of the whole recording.

    Where annotators name several keys (`C minor | Eb major`, or a list) or none, there is no
    answer to learn from, and nothing is written.
    """
    named = data if isinstance(data, list) else str(data or "").split("|")
    found = [key_mode(str(label).strip()) for label in named]
    if len(found) != 1 or found[0] is None:
        return []
    return annotation("key_mode", [span((0.0, duration), found[0])])


def key_mode(label: str) -> str | None:
    """A key as JAMS writes it: `d minor` and `D:min` are `D:minor`; None for what is no key."""
    match = KEY.fullmatch(label.strip())
    mode = MODES.get((match[2] or "").lower()) if match else None
    return f"{match[1][0].upper()}{match[1][1:]}:{mode}" if match and mode else None


def sections(data: Any, duration: float) -> list[Annotation]:
    """`SectionData` as `segment_open`."""
    labels = [""] * len(data.intervals) if data.labels is None else map(str, data.labels)
    return annotation("segment_open", lasting(zip(spans(data), labels, strict=True)))


def lettered(data: Any, duration: float) -> list[Annotation]:
    """Sections of Billboard by their letters, such as `A` and `B'`, as `segment_open`.

    mirdata takes any line with two remarks, such as `(voice), x2`, for the start of a section.
    Here it belongs to the section before it.
    """
    merged: list[tuple[Span, str]] = []
    for (start, end), label in zip(spans(data), data.labels, strict=True):
        if LETTER.fullmatch(label):
            merged.append(((start, end), label))
        elif merged:
            (begin, _), letter = merged.pop()
            merged.append(((begin, end), letter))
    return annotation("segment_open", lasting(merged))


def f0(data: Any, duration: float) -> list[Annotation]:
    """`F0Data` as `pitch_contour`: frequency in Hz, and whether it is voiced."""
    times, frequencies, voicing = data.to_mir_eval()
    rows = zip(times.tolist(), frequencies.tolist(), (voicing > 0.5).tolist(), strict=True)
    values = ((t, {"frequency": f, "index": 0, "voiced": v}) for t, f, v in rows)
    return annotation("pitch_contour", (at(time, value) for time, value in values))


def notes(data: Any, duration: float) -> list[Annotation]:
    """`NoteData` as `note_midi`, whose values are MIDI numbers, fractional where Hz are given."""
    from mirdata.annotations import convert_pitch_units

    sounding = data.pitches > 0
    pitches = data.pitches[sounding]
    if data.pitch_unit != "midi":
        hertz = np.asarray(convert_pitch_units(pitches, data.pitch_unit, "hz"), dtype=np.float64)
        pitches = 69 + 12 * np.log2(hertz / 440)
    times = (each for each, sounds in zip(spans(data), sounding, strict=True) if sounds)
    return annotation("note_midi", map(span, times, (round(p, 4) for p in pitches.tolist())))


def onsets(data: Any, duration: float) -> list[Annotation]:
    """The starts of `NoteData` or `EventData` as `onset`, those at one time once."""
    return annotation("onset", map(at, sorted({start for start, _ in spans(data)})))


def voice(data: Any, duration: float) -> list[Annotation]:
    """The union of sung notes, or of the words of `LyricData`, as `tag_open` of kind voice."""
    return _sung(joined(spans(data), PAUSE))


def vocal_activity(data: Any, duration: float) -> list[Annotation]:
    """RWC's `EventData` of who leads as `tag_open` of kind voice.

    `m:withm` is a man who sings, `f:...` a woman; `s:electricguitar` is a solo, `b` neither.
    """
    leads = zip(spans(data), (event.partition(":")[0] for event in data.events), strict=True)
    return _sung(joined((times for times, who in leads if who and set(who) <= {"m", "f"}), 0.0))


def _sung(sung: Iterable[Span]) -> list[Annotation]:
    # Without an interval it says that nobody sings, which the task learns from too.
    found = tuple(span(times, "voice") for times in sung)
    return [Annotation("tag_open", found, tool="mirdata", sandbox={"kind": "voice"})]


def words(kind: str) -> Converter:
    """A word, or several, about the whole recording as `tag_open` of a kind, such as genre."""
    return functools.partial(_words, kind)


def _words(kind: str, data: Any, duration: float) -> list[Annotation]:
    stated = [data] if isinstance(data, str) else list(data)
    found = (span((0.0, duration), str(word), 1.0) for word in dict.fromkeys(stated) if word)
    return annotation("tag_open", found, kind=kind)


def each(converter: Converter) -> Converter:
    """For a `MultiAnnotator`: an annotation by each annotator, in the set's order."""
    return functools.partial(_each, converter)


def _each(converter: Converter, data: Any, duration: float) -> list[Annotation]:
    stated = [one for one in data.annotations if one is not None]
    return [found for one in stated for found in converter(one, duration)]


def together(*converters: Converter) -> Converter:
    """Several annotations made of the same data."""
    return functools.partial(_together, converters)


def _together(converters: tuple[Converter, ...], data: Any, duration: float) -> list[Annotation]:
    return [found for converter in converters for found in converter(data, duration)]

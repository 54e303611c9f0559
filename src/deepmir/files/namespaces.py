"""The namespaces of JAMS, each mapped to the one that the tasks read.

Tasks read one namespace for each kind of annotation; JAMS has several for some. Annotations in
another one are converted on reading, as by `jams.nsconvert`, and each value is checked: so tasks,
rules and reports never get an unexpected type.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deepmir.naming import composed

Value = Callable[[Any], Any]


@dataclass(frozen=True)
class Reading:
    """How the annotations of a namespace are read.

    Attributes:
        namespace: the one read by tasks.
        value: converts a value to that namespace; raises ValueError with the requirement.
        kind: of the tags, if that namespace is `tag_open`.
    """

    namespace: str
    value: Value
    kind: str = ""


def number(value: Any) -> float:
    """A finite number, or a string of one; raises ValueError for anything else."""
    try:
        found = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found):
        raise ValueError(f"{_shown(value)} is not a finite number")
    return found


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _as_it_is(value: Any) -> Any:
    return value


def _word(value: Any) -> str:
    if isinstance(value, str):
        return composed(value)
    if _missing(value):
        return ""
    if isinstance(value, int | float):
        return str(value)
    raise ValueError(f"{_shown(value)} is not a word")


def _chord(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{_shown(value)} is not a chord")
    return value


def _position(value: Any) -> int | float | None:
    """A position in the bar, None if missing."""
    if _missing(value):
        return None
    found = number(value)
    return int(found) if found.is_integer() else found


def _item(name: str, read: Value) -> Value:
    """The reading of an object in which one item counts."""

    def value(given: Any) -> Any:
        if not isinstance(given, Mapping) or name not in given:
            raise ValueError(f"{_shown(given)} has no `{name}`")
        return read(given[name])

    return value


def _contour(value: Any) -> Mapping[str, Any]:
    """The value of `pitch_contour`; the same object if it is one."""
    if not isinstance(value, Mapping) or "frequency" not in value:
        raise ValueError(f"{_shown(value)} has no `frequency`")
    hertz, voiced = value["frequency"], value.get("voiced", True)
    if type(hertz) is float and 0 <= hertz < math.inf and type(voiced) is bool:
        return value
    found = contour(0.0 if _missing(hertz) else number(hertz))
    return {**value, **found, "voiced": found["voiced"] and bool(voiced), "index": 0}


def contour(hertz: float) -> dict[str, Any]:
    """The value of `pitch_contour` for a frequency: as in mir_eval, a negative one is a guess.

    Args:
        hertz: of the melody; 0 or below if unvoiced.
    """
    return {"index": 0, "frequency": abs(hertz), "voiced": hertz > 0}


def _hertz(value: Any) -> Mapping[str, Any]:
    return contour(0.0 if _missing(value) else number(value))


def _pitch(value: Any) -> Mapping[str, Any]:
    pitch = 0.0 if _missing(value) else number(value)
    return contour(hertz_of(pitch) if pitch > 0 else 0.0)


def hertz_of(pitch: float) -> float:
    """The frequency in Hz of a MIDI number; those above 300 are clipped."""
    return float(440 * 2 ** ((min(pitch, 300.0) - 69) / 12))


def midi_of(hertz: float) -> float:
    """The MIDI number of a positive frequency in Hz, to a millionth; else raises ValueError."""
    if hertz <= 0:
        raise ValueError(f"a note has no frequency of {hertz:g} Hz")
    return round(69 + 12 * math.log2(hertz / 440), 6)


def _pair(value: Any) -> list[float]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise ValueError(f"{_shown(value)} is not a pair of valence and arousal")
    return [number(one) for one in value]


def _vector(value: Any) -> list[float]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(f"{_shown(value)} is not a list of numbers")
    return [number(one) for one in value]


NATURAL = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def _pitch_class(value: Any) -> Mapping[str, Any]:
    """A pitch above a tonic; above C if the tonic has an accidental and thus two spellings."""
    if not isinstance(value, Mapping) or not {"tonic", "pitch"} <= value.keys():
        raise ValueError(f"{_shown(value)} has no `tonic` and `pitch`")
    tonic, pitch = str(value["tonic"]), int(number(value["pitch"]))
    letter, signs = tonic[:1], tonic[1:]
    if letter not in NATURAL or set(signs) - set("#b"):
        raise ValueError(f"{_shown(tonic)} is not a tonic")
    steps = NATURAL[letter] + signs.count("#") - signs.count("b")
    return {"tonic": "C", "pitch": (steps + pitch) % 12} if signs else value


_SECTION = Reading("segment_open", _word)
_GENRE = Reading("tag_open", _word, "genre")
_INSTRUMENT = Reading("tag_open", _word, "instrument")
_TAGS = Reading("tag_open", _word, "tags")

# By the namespace in a file. Of several mapped to the same one, the earlier takes precedence.
READINGS: Mapping[str, Reading] = {
    "beat": Reading("beat", _position),
    "beat_position": Reading("beat", _item("position", _position)),
    "onset": Reading("onset", _as_it_is),
    "chord": Reading("chord", _chord),
    "chord_harte": Reading("chord", _chord),
    "key_mode": Reading("key_mode", _word),
    "tempo": Reading("tempo", number),
    "note_midi": Reading("note_midi", number),
    "note_hz": Reading("note_midi", lambda value: midi_of(number(value))),
    "pitch_contour": Reading("pitch_contour", _contour),
    "pitch_hz": Reading("pitch_contour", _hertz),
    "pitch_midi": Reading("pitch_contour", _pitch),
    "pitch_class": Reading("pitch_class", _pitch_class),
    "segment_open": _SECTION,
    "segment_salami_upper": _SECTION,
    "segment_salami_function": _SECTION,
    "segment_tut": _SECTION,
    "multi_segment": Reading("segment_open", _item("label", _word)),
    "segment_salami_lower": _SECTION,
    "mood_thayer": Reading("mood_thayer", _pair),
    "vector": Reading("vector", _vector),
    "tag_open": Reading("tag_open", _word),
    "tag_gtzan": _GENRE,
    "tag_fma_genre": _GENRE,
    "tag_fma_subgenre": _GENRE,
    "tag_msd_tagtraum_cd1": _GENRE,
    "tag_msd_tagtraum_cd2": _GENRE,
    "tag_audioset_genre": _GENRE,
    "tag_medleydb_instruments": _INSTRUMENT,
    "tag_audioset_instruments": _INSTRUMENT,
    "tag_cal500": _TAGS,
    "tag_cal10k": _TAGS,
    "tag_audioset": _TAGS,
}
READ = frozenset(reading.namespace for reading in READINGS.values())


def read_as(namespace: str) -> Reading:
    """The reading of a namespace; one that no task reads is left unchanged."""
    return READINGS.get(namespace, Reading(namespace, _as_it_is))


def rank(namespace: str) -> int:
    """The precedence of an annotation: converted ones come after those in the right namespace."""
    converted = read_as(namespace).namespace != namespace
    return list(READINGS).index(namespace) if converted else 0


def coarsest(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows of a `multi_segment` on the level with the lowest number, the coarsest one."""
    rows = list(rows)
    level = _item("level", number)
    lowest = min((level(row["value"]) for row in rows), default=0.0)
    return [row for row in rows if level(row["value"]) == lowest]

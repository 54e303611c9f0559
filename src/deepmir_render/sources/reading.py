"""Reading of scores with `music21`: to plain numbers, or the reason to exclude a work."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from deepmir_render.song import TOLERANCE, Bar, Key, Metre, Note, Part, Song
from deepmir_render.sources.corpus import abc_field
from deepmir_render.sources.repeats import barline_marks, fermata_marks, find_sections

METRES = ("2/2", "2/4", "3/4", "3/2", "4/4", "6/8", "9/8", "12/8")
PITCH_CLASSES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ABC_KEY = re.compile(r"^([A-G])([b#]?)\s*(|m|min|minor|maj|major)$", re.IGNORECASE)


class UnusableError(ValueError):
    """The work has no clear key or metre, or unsupported notation."""


@dataclass(frozen=True)
class _Measure:
    """A measure as notated: its origin, its length and its destination."""

    number: int
    source: float
    length: float
    target: float = 0.0


def read_chorale(text: str) -> Song:
    """Read a four-part chorale from MusicXML.

    The tonic is the root of the last chord if that is the tonic of the major or relative minor key
    of the key signature; the mode in some files is often a notation program's default, so it
    decides nothing on its own.

    Raises:
        UnusableError: when the chorale is excluded; the message is the reason.
    """
    from music21 import converter

    stream = converter.parse(text, format="musicxml")
    parts = list(stream.parts)
    if len(parts) != 4:
        raise UnusableError(f"{len(parts)} parts")
    song = _read_parts(parts, ("soprano", "alto", "tenor", "bass"))
    bass = song.parts[-1].notes[-1].pitch % 12
    major = 7 * _sharps(parts[0]) % 12
    if bass not in (major, (major + 9) % 12):
        raise UnusableError("the last bass note is the tonic of neither key of the signature")
    mode = "major" if bass == major else "minor"
    return _in_key(song, bass, mode)


def read_tune(text: str) -> Song:
    """Read a tune from ABC.

    The key is the `K:` field, compared with the last note: many transcribers write a modal tune
    with the signature of a major key, and then the tune ends on another note.

    Raises:
        UnusableError: when the tune is excluded; the message is the reason.
    """
    from music21 import converter

    keys, metres = set(abc_field(text, "K")), set(abc_field(text, "M"))
    if len(keys) != 1 or len(metres) != 1:
        raise UnusableError("not one key and one metre")
    tonic, mode = _abc_key(keys.pop())
    if abc_field(text, "V"):
        raise UnusableError("several voices")
    stream = converter.parse(text, format="abc")
    part = stream.parts[0]
    major = tonic if mode == "major" else (tonic + 3) % 12
    if 7 * _sharps(part) % 12 != major:
        raise UnusableError("the signature that was read is not that of the key")
    song = _in_key(_read_parts([part], ("melody",)), tonic, mode)
    if song.melody[-1].pitch % 12 != tonic:
        raise UnusableError("the last note is not the tonic")
    return song


def _in_key(song: Song, tonic: int, mode: str) -> Song:
    return replace(song, keys=(Key(0.0, song.end, tonic, mode),))


def _abc_key(field: str) -> tuple[int, str]:
    match = _ABC_KEY.match(field)
    if match is None or match[3] == "M":
        raise UnusableError(f"key {field!r} is neither major nor minor")
    tonic = (PITCH_CLASSES[match[1].upper()] + {"": 0, "b": -1, "#": 1}[match[2]]) % 12
    return tonic, "minor" if match[3].lower() in ("m", "min", "minor") else "major"


def _sharps(part: Any) -> int:
    signatures = {
        signature.sharps for signature in part.recurse().getElementsByClass("KeySignature")
    }
    if len(signatures) != 1:
        raise UnusableError(f"{len(signatures)} key signatures")
    return int(signatures.pop())


def _metre(part: Any) -> Metre:
    metres = {
        signature.ratioString for signature in part.recurse().getElementsByClass("TimeSignature")
    }
    if len(metres) != 1 or not metres <= set(METRES):
        raise UnusableError(f"metre {', '.join(sorted(metres)) or 'missing'}")
    return Metre.parse(metres.pop())


def _read_parts(parts: Sequence[Any], names: Sequence[str]) -> Song:
    """Notes, bars and sections of some parts, without a key yet."""
    metre = _metre(parts[0])
    measures = _without_first_endings(parts)
    bars, end = assemble_bars([m.length for m in measures], metre)
    placed = tuple(
        Part(name, _notes(part, measures)) for part, name in zip(parts, names, strict=True)
    )
    for part in placed:
        if not part.notes:
            raise UnusableError(f"the {part.name} has no notes")
    song = Song(placed[0].notes, tuple(Bar(bar, metre) for bar in bars), end, parts=placed[1:])
    played = [(m.number, m.target, m.length) for m in measures]
    marks, phrases = barline_marks(parts[0], played), fermata_marks(parts[0], played)
    return find_sections(song, marks, phrases)


def _without_first_endings(parts: Sequence[Any]) -> list[_Measure]:
    """Measures in the order in which they are played without repeats."""
    skipped = _first_endings(parts[0])
    columns = [list(part.getElementsByClass("Measure")) for part in parts]
    if len({len(column) for column in columns}) != 1:
        raise UnusableError("parts of different lengths")
    measures, target = [], 0.0
    for index, column in enumerate(zip(*columns, strict=True)):
        if index in skipped:
            continue
        length = max(float(m.duration.quarterLength) for m in column)
        measures.append(_Measure(index, float(column[0].offset), length, target))
        target += length
    return measures


def _first_endings(part: Any) -> set[int]:
    """Indices of the measures under a first ending that has a second one."""
    brackets = list(part.recurse().getElementsByClass("RepeatBracket"))
    if not any(bracket.number == "2" for bracket in brackets):
        return set()
    first = {id(m) for b in brackets if b.number == "1" for m in b.getSpannedElements()}
    return {i for i, m in enumerate(part.getElementsByClass("Measure")) if id(m) in first}


def assemble_bars(lengths: Sequence[float], metre: Metre) -> tuple[tuple[float, ...], float]:
    """Join measures to bars, and return the starts of bars and the end of the last measure.

    A repeat sign in the middle of a bar splits it into measures that together form a whole one. The
    first measure may be a pickup, whose bar starts before the music does, and the last one short.

    Args:
        lengths: of the measures, in quarter notes.
        metre: of the work.

    Raises:
        UnusableError: when the measures do not add up to bars.
    """
    whole = metre.bar_length
    bars, position, filled = [], 0.0, 0.0
    for index, length in enumerate(lengths):
        if index == 0 and length < whole - TOLERANCE:
            filled = whole - length
            bars.append(-filled)
        elif filled == 0.0:
            bars.append(position)
        filled += length
        position += length
        if filled > whole + TOLERANCE:
            raise UnusableError(f"measure {index} is longer than a bar")
        if filled > whole - TOLERANCE:
            filled = 0.0
    return tuple(round(bar, 6) for bar in bars), round(position, 6)


def _notes(part: Any, measures: Sequence[_Measure]) -> tuple[Note, ...]:
    """The top line of a part, with ties joined and without grace notes."""
    columns = list(part.getElementsByClass("Measure"))
    notes: list[Note] = []
    for place in measures:
        measure = columns[place.number]
        line = measure.voices[0] if measure.voices else measure
        for element in line.notes:
            if element.duration.isGrace or not hasattr(element, "pitches") or not element.pitches:
                continue
            start = round(place.target + float(element.offset), 6)
            end = round(start + float(element.duration.quarterLength), 6)
            pitch = max(int(p.midi) for p in element.pitches)
            _append(notes, Note(start, end, pitch), tied=_continues_tie(element))
    return tuple(notes)


def _continues_tie(element: Any) -> bool:
    return element.tie is not None and element.tie.type in ("stop", "continue")


def _append(notes: list[Note], note: Note, tied: bool) -> None:
    last = notes[-1] if notes else None
    adjacent = last is not None and abs(last.end - note.start) < TOLERANCE
    if tied and last is not None and adjacent and last.pitch == note.pitch:
        notes[-1] = Note(last.start, note.end, note.pitch)
    elif note.end > note.start and (last is None or note.start > last.end - TOLERANCE):
        if last is not None and last.end > note.start:  # by rounding
            notes[-1] = replace(last, end=note.start)
        notes.append(note)

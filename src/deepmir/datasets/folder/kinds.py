"""Rows of each kind of annotation file as events, and events as annotations of JAMS."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from deepmir.datasets.folder.events import Event, annotation
from deepmir.datasets.folder.problems import Findings
from deepmir.datasets.folder.rows import Row
from deepmir.files.annotations import ANALYSED, Annotation
from deepmir.files.namespaces import contour, hertz_of, midi_of, read_as

if TYPE_CHECKING:
    import pretty_midi

# The events of a file's rows, in a recording of some seconds.
Reading = Callable[[Sequence[Row], float, Findings], list[Event]]
# The annotations that the events make, in a recording of some seconds.
Writing = Callable[[Sequence[Event], float], list[Annotation]]

VOICE = frozenset({"sing", "singing", "voice", "vocal", "vocals", "1"})
NO_VOICE = frozenset({"nosing", "no", "none", "novoice", "instrumental", "silence", "0"})

MAX_VELOCITY = 127

KEY = re.compile(r"([A-Ga-g])([#b♯♭]?)[\s:_-]*([A-Za-z]*)")
SIGNS = {"♯": "#", "♭": "b"}

CHURCH = ("ionian", "dorian", "phrygian", "lydian", "mixolydian", "aeolian", "locrian")
MODES = {"maj": "major", "major": "major", "min": "minor", "minor": "minor"}
MODES |= {mode: mode for mode in CHURCH}


# A label that counts beats: `3`, or `12.3` and `12:3` for the third beat of bar 12.
COUNTED = re.compile(r"(?:\d+[.:])?(\d+)")


def beats(rows: Sequence[Row], duration: float, findings: Findings) -> list[Event]:
    """Instants with their position in the bar, from 1; None if it is not given."""
    events = []
    for row in rows:
        position, label = position_of(row), row.words.get("label")
        if position is None and label:
            findings.warning(row.line, f"{label!r} is not a position in the bar and is not read")
        elif position is not None and position.is_integer():
            position = int(position)
        events.append(Event(row.line, row.start, row.start, position))
    return events


def position_of(row: Row) -> float | None:
    """The position in the bar of a beat, from its column or its label; None where there is none."""
    counted = COUNTED.fullmatch(row.words.get("label", ""))
    return row.numbers.get("position", float(counted[1]) if counted else None)


def instants(rows: Sequence[Row], duration: float, findings: Findings) -> list[Event]:
    """Times alone."""
    return [Event(row.line, row.start, row.start) for row in rows]


def labelled(rows: Sequence[Row], duration: float, findings: Findings) -> list[Event]:
    """Intervals with a label; if only starts are given, each lasts until the next.

    A last start labelled `End` marks the end of the one before it, as in SALAMI.
    """
    ended = rows and rows[-1].end is None and rows[-1].words["label"].lower() == "end"
    return [
        Event(row.line, row.start, end, row.words["label"], row.numbers.get("confidence"))
        for row, end in _lasting(rows, duration)[: len(rows) - bool(ended)]
    ]


def _lasting(rows: Sequence[Row], duration: float) -> list[tuple[Row, float]]:
    """The rows with their ends; one that does not say it lasts until the next."""
    found = []
    for row, after in zip_longest(rows, rows[1:]):
        end = row.end
        if end is None:
            # Where the next one starts earlier, that one is out of order, not the end of this one.
            end = max(row.start, duration if after is None else after.start)
        found.append((row, end))
    return found


def notes(rows: Sequence[Row], duration: float, findings: Findings) -> list[Event]:
    """Intervals with a pitch as MIDI number; the velocity is checked and not used."""
    events = []
    for row in rows:
        velocity = row.numbers.get("velocity", 0.0)
        hertz = row.numbers.get("hertz")
        if not 0 <= velocity <= MAX_VELOCITY:
            findings.error(row.line, f"the velocity is {velocity:g}, not from 0 to {MAX_VELOCITY}")
        elif hertz is not None and hertz <= 0:
            findings.error(row.line, f"a note has no frequency of {hertz:g} Hz")
        else:
            pitch = row.numbers["pitch"] if hertz is None else midi_of(hertz)
            events.append(
                Event(row.line, row.start, row.start if row.end is None else row.end, pitch)
            )
    return events


def melody(rows: Sequence[Row], duration: float, findings: Findings) -> list[Event]:
    """Instants with a frequency, or a MIDI number; one of 0 or below is unvoiced."""
    events = []
    for row in rows:
        pitch = row.numbers.get("midi", 0.0)
        hertz = hertz_of(pitch) if pitch > 0 else 0.0
        for name in ("hertz", "melody"):
            hertz = row.numbers.get(name, hertz)
        events.append(Event(row.line, row.start, row.start, contour(hertz)))
    return events


def singing(rows: Sequence[Row], duration: float, findings: Findings) -> list[Event]:
    """Intervals with a voice or without one."""
    events = []
    for row, end in _lasting(rows, duration):
        word = row.words.get("label", "sing").lower()
        if word not in VOICE | NO_VOICE:
            findings.error(row.line, f"{word!r} is neither `sing` nor `nosing`")
            continue
        value = "voice" if word in VOICE else "no voice"
        events.append(Event(row.line, row.start, end, value))
    return events


def keys(rows: Sequence[Row], duration: float, findings: Findings) -> list[Event]:
    """Intervals with a key; one key alone is that of the whole recording."""
    events = []
    timed = any(name in row.numbers for row in rows for name in ("start", "time"))
    for row, end in _lasting(rows, duration):
        name = row.words.get("key") or " ".join(row.words.get(w, "") for w in ("tonic", "mode"))
        key = key_mode(name)
        if key is None:
            findings.error(
                row.line, f"{name!r} is not a key: write it as `A minor`, `Am` or `A:minor`"
            )
            continue
        end = end if timed else duration
        events.append(Event(row.line, row.start, end, key, row.numbers.get("confidence")))
    if not timed:
        for row in rows[1:]:
            findings.error(row.line, "a second key: write `start end key` to have several")
    return events


def key_mode(name: str) -> str | None:
    """A key as JAMS writes it: `A minor`, `Am` and `A:min` are `A:minor`, a lone `A` is `A:major`.

    None if it is not a key, and for a lone `a`, which means minor to some and major to others.
    """
    found = KEY.fullmatch(name.strip())
    if found is None:
        return None
    letter, sign, mode = found.groups()
    known = MODES.get(mode.lower())
    if mode == "m":
        known = "minor"
    elif mode == "M" or (not mode and letter.isupper()):
        known = "major"
    return f"{letter.upper()}{SIGNS.get(sign, sign)}:{known}" if known else None


def tempo(rows: Sequence[Row], duration: float, findings: Findings) -> list[Event]:
    """Beats per minute of the whole recording."""
    return [
        Event(row.line, 0.0, duration, row.numbers["bpm"], row.numbers.get("confidence"))
        for row in rows
    ]


def mood(rows: Sequence[Row], duration: float, findings: Findings) -> list[Event]:
    """Valence and arousal of the whole recording."""
    events = []
    for row in rows:
        point = [row.numbers["valence"], row.numbers["arousal"]]
        if not all(-1 <= number <= 1 for number in point):
            findings.error(row.line, "valence and arousal must be from -1 to 1")
        else:
            events.append(Event(row.line, 0.0, duration, point))
    return events


def words(rows: Sequence[Row], duration: float, findings: Findings) -> list[Event]:
    """Words about the whole recording, the most likely first if they have a confidence."""
    return [
        Event(row.line, 0.0, duration, row.words["label"], row.numbers.get("confidence"))
        for row in rows
    ]


def plain(namespace: str) -> Reading:
    """Intervals with a value of a namespace as JSON, as `deepmir analyze` writes it."""
    checked = read_as(namespace).value

    def events(rows: Sequence[Row], duration: float, findings: Findings) -> list[Event]:
        found = []
        for event in labelled(rows, duration, findings):
            try:
                found.append(replace(event, value=checked(_json(str(event.value)))))
            except ValueError as error:
                findings.error(event.line, str(error))
        return found

    return events


def _json(text: str) -> Any:
    """What a text says in JSON; raises ValueError where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"{text!r} is not JSON") from None


def voice(events: Sequence[Event], duration: float) -> list[Annotation]:
    """The intervals with a voice; those without one are all the others."""
    sung = [event for event in events if event.value == "voice"]
    return [annotation("tag_open", sung, duration, kind="voice")]


def tagged(kind: str) -> Writing:
    """Words of a kind as an annotation."""
    return lambda events, duration: [annotation("tag_open", events, duration, kind=kind)]


def notes_and_onsets(events: Sequence[Event], duration: float) -> list[Annotation]:
    """The notes, and where they start: notes of one time are one onset."""
    starts = sorted({round(event.start, 6) for event in events})
    onsets = [Event(0, start, start) for start in starts]
    return [annotation("note_midi", events, duration), annotation("onset", onsets, duration)]


def midi(findings: Findings) -> tuple[list[Event], list[Event]]:
    """The pitched notes of a MIDI file and the strokes of its drums; as events, counted from 1."""
    import mido
    import pretty_midi

    try:
        file = mido.MidiFile(str(findings.path), charset="latin1")
        found = pretty_midi.PrettyMIDI(mido_object=file)
    except OSError as error:
        findings.error(0, f"cannot be read ({error.strerror or error})")
        return [], []
    except Exception as error:  # pretty_midi lets through whatever its parser raises
        findings.error(0, f"not a readable MIDI file ({str(error) or type(error).__name__})")
        return [], []
    if any(getattr(event, "data", None) == ANALYSED for event in file.tracks[0]):
        # Its other parts are clicks, and chords and a melody as notes.
        found.instruments = [part for part in found.instruments if part.name == "Notes"]
        return _parts(found)
    parts = _parts(found)
    if not any(parts):
        findings.error(0, "it has no notes")
    return parts


def _parts(found: "pretty_midi.PrettyMIDI") -> tuple[list[Event], list[Event]]:
    rows = sorted(
        (note.start, note.end, note.pitch, part.is_drum)
        for part in found.instruments
        for note in part.notes
    )
    events = list(_counted(rows))
    return [e for e, drum in events if not drum], [e for e, drum in events if drum]


def _counted(rows: Sequence[tuple[float, float, int, bool]]) -> Iterator[tuple[Event, bool]]:
    for number, (start, end, pitch, drum) in enumerate(rows, 1):
        yield Event(number, start, end, pitch), drum

"""MIDI files as plain numbers: notes, and the events that say tempo, metre and key.

The thousand takes of a drumming set are read in seconds this way, which a general library that
makes an object of every event needs a minute for.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deepmir.errors import DeepmirError

META, SYSEX = 0xFF, (0xF0, 0xF7)
NAME, TEMPO, METRE, KEY = 0x03, 0x51, 0x58, 0x59


@dataclass(frozen=True, order=True)
class MidiNote:
    """A note: start and end in ticks, pitch and velocity as MIDI numbers."""

    start: int
    end: int
    pitch: int
    velocity: int


@dataclass(frozen=True)
class Key:
    """A key signature: sharps (flats below 0) from -7 to 7, and whether the key is minor."""

    sharps: int
    minor: bool

    @property
    def tonic(self) -> int:
        """Pitch class of the tonic, C = 0."""
        return (7 * self.sharps + (9 if self.minor else 0)) % 12


@dataclass(frozen=True)
class Midi:
    """What one file says.

    Attributes:
        ticks: of a quarter note.
        tracks: notes of each track that has any, by its name, ordered in time.
        tempi: tick, and microseconds a quarter note.
        metres: tick, and numerator and denominator.
        keys: tick, and the key signature.
    """

    ticks: int
    tracks: dict[str, tuple[MidiNote, ...]]
    tempi: tuple[tuple[int, int], ...]
    metres: tuple[tuple[int, tuple[int, int]], ...]
    keys: tuple[tuple[int, Key], ...]

    @property
    def notes(self) -> tuple[MidiNote, ...]:
        """The notes of all tracks, ordered in time."""
        return tuple(sorted(note for notes in self.tracks.values() for note in notes))


def read(path: Path) -> Midi:
    """Read a MIDI file whose time is in ticks of a quarter note.

    Raises:
        DeepmirError: when it is missing or broken.
    """
    try:
        return _parse(path.read_bytes())
    except FileNotFoundError:
        raise DeepmirError(f"{path} is missing: fetch the data set again") from None
    except (ValueError, IndexError) as error:
        raise DeepmirError(f"{path} is not a readable MIDI file ({error})") from None


def _parse(data: bytes) -> Midi:
    ticks = int.from_bytes(data[12:14], "big")
    if data[:4] != b"MThd" or not 0 < ticks < 0x8000:
        raise ValueError("its header is not one of MIDI, or its time is not in quarter notes")
    tracks: dict[str, list[MidiNote]] = defaultdict(list)
    metas: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
    for chunk in _chunks(data):
        own: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
        notes = _track(chunk, own)
        name = own[NAME][0][1].decode("latin-1") if own[NAME] else ""
        tracks[name] += notes
        for kind, events in own.items():
            metas[kind] += events
    return Midi(
        ticks=ticks,
        tracks={name: tuple(sorted(notes)) for name, notes in tracks.items() if notes},
        tempi=tuple((at, int.from_bytes(value, "big")) for at, value in metas[TEMPO]),
        metres=tuple((at, (value[0], 2 ** value[1])) for at, value in metas[METRE]),
        keys=tuple((at, _key(value)) for at, value in metas[KEY]),
    )


def _key(value: bytes) -> Key:
    return Key(int.from_bytes(value[:1], "big", signed=True), bool(value[1]))


def _chunks(data: bytes) -> Iterator[bytes]:
    """The tracks; other chunks are passed over, as the format asks."""
    at = 8 + int.from_bytes(data[4:8], "big")
    while at < len(data):
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "big")
        if end > len(data) or at + 8 > len(data):
            raise ValueError("it ends in the middle of a track")
        if data[at : at + 4] == b"MTrk":
            yield data[at + 8 : end]
        at = end


def _track(data: bytes, metas: dict[int, list[tuple[int, bytes]]]) -> list[MidiNote]:
    """Notes of a track; its meta events are put to `metas` by their type.

    Of a note that is struck again before it ended, the first end belongs to the first stroke. What
    never ends is left out.
    """
    sounding: dict[int, list[tuple[int, int]]] = defaultdict(list)
    notes: list[MidiNote] = []
    at, now, status = 0, 0, 0
    while at < len(data):
        wait, at = _number(data, at)
        now += wait
        if data[at] >= 0x80:
            status, at = data[at], at + 1
        kind = status & 0xF0
        if status == META:
            length, start = _number(data, at + 1)
            metas[data[at]].append((now, data[start : start + length]))
            at = start + length
        elif status in SYSEX:
            length, at = _number(data, at)
            at += length
        elif kind in (0x80, 0x90):
            pitch, velocity = data[at], data[at + 1]
            place = (status & 0x0F) << 7 | pitch
            if kind == 0x90 and velocity:
                sounding[place].append((now, velocity))
            elif waiting := sounding[place]:
                began, struck = waiting.pop(0)
                notes.append(MidiNote(began, now, pitch, struck))
            at += 2
        elif kind in (0xC0, 0xD0):
            at += 1
        elif 0xA0 <= kind <= 0xE0:
            at += 2
        else:
            raise ValueError(f"byte {at} of a track is no event")
    return notes


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length and the position behind it."""
    value = data[at] & 0x7F
    while data[at] & 0x80:
        at += 1
        value = value << 7 | data[at] & 0x7F
    return value, at + 1

"""A song as plain numbers: the common format of all sources.

Positions are in quarter notes from the start of the song, pitches are MIDI note numbers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

TOLERANCE = 1e-4  # quarter notes: below any notated duration, above the rounding of thirds


@dataclass(frozen=True)
class Metre:
    """A time signature, with the beat counted by musicians.

    Compound metres (6/8, 9/8, 12/8) are counted in dotted quarters, simple ones in their
    denominator.
    """

    numerator: int
    denominator: int

    @classmethod
    def parse(cls, text: str) -> "Metre":
        """The metre written as `text`, such as `6/8`."""
        numerator, denominator = text.split("/")
        return cls(int(numerator), int(denominator))

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"

    @property
    def compound(self) -> bool:
        """Whether a beat has three parts."""
        return self.denominator == 8 and self.numerator in (6, 9, 12)

    @property
    def beats(self) -> int:
        """Beats in a bar."""
        return self.numerator // 3 if self.compound else self.numerator

    @property
    def beat_length(self) -> float:
        """Length of a beat in quarter notes."""
        return 1.5 if self.compound else 4 / self.denominator

    @property
    def bar_length(self) -> float:
        """Length of a bar in quarter notes."""
        return self.beats * self.beat_length


@dataclass(frozen=True)
class Note:
    """A note: start and end in quarter notes, pitch as a MIDI number, velocity from 1 to 127."""

    start: float
    end: float
    pitch: int
    velocity: int = 90


@dataclass(frozen=True)
class Part:
    """The part of one player or one hand below the melody; notes are ordered in time."""

    name: str
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Chord:
    """A chord from `start` to `end` in quarter notes, as a Harte label on a root pitch class.

    Attributes:
        start: in quarter notes.
        end: in quarter notes.
        root: pitch class of the root, C = 0, or None.
        quality: the rest of the label in Harte's syntax, such as `:min7/b3`; the whole label if
            there is no root.
    """

    start: float
    end: float
    root: int | None
    quality: str


@dataclass(frozen=True)
class Key:
    """A key from `start` to `end` in quarter notes: the tonic's pitch class, `major` or `minor`."""

    start: float
    end: float
    tonic: int
    mode: str


@dataclass(frozen=True)
class Section:
    """A section from `start` to `end` in quarter notes; equal music has an equal label."""

    start: float
    end: float
    label: str


@dataclass(frozen=True)
class Bar:
    """A bar: its start in quarter notes, and its metre. It ends where the next one starts."""

    start: float
    metre: Metre


@dataclass(frozen=True)
class Song:
    """The content of one song.

    Attributes:
        melody: of the singer or soloist: ordered in time, without overlap.
        bars: in order, without gaps. A song with a pickup begins inside its first bar, which
            starts before 0; without one, the music may start later than the first bar.
        end: of the last note, rest or bar.
        keys: in order, without gaps from 0 to the end; empty if unknown.
        parts: below the melody: the lower voices of a chorale, or a pianist's part.
        second: a second melody, or an instrumental lead; may be empty, notes may overlap.
        chords: as heard by people, without overlap; gaps have no chord.
        sections: in order, without gaps from 0 to the end; empty if unknown. Equal music has an
            equal label: upper-case letters have a melody, lower-case ones have none.
        bpm: quarter notes per minute in the source; 0 if unknown.
        id: unique among all sources, such as `pop909-001`; of letters, digits and hyphens.
        group: the song in all its versions; must not be in two splits.
        title: of the work.
        artist: composer or performer, as far as it is known.
        collection: title of its collection.
        licence: of the source.
        genre: from its source, or empty.
    """

    melody: tuple[Note, ...]
    bars: tuple[Bar, ...]
    end: float
    keys: tuple[Key, ...] = ()
    parts: tuple[Part, ...] = ()
    second: tuple[Note, ...] = ()
    chords: tuple[Chord, ...] = ()
    sections: tuple[Section, ...] = ()
    bpm: float = 0.0
    id: str = ""
    group: str = ""
    title: str = ""
    artist: str = ""
    collection: str = ""
    licence: str = ""
    genre: str = ""

    @property
    def metre(self) -> Metre:
        """The metre of the first bar."""
        return self.bars[0].metre

    @property
    def pickup(self) -> float:
        """Length of the pickup before the first whole bar, in quarter notes (0 for none)."""
        start = self.bars[0].start
        return 0.0 if start >= 0 else start + self.metre.bar_length

    @property
    def beats(self) -> Iterator[tuple[float, int]]:
        """Position of every beat from 0 to the end, and its number in the bar from 1."""
        ends = [*(bar.start for bar in self.bars[1:]), self.end]
        for bar, end in zip(self.bars, ends, strict=True):
            for index in range(bar.metre.beats):
                position = bar.start + index * bar.metre.beat_length
                if -1e-3 <= position < end - 1e-3:
                    yield position, index + 1


Span = TypeVar("Span", Note, Chord, Key, Section)


class Change(Protocol):
    """A change of notes, chords, keys or sections of a song."""

    def __call__(self, spans: Sequence[Span]) -> tuple[Span, ...]:
        """The changed spans."""


def changed(song: Song, change: Change) -> Song:
    """The song with a change applied to everything that has a start and an end."""
    return replace(
        song,
        melody=change(song.melody),
        second=change(song.second),
        parts=tuple(replace(part, notes=change(part.notes)) for part in song.parts),
        chords=change(song.chords),
        keys=change(song.keys),
        sections=change(song.sections),
    )


def transposed(song: Song, semitones: int) -> Song:
    """The song transposed by some semitones."""

    def moved(notes: tuple[Note, ...]) -> tuple[Note, ...]:
        return tuple(replace(note, pitch=note.pitch + semitones) for note in notes)

    return replace(
        song,
        melody=moved(song.melody),
        second=moved(song.second),
        parts=tuple(replace(part, notes=moved(part.notes)) for part in song.parts),
        chords=tuple(
            c if c.root is None else replace(c, root=(c.root + semitones) % 12) for c in song.chords
        ),
        keys=tuple(replace(k, tonic=(k.tonic + semitones) % 12) for k in song.keys),
    )


@dataclass(frozen=True)
class Hit:
    """A stroke on a drum.

    Attributes:
        position: in quarter notes from the groove's first bar line, with human deviation.
        drum: General MIDI percussion key.
        velocity: from 1 to 127.
    """

    position: float
    drum: int
    velocity: int


@dataclass(frozen=True)
class Groove:
    """Several bars of drumming, by a human or a pattern.

    Attributes:
        id: such as `drummer1-session1-12`.
        style: first word of the style of the collection, such as `funk`.
        bpm: tempo of the metronome, in quarter notes per minute.
        metre: constant.
        bars: length in whole bars, at least one.
        part: `train`, `validation` or `test`, in its authors' split.
        fill: whether it is a fill rather than a beat.
        hits: ordered by position.
    """

    id: str
    style: str
    bpm: float
    metre: Metre
    bars: int
    part: str
    fill: bool
    hits: tuple[Hit, ...]

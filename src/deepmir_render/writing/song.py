"""A song as plain numbers: what the sources of the rendered set have in common.

Positions are in quarter notes from the song's first bar line, pitches are MIDI note numbers. A song
may change its metre and its key, unlike a score of `datasets/scores`.
"""

from dataclasses import dataclass

from deepmir_render.writing.notation import ChordSpan, Metre, Section


@dataclass(frozen=True)
class SongNote:
    """A note: start and end in quarter notes, pitch as a MIDI number, velocity from 1 to 127."""

    start: float
    end: float
    pitch: int
    velocity: int = 90


@dataclass(frozen=True)
class Bar:
    """A bar: its start in quarter notes, and its metre. It ends where the next one starts."""

    start: float
    metre: Metre


@dataclass(frozen=True)
class KeySpan:
    """A key from `start` to `end` in quarter notes: the tonic's pitch class, `major` or `minor`."""

    start: float
    end: float
    tonic: int
    mode: str


@dataclass(frozen=True)
class Song:
    """What a source says of one song.

    Attributes:
        id: unique among all sources, such as `pop909-001`; of letters, digits and hyphens.
        group: the song in all its versions; what must not be in two splits.
        title: of the work.
        artist: composer or performer, as far as it is known.
        collection: title of the collection that it is from.
        licence: of the source.
        melody: of the singer or soloist: ordered in time, no two notes overlap.
        second: a second melody, or an instrumental's lead; may be empty, notes may overlap.
        accompaniment: what a pianist plays below; may be empty, notes may overlap.
        bars: in order, from position 0 and without gaps. Music may start later.
        end: end of the last bar.
        chords: in order, without overlap; where none is, there is no chord.
        keys: in order, without gaps from 0 to the end; empty where no key is known.
        sections: in order, without gaps from 0 to the end; empty where they are not known. Equal
            music has an equal label: upper-case letters are sung, lower-case ones are not.
        bpm: quarter notes a minute that the source asks for; 0 where it does not.
    """

    id: str
    group: str
    title: str
    artist: str
    collection: str
    licence: str
    melody: tuple[SongNote, ...]
    second: tuple[SongNote, ...]
    accompaniment: tuple[SongNote, ...]
    bars: tuple[Bar, ...]
    end: float
    chords: tuple[ChordSpan, ...] = ()
    keys: tuple[KeySpan, ...] = ()
    sections: tuple[Section, ...] = ()
    bpm: float = 0.0


@dataclass(frozen=True)
class Hit:
    """A stroke on a drum as a person played it.

    Attributes:
        position: in quarter notes from the groove's first bar line, with the human deviation.
        drum: General MIDI percussion key.
        velocity: from 1 to 127.
    """

    position: float
    drum: int
    velocity: int


@dataclass(frozen=True)
class Groove:
    """Human drumming of some bars.

    Attributes:
        id: such as `drummer1-session1-12`.
        style: first word of the style of the collection, such as `funk`.
        bpm: the tempo of the metronome, in quarter notes a minute.
        metre: constant.
        bars: whole bars that it lasts, at least one.
        part: `train`, `validation` or `test`, as its authors split it.
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

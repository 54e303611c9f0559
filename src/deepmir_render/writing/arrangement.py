"""An arrangement: the parts of all players, in quarter notes; performance.py adds timing."""

from dataclasses import dataclass

from deepmir_render.instruments import Instrument
from deepmir_render.song import Chord, Note, Song
from deepmir_render.writing.singer import Singer

MELODY = "melody"  # name of the voices that play the melody in turn


@dataclass(frozen=True)
class Voice:
    """The part of one player or singer.

    Attributes:
        name: of the part; voices that share the melody have the same name.
        instrument: of the part.
        bus: the group of the mix: drums, bass, harmony or lead.
        notes: ordered by start; for drums, the end has no meaning.
        level: in dB relative to the melody.
        pan: from left (-1) to right (1).
        slow: whether its attack is too slow for an audible onset.
        loose: whether to add timing deviations; not if it already has human ones.
    """

    name: str
    instrument: Instrument
    bus: str
    notes: tuple[Note, ...]
    level: float = 0.0
    pan: float = 0.0
    slow: bool = False
    loose: bool = True


@dataclass(frozen=True)
class Arrangement:
    """An arrangement.

    Attributes:
        song: the passage, transposed.
        style: a name in `STYLES`.
        bpm: quarter notes per minute.
        voices: without the sung ones.
        sung: the sung voices: the lead, then backing voices; may be empty.
        singers: of the sung voices.
        swing: position of the second eighth in a beat; 0.5 is straight.
        human: whether the drumming is human.
        chords: where they are audible and known.
        chords_from: `analysis` by people, or the `accompaniment` made by rules.
        transposition: from the source's key, in semitones.
    """

    song: Song
    style: str
    bpm: float
    voices: tuple[Voice, ...]
    sung: tuple[Voice, ...] = ()
    singers: tuple[Singer, ...] = ()
    swing: float = 0.5
    human: bool = False
    chords: tuple[Chord, ...] = ()
    chords_from: str = "analysis"
    transposition: int = 0

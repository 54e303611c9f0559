"""An arrangement: who plays what, in quarter notes; performance.py gives it seconds."""

from dataclasses import dataclass

from deepmir_render.instruments import Instrument
from deepmir_render.song import Chord, Note, Song
from deepmir_render.writing.singer import Singer

MELODY = "melody"  # name of the voices that have the melody in turn


@dataclass(frozen=True)
class Voice:
    """What one player or singer has to do.

    Attributes:
        name: of the part; voices that share the melody have one name.
        instrument: what plays.
        bus: the group of the mix: drums, bass, harmony or lead.
        notes: ordered by start; of drums, the end says nothing.
        level: in dB relative to the melody.
        pan: place between the left (-1) and the right (1).
        slow: whether its sound swells, so that no onset could be heard.
        loose: whether the player deviates from the beat; not where a person's deviation is in it.
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
    """What is played.

    Attributes:
        song: the passage, transposed.
        style: a name in `STYLES`.
        bpm: quarter notes a minute.
        voices: without those that are sung.
        sung: what is sung: the lead, then those who sing with it; may be empty.
        singers: of the voices that are sung.
        swing: place of the second eighth in a beat; 0.5 is even.
        human: whether a person drums.
        chords: where they are heard and known.
        chords_from: `analysis` by people, or the `accompaniment` that is made by rule.
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

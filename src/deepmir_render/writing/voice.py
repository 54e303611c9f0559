"""A voice of an arrangement: what one player or singer has to do."""

from dataclasses import dataclass

from deepmir_render.playing.instruments import Instrument
from deepmir_render.writing.song import SongNote

MELODY = "melody"  # name of the voices that have the melody in turn


@dataclass(frozen=True)
class Voice:
    """What one player plays.

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
    notes: tuple[SongNote, ...]
    level: float = 0.0
    pan: float = 0.0
    slow: bool = False
    loose: bool = True

"""The instruments, and who may play what.

Levels were measured from the soundfont: the greatest RMS of 50 ms at velocity 90 between A2 and A5.
Programs of the soundfont with notes that are off by more than 20 cents where they would be played
(accordion, bandoneon, harmonica, French horns, alto saxophone, whistle) are not used.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Instrument:
    """A General MIDI program.

    Attributes:
        name: as the annotations have it.
        program: counted from 0; the bank's kit for drums.
        level: in dB relative to full scale, from the soundfont.
        drums: whether pitches are drums.
    """

    name: str
    program: int
    level: float
    drums: bool = False


INSTRUMENTS = {
    instrument.name: instrument
    for instrument in (
        Instrument("piano", 0, -28),
        Instrument("electric piano", 4, -25),
        Instrument("harpsichord", 6, -31),
        Instrument("vibraphone", 11, -17),
        Instrument("marimba", 12, -21),
        Instrument("dulcimer", 15, -29),
        Instrument("organ", 16, -23),
        Instrument("church organ", 19, -28),
        Instrument("reed organ", 20, -24),
        Instrument("nylon guitar", 24, -21),
        Instrument("steel guitar", 25, -24),
        Instrument("jazz guitar", 26, -18),
        Instrument("acoustic bass", 32, -15),
        Instrument("electric bass", 33, -17),
        Instrument("violin", 40, -22),
        Instrument("viola", 41, -21),
        Instrument("cello", 42, -20),
        Instrument("contrabass", 43, -22),
        Instrument("harp", 46, -13),
        Instrument("strings", 48, -28),
        Instrument("choir", 52, -18),
        Instrument("voice", 53, -24),
        Instrument("trumpet", 56, -21),
        Instrument("trombone", 57, -24),
        Instrument("tuba", 58, -20),
        Instrument("soprano saxophone", 64, -20),
        Instrument("oboe", 68, -17),
        Instrument("english horn", 69, -24),
        Instrument("bassoon", 70, -25),
        Instrument("clarinet", 71, -23),
        Instrument("piccolo", 72, -22),
        Instrument("flute", 73, -17),
        Instrument("recorder", 74, -21),
        Instrument("pan flute", 75, -24),
        Instrument("ocarina", 79, -14),
        Instrument("banjo", 105, -17),
        Instrument("bagpipe", 109, -20),
        Instrument("fiddle", 110, -23),
        Instrument("drums", 0, -12, drums=True),
    )
}
DRUMS = INSTRUMENTS["drums"]
SINGING = Instrument("singing", -1, 0)  # no program: it is synthesised by singing.py
SINGERS = ("choir", "voice")  # programs that would be singing without a label

# Soprano, alto, tenor and bass of a chorale.
CHOIRS = (
    ("choir", "choir", "voice", "voice"),  # the choir's lower samples are flat
    ("voice",) * 4,
    ("church organ",) * 4,
    ("organ",) * 4,
    ("reed organ",) * 4,
    ("piano",) * 4,
    ("electric piano",) * 4,
    ("harpsichord",) * 4,
    ("nylon guitar",) * 4,
    ("strings",) * 4,
    ("recorder",) * 4,
    ("violin", "violin", "viola", "cello"),
    ("violin", "viola", "viola", "contrabass"),
    ("trumpet", "trumpet", "trombone", "tuba"),
    ("flute", "oboe", "clarinet", "bassoon"),
    ("oboe", "english horn", "clarinet", "bassoon"),
    ("soprano saxophone", "clarinet", "clarinet", "bassoon"),
    ("flute", "voice", "voice", "voice"),
    ("trumpet", "church organ", "church organ", "church organ"),
    ("voice", "piano", "piano", "piano"),
    ("violin", "harpsichord", "harpsichord", "cello"),
    ("vibraphone", "nylon guitar", "nylon guitar", "acoustic bass"),
)
SOLOISTS = (
    *("violin", "fiddle", "flute", "recorder", "piccolo", "pan flute", "ocarina", "oboe"),
    *("clarinet", "soprano saxophone", "trumpet", "reed organ", "bagpipe"),
    *("piano", "electric piano", "harpsichord", "dulcimer", "vibraphone", "marimba", "harp"),
    *("nylon guitar", "steel guitar", "banjo", "voice"),
)
CHORD_PLAYERS = (
    *("piano", "electric piano", "harpsichord", "organ", "reed organ", "nylon guitar"),
    *("steel guitar", "jazz guitar", "harp", "strings", "banjo"),
)
BASSES = ("acoustic bass", "electric bass", "contrabass", "tuba", "cello")

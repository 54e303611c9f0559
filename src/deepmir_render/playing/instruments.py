"""The instruments, and who may play what.

Levels were measured from the soundfont: the greatest RMS of 50 ms at velocity 90, the median of
notes between A2 and A5; of drums, that of a bass drum and a snare drum at once.
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
        Instrument("piano", 0, -24),
        Instrument("electric piano", 4, -20),
        Instrument("harpsichord", 6, -24),
        Instrument("vibraphone", 11, -15),
        Instrument("marimba", 12, -21),
        Instrument("dulcimer", 15, -21),
        Instrument("organ", 16, -20),
        Instrument("church organ", 19, -23),
        Instrument("reed organ", 20, -20),
        Instrument("nylon guitar", 24, -20),
        Instrument("steel guitar", 25, -23),
        Instrument("jazz guitar", 26, -18),
        Instrument("acoustic bass", 32, -18),
        Instrument("electric bass", 33, -20),
        Instrument("violin", 40, -19),
        Instrument("viola", 41, -19),
        Instrument("cello", 42, -17),
        Instrument("contrabass", 43, -20),
        Instrument("harp", 46, -15),
        Instrument("strings", 48, -21),
        Instrument("choir", 52, -18),
        Instrument("voice", 53, -19),
        Instrument("trumpet", 56, -24),
        Instrument("trombone", 57, -23),
        Instrument("tuba", 58, -21),
        Instrument("soprano saxophone", 64, -22),
        Instrument("oboe", 68, -20),
        Instrument("english horn", 69, -20),
        Instrument("bassoon", 70, -22),
        Instrument("clarinet", 71, -21),
        Instrument("piccolo", 72, -18),
        Instrument("flute", 73, -20),
        Instrument("recorder", 74, -18),
        Instrument("pan flute", 75, -21),
        Instrument("ocarina", 79, -16),
        Instrument("banjo", 105, -18),
        Instrument("bagpipe", 109, -20),
        Instrument("fiddle", 110, -20),
        Instrument("drums", 0, -13, drums=True),
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

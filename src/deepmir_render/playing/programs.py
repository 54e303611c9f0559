"""The General MIDI programs that songs are arranged for, apart from any soundfont.

Names that `datasets/scores/instruments.py` has as well mean the same instrument. Ranges are what a
player's instrument has, narrowed to where arrangements for it are written.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Program:
    """A program of General MIDI, level 1.

    Attributes:
        name: as the annotations have it.
        program: counted from 0; for drums the kit of bank 128.
        family: label of the task `instrument`, or empty where none of them fits.
        low: lowest pitch that is written for it, as a MIDI number.
        high: highest pitch.
    """

    name: str
    program: int
    family: str
    low: int
    high: int

    @property
    def drums(self) -> bool:
        """Whether its pitches are drums."""
        return self.family == "drums"


PROGRAMS = {
    each.name: each
    for each in (
        Program("piano", 0, "keys", 28, 96),
        Program("bright piano", 1, "keys", 28, 96),
        Program("electric grand", 2, "keys", 28, 96),
        Program("honky-tonk piano", 3, "keys", 36, 91),
        Program("electric piano", 4, "keys", 33, 91),
        Program("fm electric piano", 5, "keys", 33, 91),
        Program("harpsichord", 6, "keys", 36, 84),
        Program("clavinet", 7, "keys", 36, 84),
        Program("celesta", 8, "mallets", 60, 96),
        Program("glockenspiel", 9, "mallets", 72, 103),
        Program("music box", 10, "mallets", 60, 96),
        Program("vibraphone", 11, "mallets", 53, 89),
        Program("marimba", 12, "mallets", 45, 91),
        Program("xylophone", 13, "mallets", 65, 101),
        Program("dulcimer", 15, "mallets", 50, 84),
        Program("organ", 16, "organ", 36, 91),
        Program("percussive organ", 17, "organ", 36, 91),
        Program("rock organ", 18, "organ", 36, 91),
        Program("church organ", 19, "organ", 36, 91),
        Program("reed organ", 20, "organ", 36, 89),
        Program("accordion", 21, "organ", 53, 89),
        Program("harmonica", 22, "reeds", 60, 91),
        Program("bandoneon", 23, "organ", 48, 88),
        Program("nylon guitar", 24, "plucked", 40, 79),
        Program("steel guitar", 25, "plucked", 40, 79),
        Program("jazz guitar", 26, "plucked", 40, 81),
        Program("clean guitar", 27, "plucked", 40, 83),
        Program("muted guitar", 28, "plucked", 40, 76),
        Program("overdriven guitar", 29, "plucked", 40, 84),
        Program("distortion guitar", 30, "plucked", 40, 84),
        Program("acoustic bass", 32, "bass", 28, 60),
        Program("electric bass", 33, "bass", 28, 60),
        Program("picked bass", 34, "bass", 28, 60),
        Program("fretless bass", 35, "bass", 28, 60),
        Program("slap bass", 36, "bass", 28, 60),
        Program("slap bass 2", 37, "bass", 28, 60),
        Program("synth bass", 38, "bass", 28, 60),
        Program("synth bass 2", 39, "bass", 28, 60),
        Program("violin", 40, "strings", 55, 93),
        Program("viola", 41, "strings", 48, 84),
        Program("cello", 42, "strings", 36, 74),
        Program("contrabass", 43, "strings", 28, 60),
        Program("tremolo strings", 44, "strings", 40, 88),
        Program("pizzicato strings", 45, "strings", 40, 84),
        Program("harp", 46, "plucked", 33, 96),
        Program("strings", 48, "strings", 36, 91),
        Program("slow strings", 49, "strings", 36, 91),
        Program("synth strings", 50, "", 36, 91),
        Program("synth strings 2", 51, "", 36, 91),
        Program("choir", 52, "singing", 48, 79),
        Program("voice", 53, "singing", 48, 79),
        Program("trumpet", 56, "brass", 54, 84),
        Program("trombone", 57, "brass", 40, 72),
        Program("tuba", 58, "brass", 28, 58),
        Program("muted trumpet", 59, "brass", 54, 82),
        Program("french horn", 60, "brass", 41, 77),
        Program("brass section", 61, "brass", 43, 84),
        Program("synth brass", 62, "", 36, 84),
        Program("synth brass 2", 63, "", 36, 84),
        Program("soprano saxophone", 64, "reeds", 56, 87),
        Program("alto saxophone", 65, "reeds", 49, 80),
        Program("tenor saxophone", 66, "reeds", 44, 75),
        Program("baritone saxophone", 67, "reeds", 37, 68),
        Program("oboe", 68, "reeds", 58, 91),
        Program("english horn", 69, "reeds", 52, 81),
        Program("bassoon", 70, "reeds", 34, 72),
        Program("clarinet", 71, "reeds", 50, 89),
        Program("piccolo", 72, "flutes", 74, 103),
        Program("flute", 73, "flutes", 60, 94),
        Program("recorder", 74, "flutes", 60, 93),
        Program("pan flute", 75, "flutes", 60, 91),
        Program("whistle", 78, "flutes", 67, 96),
        Program("ocarina", 79, "flutes", 60, 84),
        Program("square lead", 80, "", 45, 91),
        Program("sawtooth lead", 81, "", 45, 91),
        Program("calliope lead", 82, "", 48, 91),
        Program("chiff lead", 83, "", 48, 91),
        Program("charang lead", 84, "", 45, 88),
        Program("bass lead", 87, "", 36, 84),
        Program("new age pad", 88, "", 36, 91),
        Program("warm pad", 89, "", 36, 91),
        Program("polysynth pad", 90, "", 36, 91),
        Program("bowed pad", 92, "", 36, 91),
        Program("metallic pad", 93, "", 36, 91),
        Program("halo pad", 94, "", 36, 91),
        Program("sweep pad", 95, "", 36, 91),
        Program("banjo", 105, "plucked", 48, 84),
        Program("bagpipe", 109, "reeds", 55, 81),
        Program("fiddle", 110, "strings", 55, 93),
        Program("drums", 0, "drums", 35, 81),
        Program("room drums", 8, "drums", 35, 81),
        Program("power drums", 16, "drums", 35, 81),
        Program("electronic drums", 24, "drums", 35, 81),
        Program("808 drums", 25, "drums", 35, 81),
        Program("jazz drums", 32, "drums", 35, 81),
        Program("brush drums", 40, "drums", 35, 81),
    )
}

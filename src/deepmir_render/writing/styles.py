"""Styles: who plays how in a kind of music. A track draws one; it is its genre.

They are rules of thumb of ours, wide rather than true: what a network should learn to hear through.
"""

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True)
class Style:
    """A kind of music.

    Attributes:
        weight: how often it is drawn, relative to the others.
        bpm: quarter notes a minute that a song is pulled to.
        grooves: styles of human drumming that suit it.
        drums: probability of drums.
        kits: names of drum kits.
        sung: probability of a singer.
        leads: who plays the melody.
        comps: who plays chords.
        basses: who plays the bass.
        pads: who holds chords in the background.
        figures: of the chords, see figures.py.
        lines: of the bass, see figures.py.
        swing: least and greatest place of the second eighth in a beat; 0.5 is even.
        rubato: greatest slow change of the tempo, as a share of it.
        written: probability that the source's own piano part is played.
    """

    weight: float
    bpm: Range
    grooves: tuple[str, ...]
    drums: float
    kits: tuple[str, ...]
    sung: float
    leads: tuple[str, ...]
    comps: tuple[str, ...]
    basses: tuple[str, ...]
    pads: tuple[str, ...]
    figures: tuple[str, ...]
    lines: tuple[str, ...]
    swing: Range = (0.5, 0.5)
    rubato: float = 0.02
    written: float = 0.4


KEYS = ("piano", "bright piano", "electric piano", "fm electric piano")
SYNTHS = ("square lead", "sawtooth lead", "calliope lead", "polysynth pad")
SWELLS = ("strings", "slow strings", "synth strings", "warm pad", "halo pad", "bowed pad")
ELECTRIC_BASSES = ("electric bass", "picked bass", "fretless bass")

STYLES = {
    "pop": Style(
        weight=2.0,
        bpm=(76, 132),
        grooves=("pop", "rock", "soul", "funk", "hiphop"),
        drums=0.95,
        kits=("drums", "room drums", "electronic drums", "power drums"),
        sung=0.9,
        leads=(*KEYS, *SYNTHS, "clean guitar", "violin", "flute", "alto saxophone"),
        comps=(*KEYS, "steel guitar", "nylon guitar", "clean guitar", "muted guitar", "organ"),
        basses=(*ELECTRIC_BASSES, "synth bass"),
        pads=SWELLS,
        figures=("beats", "strummed", "eighths", "syncopated", "broken", "held"),
        lines=("held", "eighths", "syncopated", "octaves"),
    ),
    "rock": Style(
        weight=2.0,
        bpm=(92, 188),
        grooves=("rock", "punk", "blues"),
        drums=1.0,
        kits=("drums", "room drums", "power drums"),
        sung=0.9,
        leads=(
            "overdriven guitar",
            "distortion guitar",
            "clean guitar",
            "rock organ",
            "sawtooth lead",
        ),
        comps=("overdriven guitar", "distortion guitar", "clean guitar", "steel guitar", "piano"),
        basses=("electric bass", "picked bass"),
        pads=("rock organ", "organ", "strings"),
        figures=("powered", "strummed", "eighths", "beats", "held"),
        lines=("eighths", "held", "octaves"),
        rubato=0.015,
        written=0.15,
    ),
    "metal": Style(
        weight=1.5,
        bpm=(110, 210),
        grooves=("rock", "punk"),
        drums=1.0,
        kits=("power drums", "drums", "room drums"),
        sung=0.7,
        leads=("distortion guitar", "overdriven guitar"),
        comps=("distortion guitar", "overdriven guitar"),
        basses=("picked bass", "electric bass"),
        pads=("church organ", "synth strings", "rock organ"),
        figures=("powered", "galloping"),
        lines=("eighths", "galloping"),
        rubato=0.005,
        written=0.0,
    ),
    "ballad": Style(
        weight=1.2,
        bpm=(54, 84),
        grooves=("pop", "soul", "rock"),
        drums=0.55,
        kits=("drums", "room drums", "jazz drums"),
        sung=0.9,
        leads=("piano", "violin", "cello", "flute", "oboe", "soprano saxophone", "nylon guitar"),
        comps=("piano", "electric piano", "nylon guitar", "harp", "steel guitar"),
        basses=("electric bass", "fretless bass", "acoustic bass"),
        pads=SWELLS,
        figures=("broken", "held", "beats", "rolled"),
        lines=("held", "fifths"),
        rubato=0.06,
        written=0.7,
    ),
    "electronic": Style(
        weight=1.5,
        bpm=(100, 174),
        grooves=("dance", "hiphop", "funk"),
        drums=1.0,
        kits=("electronic drums", "808 drums", "power drums"),
        sung=0.7,
        leads=(*SYNTHS, "charang lead", "music box"),
        comps=("polysynth pad", "sawtooth lead", "fm electric piano", "square lead", "synth brass"),
        basses=("synth bass", "synth bass 2"),
        pads=("warm pad", "halo pad", "new age pad", "synth strings", "bowed pad"),
        figures=("eighths", "off", "sixteenths", "held", "syncopated"),
        lines=("off", "eighths", "octaves", "sixteenths"),
        rubato=0.0,
        written=0.1,
    ),
    "hip hop": Style(
        weight=1.0,
        bpm=(76, 110),
        grooves=("hiphop", "funk", "soul"),
        drums=1.0,
        kits=("808 drums", "electronic drums", "drums"),
        sung=0.8,
        leads=("electric piano", "square lead", "flute", "muted trumpet", "vibraphone"),
        comps=("electric piano", "fm electric piano", "piano", "jazz guitar", "organ"),
        basses=("synth bass", "synth bass 2", "electric bass"),
        pads=SWELLS,
        figures=("held", "syncopated", "off", "broken"),
        lines=("syncopated", "held"),
        swing=(0.5, 0.62),
        rubato=0.0,
        written=0.3,
    ),
    "funk": Style(
        weight=1.0,
        bpm=(88, 124),
        grooves=("funk", "soul", "gospel", "neworleans", "afrobeat"),
        drums=1.0,
        kits=("drums", "room drums"),
        sung=0.7,
        leads=("alto saxophone", "trumpet", "brass section", "clavinet", "electric piano"),
        comps=("clavinet", "muted guitar", "clean guitar", "electric piano", "percussive organ"),
        basses=("slap bass", "electric bass", "synth bass"),
        pads=("brass section", "organ", "strings"),
        figures=("sixteenths", "syncopated", "off"),
        lines=("syncopated", "octaves", "sixteenths"),
        swing=(0.5, 0.58),
        rubato=0.005,
        written=0.1,
    ),
    "latin": Style(
        weight=1.0,
        bpm=(88, 150),
        grooves=("latin", "afrocuban", "highlife"),
        drums=0.9,
        kits=("drums", "jazz drums", "room drums"),
        sung=0.8,
        leads=("trumpet", "flute", "nylon guitar", "alto saxophone", "accordion", "trombone"),
        comps=("piano", "nylon guitar", "steel guitar", "electric piano"),
        basses=("acoustic bass", "electric bass"),
        pads=("strings", "brass section"),
        figures=("syncopated", "off", "broken", "montuno"),
        lines=("fifths", "syncopated", "tresillo"),
        rubato=0.01,
        written=0.2,
    ),
    "reggae": Style(
        weight=0.5,
        bpm=(66, 96),
        grooves=("reggae", "dub"),
        drums=1.0,
        kits=("drums", "room drums"),
        sung=0.85,
        leads=("organ", "trombone", "harmonica", "alto saxophone"),
        comps=("clean guitar", "organ", "piano"),
        basses=("electric bass", "fretless bass"),
        pads=("organ", "brass section"),
        figures=("off",),
        lines=("syncopated", "fifths"),
        swing=(0.5, 0.6),
        rubato=0.0,
        written=0.0,
    ),
    "jazz": Style(
        weight=1.0,
        bpm=(80, 208),
        grooves=("jazz", "neworleans"),
        drums=0.8,
        kits=("jazz drums", "brush drums", "drums"),
        sung=0.5,
        leads=(
            *("alto saxophone", "tenor saxophone", "trumpet", "muted trumpet", "clarinet"),
            *("piano", "vibraphone", "jazz guitar", "trombone"),
        ),
        comps=("piano", "jazz guitar", "electric piano", "vibraphone", "organ"),
        basses=("acoustic bass", "fretless bass"),
        pads=("strings",),
        figures=("syncopated", "held", "charleston"),
        lines=("walking", "fifths"),
        swing=(0.58, 0.68),
        rubato=0.02,
        written=0.3,
    ),
    "folk": Style(
        weight=1.0,
        bpm=(76, 140),
        grooves=("country", "rock", "pop"),
        drums=0.45,
        kits=("drums", "room drums", "jazz drums"),
        sung=0.8,
        leads=("fiddle", "harmonica", "accordion", "whistle", "flute", "recorder", "banjo"),
        comps=("steel guitar", "nylon guitar", "banjo", "piano", "accordion", "reed organ"),
        basses=("acoustic bass", "electric bass", "contrabass"),
        pads=("accordion", "strings", "reed organ"),
        figures=("strummed", "oompah", "broken", "beats"),
        lines=("fifths", "held", "beats"),
        rubato=0.03,
        written=0.3,
    ),
    "classical": Style(
        weight=1.0,
        bpm=(56, 150),
        grooves=(),
        drums=0.0,
        kits=("drums",),
        sung=0.3,
        leads=(
            *("violin", "flute", "oboe", "clarinet", "trumpet", "piano", "cello", "recorder"),
            *("soprano saxophone", "harpsichord", "church organ"),
        ),
        comps=("piano", "strings", "harp", "harpsichord", "nylon guitar", "church organ", "viola"),
        basses=("cello", "contrabass", "bassoon"),
        pads=("strings", "slow strings", "french horn", "clarinet"),
        figures=("broken", "held", "beats", "rolled", "oompah"),
        lines=("held", "beats"),
        rubato=0.1,
        written=0.75,
    ),
}

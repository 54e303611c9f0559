"""A song made for tests: sixteen bars in G, verse and chorus, with chords and a melody."""

from deepmir.errors import DeepmirError
from deepmir_render.instruments import INSTRUMENTS
from deepmir_render.singing import espeak
from deepmir_render.song import Bar, Chord, Key, Metre, Note, Part, Section, Song
from deepmir_render.sources.soundfonts import Measured
from deepmir_render.writing.singer import Singer

FOUR = Metre(4, 4)


def song(bars=16, metre=FOUR, **changes):
    length = metre.bar_length
    end = bars * length
    roots = [7, 0, 2, 7]
    letters = "iABB"
    section = end / len(letters)
    melody = [
        Note(beat * 1.0, beat + 0.9, 67 + (0, 2, 4, 7)[beat % 4], 90)
        for beat in range(int(section), int(end))
    ]
    values = {
        "id": "made-1",
        "group": "made-1",
        "title": "Made",
        "artist": "Nobody",
        "collection": "made",
        "licence": "CC0-1.0",
        "melody": tuple(melody),
        "second": tuple(Note(b, b + 0.5, 79, 80) for b in range(int(section))),
        "parts": (Part("piano", tuple(Note(b, b + 1.0, 48, 70) for b in range(int(end)))),),
        "bars": tuple(Bar(i * length, metre) for i in range(bars)),
        "end": end,
        "chords": tuple(
            Chord(i * length, (i + 1) * length, roots[i % 4], ":maj") for i in range(bars)
        ),
        "keys": (Key(0.0, end, 7, "major"),),
        "sections": tuple(
            Section(i * section, (i + 1) * section, letter) for i, letter in enumerate(letters)
        ),
        "bpm": 100.0,
    }
    return Song(**(values | changes))


def players():
    """A soundfont that plays everything."""
    return {name: Measured(each, -20.0, 0.0, 0, 5.0, True) for name, each in INSTRUMENTS.items()}


SINGER = Singer(
    voice="tenor",
    octaves=0,
    tract=1.0,
    tilt=1.1,
    breath=-34.0,
    vibrato_rate=5.5,
    vibrato_depth=60.0,
    vibrato_delay=0.2,
    jitter=3.0,
    glide=0.06,
    scoop=50.0,
    diction=1.0,
    melisma=0.1,
    phrase=4.0,
    speed=0.9,
    overshoot=0.3,
    intonation=6.0,
    falls=0.1,
)


def spoken_here():
    """Whether espeak-ng is installed, and pyworld with it."""
    try:
        espeak.espeak()
    except DeepmirError:
        return False
    return True

import pytest

from deepmir_render import chords as names
from deepmir_render import styles
from deepmir_render.song import Bar, Chord, Key, Metre, Note, Song
from deepmir_render.writing import accompaniment, harmonising

METRES = [Metre(4, 4), Metre(3, 4), Metre(6, 8), Metre(2, 4), Metre(12, 8)]
FIGURES = sorted({f for style in styles.STYLES.values() for f in style.figures})
LINES = sorted({f for style in styles.STYLES.values() for f in style.lines})


def bar(metre):
    return [(0.0, metre.bar_length, metre)]


@pytest.mark.parametrize("metre", METRES, ids=str)
@pytest.mark.parametrize("figure", FIGURES)
def test_chord_players_play_the_chord_inside_the_bar(figure, metre):
    half = metre.bar_length / 2
    chords = [Chord(0.0, half, 9, ":min7"), Chord(half, 2 * half, 2, ":7")]
    notes = accompaniment.chord_notes(chords, bar(metre), figure, 60, powered=False, velocity=90)
    for chord, classes in zip(chords, ({9, 0, 4, 7}, {2, 6, 9, 0}), strict=True):
        mine = [n for n in notes if chord.start - 1e-6 <= n.start < chord.end - 1e-6]
        assert mine, "every chord is struck"
        assert {n.pitch % 12 for n in mine} <= classes
        assert all(n.start < n.end <= chord.end + 1e-6 for n in mine)
        assert all(50 <= n.pitch <= 72 and 1 <= n.velocity <= 90 for n in mine)


@pytest.mark.parametrize("metre", METRES, ids=str)
@pytest.mark.parametrize("line", LINES)
def test_a_bass_starts_a_chord_with_its_lowest_tone(line, metre):
    chords = [Chord(0.0, metre.bar_length, 0, ":maj/3")]
    notes = accompaniment.bass_notes(chords, bar(metre), line, 28, 100)
    first = min(notes, key=lambda n: n.start)
    assert first.pitch % 12 == 4
    assert all(28 <= n.pitch <= 52 for n in notes)


def test_distorted_guitars_play_fifths():
    chords = [Chord(0.0, 4.0, 9, ":min")]
    notes = accompaniment.chord_notes(
        chords, bar(Metre(4, 4)), "powered", 52, powered=True, velocity=100
    )
    assert {n.pitch % 12 for n in notes} == {9, 4}


@pytest.mark.parametrize(
    ("quality", "tones"),
    [
        (":maj", (0, 4, 7)),
        (":min7/b3", (0, 3, 7, 10)),
        (":maj7", (0, 4, 7, 11)),
        (":minmaj7", (0, 3, 7, 11)),
        (":hdim7", (0, 3, 6, 10)),
        (":sus4(b7)", (0, 5, 7)),
        (":9", (0, 4, 7, 10, 14)),
        ("", (0, 4, 7)),
    ],
)
def test_tones_follow_from_the_quality(quality, tones):
    assert names.tones(Chord(0, 1, 0, quality)) == tones


@pytest.mark.parametrize(("bass", "step"), [("", 0), ("/3", 4), ("/b3", 3), ("/5", 7), ("/b7", 10)])
def test_the_bass_follows_from_the_inversion(bass, step):
    assert names.bass_step(Chord(0, 1, 0, f":maj{bass}")) == step


def test_no_chord_is_not_played():
    chords = [Chord(0.0, 4.0, None, "N")]
    arguments = (chords, bar(Metre(4, 4)), "beats")
    assert accompaniment.chord_notes(*arguments, 60, powered=False, velocity=90) == []
    assert accompaniment.bass_notes(*arguments, 28, 90) == []


def test_harmony_follows_the_melody():
    notes = [(0, 60), (1, 64), (2, 67), (3, 64), (4, 67), (5, 71), (6, 74), (7, 71), (8, 72)]
    melody = tuple(Note(float(s), s + 1.0, p) for s, p in notes)
    bars = tuple(Bar(b, Metre(4, 4)) for b in (0.0, 4.0, 8.0))
    song = Song(melody, bars, 9.0, keys=(Key(0.0, 9.0, 0, "major"),))
    roots = [chord.root for chord in harmonising.harmonise(song).chords]
    assert roots[0] == 0 and roots[2] == 7 and roots[-1] == 0

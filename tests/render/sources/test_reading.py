"""Reading of notation: bars, pickups, endings, ties, and refused works."""

import pytest

from deepmir_render.song import Metre
from deepmir_render.sources.analyses import read_chords
from deepmir_render.sources.catalogue import works
from deepmir_render.sources.reading import UnusableError, assemble_bars, read_tune

HEAD = "X:1\nT:Test\nM:{metre}\nL:1/8\nK:{key}\n"


def tune(body, metre="4/4", key="G"):
    return read_tune(HEAD.format(metre=metre, key=key) + body + "\n")


@pytest.mark.parametrize(
    ("metre", "beats", "beat", "bar"),
    [
        ("4/4", 4, 1, 4),
        ("2/2", 2, 2, 4),
        ("6/8", 2, 1.5, 3),
        ("9/8", 3, 1.5, 4.5),
        ("3/4", 3, 1, 3),
    ],
)
def test_metres_count_as_musicians_do(metre, beats, beat, bar):
    parsed = Metre.parse(metre)
    assert (parsed.beats, parsed.beat_length, parsed.bar_length) == (beats, beat, bar)
    assert str(parsed) == metre


def test_a_pickup_comes_before_the_first_downbeat():
    score = tune("D2|G2A2B2c2|d2B2G4|]")
    assert [bar.start for bar in score.bars] == [-3.0, 1.0, 5.0]
    assert score.pickup == 1.0
    assert [n.pitch for n in score.melody] == [62, 67, 69, 71, 72, 74, 71, 67]
    assert score.melody[1].start == 1.0
    assert score.end == 9.0


def test_a_bar_cut_by_a_repeat_is_one_bar():
    score = tune("D2|G2A2B2c2|d2B2G2:|D2|G2A2B2c2|d2B2G2|]")
    assert [bar.start for bar in score.bars] == [-3.0, 1.0, 5.0, 9.0, 13.0]
    assert score.end == 16.0


def test_a_first_ending_is_left_out():
    score = tune("G2A2B2c2|1d2B2A4:|2d2B2G4|]")
    assert [n.pitch for n in score.melody] == [67, 69, 71, 72, 74, 71, 67]
    assert score.end == 8.0


def test_ties_are_one_note_and_grace_notes_none():
    score = tune("G2A2B4-|B4{A}G4|G8|]")
    assert [(n.start, n.end, n.pitch) for n in score.melody] == [
        (0, 1, 67),
        (1, 2, 69),
        (2, 6, 71),
        (6, 8, 67),
        (8, 12, 67),
    ]


@pytest.mark.parametrize(
    ("body", "key", "reason"),
    [
        ("G8|G8|A8|]", "G", "last note"),
        ("A8|A8|]", "ADor", "neither major nor minor"),
        ("G8|G6|G8|]", "G", "longer than a bar"),
        ("G8|G8|[M:3/4]G6|]", "G", "one key and one metre"),
    ],
)
def test_unclear_works_are_refused_with_the_reason(body, key, reason):
    with pytest.raises(UnusableError, match=reason):
        tune(body, key=key)


def test_measures_that_do_not_add_up_are_refused():
    with pytest.raises(UnusableError):
        assemble_bars([3.0, 2.0, 3.0], Metre(3, 4))
    assert assemble_bars([1.0, 3.0, 2.0], Metre(3, 4)) == ((-2.0, 1.0, 4.0), 6.0)


def agreement(score, shift):
    """The share of the notes' duration in which they belong to the chord, shifted by some beats."""
    inside = total = 0.0
    for chord in score.chords:
        if chord.root is None:
            continue
        minor = ":min" in chord.quality or "dim" in chord.quality
        tones = {chord.root, (chord.root + (3 if minor else 4)) % 12, (chord.root + 7) % 12}
        for note in (*score.melody, *(n for part in score.parts for n in part.notes)):
            overlap = min(note.end, chord.end + shift) - max(note.start, chord.start + shift)
            if overlap > 0:
                total += overlap
                inside += overlap * (note.pitch % 12 in tones)
    return inside / total


def test_analysed_chords_are_those_of_the_notes():
    chorales = [work for work in works() if work.chorale]
    analysed = [w for w in chorales if read_chords(w.id.removeprefix("bach-bwv"), 1e9)]
    assert len(analysed) >= 10
    for work in analysed[::3]:
        score = work.read()
        assert score.chords[-1].end == score.end
        assert agreement(score, 0) > 0.8, work.id
        elsewhere = max(agreement(score, shift) for shift in (1, -1, 3))
        assert agreement(score, 0) > elsewhere + 0.1, work.id

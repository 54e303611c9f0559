import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import song

from deepmir_render.song import Bar, Key, Metre, Note, Section, Song, transposed
from deepmir_render.writing import passages

SEEDS = st.integers(0, 10**6)


def check(made):
    """Check the invariants of every song."""
    assert made.bars[0].start == 0
    lengths = [b.metre.bar_length for b in made.bars]
    assert np.allclose(np.cumsum(lengths), [*(b.start for b in made.bars[1:]), made.end])
    for spans in (made.keys, made.sections):
        edges = [spans[0].start, *(s.end for s in spans)]
        assert edges[0] == 0
        assert edges[-1] == pytest.approx(made.end)
        assert [s.start for s in spans[1:]] == pytest.approx(edges[1:-1])
    for notes in (made.melody, made.second, made.parts[0].notes):
        assert all(0 <= n.start < n.end <= made.end + 1e-9 for n in notes)
    assert all(a.end <= b.start + 1e-9 for a, b in zip(made.melody, made.melody[1:], strict=False))


@given(st.sampled_from([12.0, 24.0, 48.0, 200.0, 400.0]), SEEDS)
def test_a_passage_is_a_song_again_of_about_the_length(quarters, seed):
    made = passages.window(song(), quarters, np.random.default_rng(seed))
    check(made)
    assert 0.6 * quarters <= made.end <= 1.5 * quarters


def test_the_whole_song_is_left_as_it_is(rng):
    assert passages.window(song(), np.inf, rng) == song()


def test_a_window_begins_and_ends_with_sections(rng):
    for _ in range(20):
        made = passages.window(song(32), 64.0, rng)
        assert made.end % 32 == 0


@given(SEEDS)
def test_what_sounds_in_a_passage_is_what_the_song_has_there(seed):
    made = passages.window(song(), 32.0, np.random.default_rng(seed))
    whole = song()
    shift = next(s for s in (0, 16, 32, 48) if passages.cut(whole, s, s + made.end) == made)
    for note in made.melody:
        assert any(n.pitch == note.pitch and n.start == note.start + shift for n in whole.melody)
    for chord in made.chords:
        middle = (chord.start + chord.end) / 2 + shift
        assert any(c.start <= middle < c.end and c.root == chord.root for c in whole.chords)


def test_sections_of_a_short_song_come_again_as_themselves(rng):
    letters = tuple(Section(8.0 * i, 8.0 * i + 8, "ABCD"[i]) for i in range(4))
    made = passages.window(song(8, sections=letters), 200.0, rng)
    assert set("ABCD") == {s.label for s in made.sections}
    first = {s.label: passages.cut(made, s.start, s.end) for s in made.sections}
    for section in made.sections:
        again = passages.cut(made, section.start, section.end)
        same = first[section.label]
        assert [n.pitch for n in again.melody] == [n.pitch for n in same.melody]
        assert [n.start for n in again.melody] == pytest.approx([n.start for n in same.melody])
        assert [c.root for c in again.chords] == [c.root for c in first[section.label].chords]


@given(st.integers(-6, 5))
def test_transposition_moves_notes_chords_and_key_alike(semitones):
    before, after = song(), transposed(song(), semitones)
    assert [n.pitch - semitones for n in after.melody] == [n.pitch for n in before.melody]
    assert [(c.root - semitones) % 12 for c in after.chords] == [c.root for c in before.chords]
    assert [(k.tonic - semitones) % 12 for k in after.keys] == [k.tonic for k in before.keys]


def test_double_time_has_twice_the_bars_and_the_same_seconds():
    before, after = song(), passages.in_double_time(song())
    check(after)
    assert len(after.bars) == 2 * len(before.bars)
    assert after.end / after.bpm == before.end / before.bpm
    assert [n.start / 2 for n in after.melody] == [n.start for n in before.melody]


FOUR = Metre(4, 4)


def tune(notes, bars, end, metre=FOUR, **changes):
    """A song with only a melody: notes are (start, end, pitch)."""
    melody, lines = tuple(Note(*n) for n in notes), tuple(Bar(b, metre) for b in bars)
    return Song(melody, lines, end, **({"keys": (Key(0.0, end, 7, "major"),)} | changes))


def test_a_short_song_is_played_twice_with_its_pickup():
    short = tune([(0, 1, 62), (1, 5, 67), (5, 8, 67)], (-3.0, 1.0, 5.0), 8.0)
    twice = passages.once(short, 9.0, 99.0)
    assert [bar.start for bar in twice.bars] == [-3.0, 1.0, 5.0, 9.0, 13.0]
    assert [n.start for n in twice.melody] == [0, 1, 5, 8, 9, 13]
    assert twice.end == 16.0
    assert twice.sections == ()


def test_a_long_song_is_cut_at_a_bar_line():
    made = passages.once(song(), 20.0, 50.5)
    assert made.end == 48
    assert made.melody[-1].end <= made.end
    assert len(made.bars) == 12


def test_beats_of_a_pickup_have_their_place_in_the_bar():
    made = tune([(0, 1, 62), (1, 5, 67)], (-3.0, 1.0), 5.0)
    assert list(made.beats) == [(0, 4), (1, 1), (2, 2), (3, 3), (4, 4)]


def test_a_rest_brings_a_passage_to_its_place_in_the_bar():
    made = tune([(i, i + 1.0, 60 + i) for i in range(8)], (0.0, 4.0), 8.0)
    played = passages.unroll(made, (Section(0.0, 3.0, "A"), Section(4.0, 8.0, "B")))
    assert [note.start for note in played.melody] == [0, 1, 2, 4, 5, 6, 7]
    assert played.sections == (Section(0.0, 4.0, "A"), Section(4.0, 8.0, "B"))
    assert [bar.start for bar in played.bars] == [0, 4]


def test_an_introduction_has_no_melody_and_ends_where_the_pickup_starts():
    made = song()
    introduced = next(
        found
        for seed in range(20)
        if (found := passages.form(made, 60.0, 90.0, True, np.random.default_rng(seed)))
        .sections[0]
        .label
        == passages.INTRODUCTION
        and found.sections[0].end in (8.0, 16.0)
    )
    end = introduced.sections[0].end
    assert all(note.start >= end for note in introduced.melody)
    assert any(note.start < end for note in introduced.parts[0].notes)
    check(introduced)


@given(SEEDS, st.floats(30, 300))
def test_a_form_lasts_as_long_as_it_should(seed, low):
    made = passages.form(song(), low, 1.8 * low, False, np.random.default_rng(seed))
    check(made)
    assert low - 16 <= made.end <= 1.8 * low + 16

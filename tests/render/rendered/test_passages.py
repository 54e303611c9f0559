import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import song

from deepmir_render.writing import passages
from deepmir_render.writing.notation import Section

SEEDS = st.integers(0, 10**6)


def check(made):
    """What every song has to be, whatever was done to it."""
    assert made.bars[0].start == 0
    lengths = [b.metre.bar_length for b in made.bars]
    assert np.allclose(np.cumsum(lengths), [*(b.start for b in made.bars[1:]), made.end])
    for spans in (made.keys, made.sections):
        edges = [spans[0].start, *(s.end for s in spans)]
        assert edges[0] == 0
        assert edges[-1] == pytest.approx(made.end)
        assert [s.start for s in spans[1:]] == pytest.approx(edges[1:-1])
    for notes in (made.melody, made.second, made.accompaniment):
        assert all(0 <= n.start < n.end <= made.end + 1e-9 for n in notes)
    assert all(a.end <= b.start + 1e-9 for a, b in zip(made.melody, made.melody[1:], strict=False))


@given(st.sampled_from([12.0, 24.0, 48.0, 200.0, 400.0]), SEEDS)
def test_a_passage_is_a_song_again_of_about_the_length(quarters, seed):
    made = passages.choose(song(), quarters, np.random.default_rng(seed))
    check(made)
    assert 0.6 * quarters <= made.end <= 1.5 * quarters


def test_the_whole_song_is_left_as_it_is(rng):
    assert passages.choose(song(), np.inf, rng) == song()


def test_a_window_begins_and_ends_with_sections(rng):
    for _ in range(20):
        made = passages.choose(song(32), 64.0, rng)
        assert made.end % 32 == 0


@given(SEEDS)
def test_what_sounds_in_a_passage_is_what_the_song_has_there(seed):
    made = passages.choose(song(), 32.0, np.random.default_rng(seed))
    whole = song()
    shift = next(s for s in (0, 16, 32, 48) if passages.cut(whole, s, s + made.end) == made)
    for note in made.melody:
        assert any(n.pitch == note.pitch and n.start == note.start + shift for n in whole.melody)
    for chord in made.chords:
        middle = (chord.start + chord.end) / 2 + shift
        assert any(c.start <= middle < c.end and c.root == chord.root for c in whole.chords)


def test_sections_of_a_short_song_come_again_as_themselves(rng):
    letters = tuple(Section(8.0 * i, 8.0 * i + 8, "ABCD"[i]) for i in range(4))
    made = passages.choose(song(8, sections=letters), 200.0, rng)
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
    before, after = song(), passages.transposed(song(), semitones)
    assert [n.pitch - semitones for n in after.melody] == [n.pitch for n in before.melody]
    assert [(c.root - semitones) % 12 for c in after.chords] == [c.root for c in before.chords]
    assert [(k.tonic - semitones) % 12 for k in after.keys] == [k.tonic for k in before.keys]


def test_double_time_has_twice_the_bars_and_the_same_seconds():
    before, after = song(), passages.in_double_time(song())
    check(after)
    assert len(after.bars) == 2 * len(before.bars)
    assert after.end / after.bpm == before.end / before.bpm
    assert [n.start / 2 for n in after.melody] == [n.start for n in before.melody]

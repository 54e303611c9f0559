import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mirdata.annotations import BeatData, EventData, F0Data, LyricData, NoteData, SectionData

from deepmir.datasets.published import convert, midi, tags
from deepmir.files.annotations import joined

SPAN = st.tuples(st.integers(0, 200), st.integers(1, 40)).map(lambda p: (p[0], p[0] + p[1]))


@given(st.lists(SPAN, max_size=12), st.integers(0, 20))
def test_joined_intervals_cover_what_they_did_and_gaps_that_are_short(spans, gap):
    instants = np.arange(0, 260) + 0.5
    covered = [any(a < t < b for a, b in spans) for t in instants]
    union = joined([(float(a), float(b)) for a, b in spans], float(gap))
    inside = np.array([any(a < t < b for a, b in union) for t in instants])
    assert inside[covered].all()
    assert all(following[0] - one[1] > gap for one, following in itertools.pairwise(union))
    # What was added is inside of a gap between two of the given intervals that is short enough.
    for time in instants[inside & ~np.array(covered, dtype=bool)]:
        before = max(b for _, b in spans if b < time)
        after = min(a for a, _ in spans if a > time)
        assert after - before <= gap


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("D minor", "D:minor"),
        ("d minor", "D:minor"),
        ("Ab:maj", "Ab:major"),
        ("F# Minor", "F#:minor"),
        ("E", "E:major"),
        ("C:mixolydian", "C:mixolydian"),
        ("N", None),
        ("x", None),
        ("Unknown", None),
        ("- minor", None),
        ("C:mystic", None),
    ],
)
def test_keys_as_they_are_written(written, read):
    assert convert.key_mode(written) == read


@pytest.mark.parametrize("unknown", ["C minor|Eb major", ["C minor", "D minor"], ["x"], "", None])
def test_no_key_is_made_up_where_there_is_no_single_one(unknown):
    assert convert.global_key(unknown, 10.0) == []


@pytest.mark.parametrize("unknown", [0, 0.0, "", "?", float("nan"), float("inf"), -1, None])
def test_a_tempo_that_is_not_known_is_not_written(unknown):
    assert convert.tempo(unknown, 10.0) == []


def test_beats_outside_of_bars_or_counted_through_have_no_position():
    times = np.array([0.5, 1.0, 1.5])
    [found] = convert.beats(BeatData(times, "s", np.array([0, 1, 2]), "bar_index"), 2.0)
    assert found.values == [None, 1, 2]
    [found] = convert.beats(BeatData(times, "s", np.array([1, 2, 3]), "global_index"), 2.0)
    assert found.values == [None, None, None]
    [found] = convert.beats(BeatData(times * 1000, "ms", None, None), 2.0)
    assert found.times.tolist() == [0.5, 1.0, 1.5]


def test_what_has_no_time_is_left_out():
    nan = float("nan")
    times = np.array([0.5, nan, 1.5])
    [found] = convert.beats(BeatData(times, "s", np.arange(1, 4), "bar_index"), 2.0)
    assert found.times.tolist() == [0.5, 1.5]
    assert found.values == [1, 3]
    times = np.array([[0.0, 1.0], [nan, 2.0], [2.0, nan]])
    notes = NoteData(times, "s", np.array([60.0, 61.0, 62.0]), "midi")
    assert convert.notes(notes, 3.0)[0].values == [60]
    assert convert.onsets(notes, 3.0)[0].times.tolist() == [0.0]
    [found] = convert.chords(SimpleNamespace(intervals=times, labels=["C", "D", "E"]), 3.0)
    assert found.values == ["C"]
    assert convert.instants([nan, 1.0, 1.0, -1.0], 2.0)[0].times.tolist() == [1.0]


def test_a_contour_has_no_points_without_time_or_frequency():
    nan = float("nan")
    times, hertz = np.array([0.0, 0.1, 0.2]), np.array([220.0, nan, 0.0])
    data = F0Data(times, "s", hertz, "hz", np.array([1.0, 1.0, 0.0]), "binary")
    [found] = convert.f0(data, 1.0)
    assert found.times.tolist() == [0.0, 0.2]
    assert [value["voiced"] for value in found.values] == [True, False]


def test_the_words_of_a_song_without_letters_are_pauses():
    times = np.array([[0.0, 1.0], [1.0, 2.0], [2.0, 3.0]])
    [found] = tags.voice(LyricData(times, "s", ["la", " ", "lu"], "words"), 3.0)
    assert found.intervals.tolist() == [[0.0, 1.0], [2.0, 3.0]]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Clarinet in Bb", "clarinet"),
        ("sax_alto", "alto saxophone"),
        ("male singer", "voice"),
        ("mallet_percussion", "mallets"),
        ("double bass", "contrabass"),
        ("erhu", "erhu"),
    ],
)
def test_instruments_by_the_names_that_the_task_knows(written, read):
    assert tags.instrument(written) == read


def test_every_instrument_of_the_table_is_known_to_the_task():
    from deepmir.tasks import instrument

    assert {*tags.INSTRUMENTS.values()} <= {*instrument.FAMILIES, *instrument.LABELS}


def test_notes_in_hertz_are_written_as_midi_numbers():
    times = np.array([[0.0, 1.0], [1.0, 2.0], [2.0, 3.0]])
    data = NoteData(times, "s", np.array([440.0, 0.0, 261.6256]), "hz")
    [found] = convert.notes(data, 3.0)
    assert found.values == pytest.approx([69.0, 60.0], abs=1e-3)


def test_a_recording_in_which_nobody_leads_says_that_nobody_sings():
    data = EventData(np.array([[0.0, 1.0], [1.0, 2.0]]), "s", ["b", "s:flute"], "open")
    [found] = tags.vocal_activity(data, 2.0)
    assert found.observations == ()
    assert found.sandbox == {"kind": "voice"}


def test_remarks_in_billboard_are_no_sections():
    times = np.array([[0.0, 1.0], [1.0, 2.0], [2.0, 3.0], [3.0, 4.0]])
    data = SectionData(times, "s", ["(voice)", "A", "(voice)", "B'"], "open")
    [found] = convert.lettered(data, 4.0)
    assert found.values == ["A", "B'"]
    assert found.intervals.tolist() == [[1.0, 3.0], [3.0, 4.0]]


def test_a_chord_outside_of_the_syntax_is_unknown():
    times = np.array([[0.0, 1.0], [1.0, 2.0], [2.0, 2.0]])
    [found] = convert.chords(SimpleNamespace(intervals=times, labels=["C:maj", "H7", "D"]), 2.0)
    assert found.values == ["C:maj", "X"]


@pytest.mark.parametrize("program", range(128))
def test_every_family_of_general_midi_is_a_label_or_none(program):
    from deepmir.tasks import instrument

    assert midi._family(program) in (None, *instrument.LABELS)

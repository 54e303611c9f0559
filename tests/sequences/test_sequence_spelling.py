"""Annotations as tokens and back."""

import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.sequences.spelling import END
from deepmir.sequences.spellings import ChordSpelling, NoteSpelling, spelling_of
from deepmir.tasks.base import Grid
from deepmir.tasks.notes import LOWEST

RATE = 10.0
STEP = 0.1


def chords(*rows):
    observations = tuple(Observation(start, length, label) for start, length, label in rows)
    return Jams(20.0, (Annotation("chord", observations),))


def notes(*rows):
    observations = tuple(Observation(start, length, pitch) for start, length, pitch in rows)
    return Jams(20.0, (Annotation("note_midi", observations),))


def grid(start, seconds, pace=1.0):
    return Grid(start, pace / RATE, round(seconds * RATE))


def written_again(spelling, jams, start, seconds):
    """The meaning of an excerpt's tokens, with times of the track."""
    events = spelling.events(jams, grid(start, seconds), RATE)
    read = spelling.read(spelling.tokens(events))
    assert read == events
    return spelling.heard(read, [1.0] * len(read), seconds)


def test_chords_are_the_same_again_within_half_a_step(rng):
    edges = np.cumsum(rng.uniform(0.3, 2.0, 12))
    labels = [f"{root}:{kind}" for root in ("C", "F#", "Bb") for kind in ("maj", "min")] * 2
    rows = [(a, b - a, name) for a, b, name in zip(edges[:-1], edges[1:], labels, strict=False)]
    spelling = ChordSpelling(STEP, 100)
    found = written_again(spelling, chords(*rows), edges[0], 10.0)
    inside = [row for row in rows if row[0] < edges[0] + 10 - STEP / 2]
    assert [spelling.name(1, one.value) for one in found] == [label for *_, label in inside]
    for one, (start, length, _) in zip(found, inside, strict=True):
        assert abs(one.start + edges[0] - start) <= STEP / 2 + 1e-9
        end = min(start + length, edges[0] + 10)
        assert abs(one.end + edges[0] - end) <= STEP / 2 + 1e-9


def test_equal_neighbours_are_one_chord_and_what_is_no_triad_is_not_written():
    jams = chords((0, 1, "C:maj"), (1, 1, "C:7"), (2, 1, "D:dim"), (3, 1, "G:maj"))
    assert ChordSpelling(STEP, 50).events(jams, grid(0.0, 5.0), RATE) == [(0, 0), (30, 7)]


def test_the_chord_that_holds_when_an_excerpt_begins_is_its_first():
    jams = chords((0, 10, "A:min"), (10, 5, "N"))
    events = ChordSpelling(STEP, 80).events(jams, grid(4.0, 8.0), RATE)
    assert events == [(0, 12 + 9), (60, 24)]


def test_notes_are_the_same_again_within_half_a_step(rng):
    starts = np.sort(rng.uniform(2.0, 6.8, 20))
    rows = [
        (s, length, 40 + i)
        for i, (s, length) in enumerate(zip(starts, rng.uniform(0.1, 0.9, 20), strict=True))
    ]
    spelling = NoteSpelling(STEP, 60)
    found = sorted(written_again(spelling, notes(*rows), 2.0, 6.0), key=lambda one: one.value)
    assert [one.value + LOWEST for one in found] == [pitch for *_, pitch in rows]
    for one, (start, length, _) in zip(found, rows, strict=True):
        assert abs(one.start + 2.0 - start) <= STEP / 2 + 1e-9
        end = min(start + length, 8.0)
        # The shortest note is one step.
        assert abs(one.end + 2.0 - end) <= STEP / 2 + 1e-9 or one.end - one.start < 1.01 * STEP


def test_a_note_is_of_the_excerpt_in_which_it_begins_and_ends_with_it_at_the_latest():
    jams = notes((0.5, 9.0, 60), (3.0, 9.0, 62))
    assert NoteSpelling(STEP, 40).events(jams, grid(2.0, 4.0), RATE) == [(10, 62 - LOWEST, 29)]


def test_a_stretched_excerpt_has_the_times_of_what_is_heard():
    jams = chords((0, 2, "C:maj"), (2, 2, "D:maj"))
    # Twice as fast: what begins after 2 s is heard after 1 s.
    assert ChordSpelling(STEP, 20).events(jams, grid(0.0, 2.0, pace=2.0), RATE) == [(0, 0), (10, 2)]


def test_transposed_chords_move_in_a_circle_and_keys_leave_the_keyboard():
    spelling = ChordSpelling(STEP, 10)
    moved = spelling.transposed(spelling.tokens([(0, 11), (3, 12), (5, 24)]), 2)
    assert spelling.read(moved) == [(0, 1), (3, 14), (5, 24)]
    keys = NoteSpelling(STEP, 10)
    moved = keys.transposed(keys.tokens([(0, 86, 3), (2, 40, 1)]), 2)
    assert keys.read(moved) == [(2, 42, 1)]


def test_what_follows_an_end_or_is_no_whole_event_is_not_read():
    spelling = NoteSpelling(STEP, 10)
    tokens = spelling.tokens([(0, 10, 2), (4, 12, 1)])
    assert spelling.read(np.append(tokens, [5, 5, 5])) == [(0, 10, 2), (4, 12, 1)]
    assert spelling.read(tokens[:5]) == [(0, 10, 2)]
    assert spelling.read(np.array([END, END])) == []


def test_every_token_has_a_word():
    spelling = NoteSpelling(STEP, 30)
    assert [spelling.word(t) for t in spelling.tokens([(5, 39, 9)])] == [
        "0.50 s",
        "C4",
        "1.00 s",
        "end",
    ]


def test_the_fullest_excerpt_is_found_before_training(rng):
    jams = notes(*((float(t), 0.2, 60) for t in np.sort(rng.uniform(0, 20, 60))))
    spelling = NoteSpelling(STEP, 40)
    most = max(
        len(spelling.tokens(spelling.events(jams, grid(s, 4.0), RATE)))
        for s in np.arange(0, 16, 0.1)
    )
    assert most <= spelling.most(jams, 4.0) <= most + 6


def test_a_task_without_a_spelling_and_too_long_a_step_are_one_line():
    with pytest.raises(
        DeepmirError, match=r"^task: key has no spelling as a sequence \(available: chord, notes\)$"
    ):
        spelling_of("key", 0.1, 4.0)
    with pytest.raises(DeepmirError, match=r"^decoder.step: 9 s is longer than an excerpt of 4 s"):
        spelling_of("chord", 9.0, 4.0)


def test_annotations_without_the_task_have_no_events():
    assert ChordSpelling(STEP, 10).events(notes((0, 1, 60)), grid(0, 1), RATE) is None
    assert ChordSpelling(STEP, 10).events(chords((0, 1, "X")), grid(0, 1), RATE) is None
    assert NoteSpelling(STEP, 10).events(chords((0, 1, "C:maj")), grid(0, 1), RATE) is None
    assert NoteSpelling(STEP, 10).events(notes(), grid(0, 1), RATE) == []

"""Chords that change on beats, sections that begin with bars."""

import numpy as np
import pytest
import untrained

import deepmir
from deepmir.analysis.on_beats import on_beats
from deepmir.files.annotations import Annotation, Observation


def spans(task, *edges, end=20.0):
    starts = np.array([0.0, *edges])
    lengths = np.diff([*starts, end]).tolist()
    rows = [
        Observation(a, d, str(i), 0.5) for i, (a, d) in enumerate(zip(starts, lengths, strict=True))
    ]
    return Annotation("chord", tuple(rows), sandbox={"task": task, "model": task})


def beats(bpm=120.0, first=0.25, count=40, bar=4):
    times = first + np.arange(count) * 60 / bpm
    rows = tuple(Observation(float(t), 0.0, i % bar + 1) for i, t in enumerate(times))
    return Annotation("beat", rows, sandbox={"task": "beat", "model": "b"})


def begins(annotation):
    return [o.time for o in annotation.observations][1:]


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ([2.33, 4.17], [2.25, 4.25]),  # near a beat of the quarter seconds
        ([2.5, 4.1], [2.5, 4.1]),  # in the middle of two, and nearer to it than to a beat
        ([2.2, 2.3], [2.2, 2.3]),  # both near one beat: neither may vanish
        ([2.2, 2.3, 3.3], [2.2, 2.3, 3.25]),
        ([2.17, 2.33, 2.5], [2.17, 2.33, 2.5]),  # each would leave no time for the next
        ([0.35], [0.25]),
        ([0.2, 19.8], [0.25, 19.75]),  # outside all beats and inside
        ([], []),
    ],
)
@pytest.mark.parametrize("task", ["chord", "chord_large"])
def test_a_chord_changes_on_a_beat_that_is_near(task, heard, said):
    given = spans(task, *heard)
    moved, kept = on_beats([given, beats()])
    assert begins(moved) == pytest.approx(said)
    assert moved.intervals[0, 0] == 0
    assert moved.intervals[-1, 1] == 20
    np.testing.assert_allclose(moved.intervals[1:, 0], moved.intervals[:-1, 1])
    assert [(o.value, o.confidence) for o in moved.observations] == [
        (o.value, o.confidence) for o in given.observations
    ]
    assert kept == beats()


def test_a_section_begins_with_the_nearest_bar():
    # Bars of 2 s from 0.25 s on.
    moved, _ = on_beats([spans("structure", 5.0, 9.3, 17.26), beats()])
    assert begins(moved) == pytest.approx([4.25, 10.25, 18.25])
    assert moved.sandbox == {"task": "structure", "model": "structure", "beats": "b"}


def test_a_section_is_not_moved_to_the_very_start():
    given = spans("structure", 0.9)
    assert begins(on_beats([given, beats(first=0.002)])[0]) == [0.9]


def test_the_end_stays_although_a_beat_is_near_it():
    moved, _ = on_beats([spans("chord", 19.76, end=19.8), beats(count=41)])
    assert begins(moved) == pytest.approx([19.75])
    still, _ = on_beats([spans("chord", 0.05), beats(first=0.0)])
    assert begins(still) == pytest.approx([0.05])  # else the first chord would last no time


@pytest.mark.parametrize("pulse", [[], [beats(count=1)]])
def test_without_two_beats_nothing_moves(pulse):
    given = [spans("chord", 2.33), spans("structure", 5.0), *pulse]
    assert on_beats(given) == given


def test_without_bars_sections_stay():
    given = [spans("structure", 5.0), beats(count=4)]
    assert on_beats(given) == given


def test_chords_are_the_same_whatever_else_is_asked_for():
    """Four bars each of three triads, with each note struck on every beat of 0.5 s."""
    time = np.arange(int(0.5 * untrained.RATE)) / untrained.RATE
    beat = [
        sum(
            np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * k * time) / k
            for p in pitches
            for k in (1, 2, 3)
        )
        for pitches in ((48, 60, 64, 67), (41, 60, 65, 69), (43, 59, 62, 67))
    ]
    played = np.concatenate([np.exp(-6 * time) * beat[i % 3] for i in range(12) for _ in range(4)])
    samples = (0.1 * played).astype(np.float32)
    both = deepmir.analyze(samples, untrained.RATE, ["beat", "chord"])
    alone = deepmir.analyze(samples, untrained.RATE, ["chord"])
    (said,) = alone.jams.annotations
    assert said in both.jams.annotations
    assert alone.beats is None
    assert said.sandbox["beats"]
    assert len(begins(said)) > 3
    assert set(begins(said)) <= set(both.beats.times.tolist())

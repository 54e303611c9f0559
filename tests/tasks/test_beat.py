import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Grid
from deepmir.tasks.beat import ASTRAY, TASK

RATE = 50.0


def in_bars(times, metre=4, positions=True):
    observations = tuple(
        Observation(float(t), 0.0, 1 + i % metre if positions else None)
        for i, t in enumerate(times)
    )
    return Jams(float(times[-1]) + 1 if len(times) else 1.0, (Annotation("beat", observations),))


@pytest.mark.parametrize(("bpm", "metre"), [(60, 2), (97.3, 3), (120, 4), (171, 4), (200, 3)])
def test_annotation_to_target_to_annotation_scores_one(bpm, metre):
    reference = in_bars(0.83 + np.arange(round(bpm / 2)) * 60 / bpm, metre)
    target = TASK.target(reference, Grid(0.0, 1 / RATE, round(31 * RATE)))
    scores = TASK.metrics(reference, Jams(31.0, tuple(TASK.decoder(RATE)(target))))
    # Cemgil's weights and the information gain see the rounding to frames of 20 ms.
    exact = scores.keys() - {"cemgil", "information_gain", *ASTRAY}
    assert min(scores[name] for name in exact) >= 0.99, scores
    assert scores["cemgil"] >= 0.98
    assert scores["information_gain"] >= 0.6


def test_beats_are_widened_by_half_a_frame_value():
    target = TASK.target(in_bars([0.2, 0.4], metre=2), Grid(0.0, 0.02, 30))
    np.testing.assert_array_equal(target[8:13, 0], [0, 0.5, 1, 0.5, 0])
    np.testing.assert_array_equal(target[18:23, 0], [0, 0.5, 1, 0.5, 0])
    np.testing.assert_array_equal(target[18:23, 1], 0)


def test_unknown_downbeats_are_not_taken_for_none():
    target = TASK.target(in_bars([0.2, 0.4], positions=False), Grid(0.0, 0.02, 30))
    assert np.isnan(target[:, 1]).all()
    assert target[10, 0] == 1


def test_the_grid_shifts_and_stretches_the_target():
    target = TASK.target(in_bars([1.0]), Grid(start=0.5, step=0.04, frames=30))
    assert np.argmax(target[:, 0]) == round(0.5 / 0.04)
    assert TASK.target(in_bars([1.0]), Grid(2.0, 0.02, 10)).max() == 0


def test_golden_scores():
    reference = in_bars(np.arange(5, 35, 0.5))
    twice = in_bars(np.arange(5, 35, 0.25))
    late = in_bars(np.arange(5, 35, 0.5) + 0.06)
    too_late = in_bars(np.arange(5, 35, 0.5) + 0.08)
    assert TASK.metrics(reference, reference)["f_measure"] == 1
    assert TASK.metrics(reference, late)["f_measure"] == 1
    assert TASK.metrics(reference, too_late)["f_measure"] == 0
    scores = TASK.metrics(reference, twice)
    assert scores["f_measure"] == pytest.approx(2 / 3, abs=0.01)
    assert scores["cmlt"] == 0
    assert scores["amlt"] == pytest.approx(1, abs=0.01)  # mir_eval loses the last beat


@pytest.mark.parametrize(
    ("guess", "level"),
    [
        (np.arange(5, 35, 0.5), None),
        (np.arange(5.25, 35, 0.5), "off_beat"),
        (np.arange(5, 35, 1.0), "half_tempo"),
        (np.arange(5.5, 35, 1.0), "half_tempo"),
        (np.arange(5, 35, 0.25), "double_tempo"),
        (np.arange(5, 35, 1.5), None),
        (np.sort(np.random.default_rng(0).uniform(5, 35, 60)), None),
        (np.zeros(0), None),
    ],
)
def test_beats_that_follow_another_level_are_counted(guess, level):
    scores = TASK.metrics(in_bars(np.arange(5, 35, 0.5)), in_bars(guess))
    assert {name: scores[name] for name in ASTRAY} == {
        name: float(name == level) for name in ASTRAY
    }


def test_golden_scores_of_what_weighs_errors():
    reference = in_bars(np.arange(5, 35, 0.5))
    exact = TASK.metrics(reference, reference)
    assert {value for name, value in exact.items() if name not in ASTRAY} == {1.0}
    late = TASK.metrics(reference, in_bars(np.arange(5, 35, 0.5) + 0.04))
    assert late["cemgil"] == pytest.approx(np.exp(-0.5))  # one deviation, 40 ms, from every beat
    assert late["information_gain"] > 0.95  # they err always by the same time
    anywhere = in_bars(np.sort(np.random.default_rng(0).uniform(5, 35, 60)))
    assert TASK.metrics(reference, anywhere)["information_gain"] < 0.3


def test_downbeats_in_the_wrong_phase():
    reference, beats = in_bars(np.arange(5, 35, 0.5)), np.arange(5, 35, 0.5)
    observations = tuple(Observation(float(t), 0.0, 1 + (i + 2) % 4) for i, t in enumerate(beats))
    scores = TASK.metrics(reference, Jams(36.0, (Annotation("beat", observations),)))
    assert scores["f_measure"] == 1
    assert scores["downbeat_f"] == scores["downbeat_cmlt"] == 0
    assert scores["downbeat_amlt"] > 0.9  # the off-beat of the bar is another metrical level


def test_a_single_beat_and_beats_that_do_not_count():
    single, three = in_bars([6.0]), in_bars([6.0, 6.0, 6.5])
    scores = TASK.metrics(single, single)
    assert scores["f_measure"] == scores["cemgil"] == scores["downbeat_f"] == 1
    assert not {"cmlt", "information_gain", "downbeat_cmlt"} & set(scores)
    assert np.isfinite(list(TASK.metrics(three, three).values())).all()
    assert TASK.metrics(in_bars([1.0, 2.0, 3.0]), single) == {}


def test_beats_without_positions_have_no_downbeat_score():
    reference = in_bars(np.arange(5, 35, 0.5))
    scores = TASK.metrics(reference, in_bars(np.arange(5, 35, 0.5), positions=False))
    assert scores["f_measure"] == 1
    assert "downbeat_f" not in scores
    assert "downbeat_f" not in TASK.metrics(
        in_bars(np.arange(5, 35, 0.5), positions=False), reference
    )


def test_an_empty_estimate_scores_zero():
    reference = in_bars(np.arange(5, 35, 0.5))
    scores = TASK.metrics(reference, Jams(30.0, (Annotation("beat", ()),)))
    assert set(scores.values()) == {0.0}
    assert "downbeat_f" in scores


def test_a_recording_without_beats_has_no_target_and_no_score():
    empty = Jams(3.0, ())
    assert TASK.target(empty, Grid(0.0, 0.02, 10)) is None
    assert TASK.metrics(empty, in_bars([1.0])) == {}


@pytest.mark.parametrize("options", [{"tempo": 3}, {"min_bpm": 300}, {"metres": "four"}])
def test_a_wrong_decoder_option_is_one_line(options):
    with pytest.raises(DeepmirError, match="decoder") as caught:
        TASK.decoder(RATE, **options)
    assert "\n" not in str(caught.value)

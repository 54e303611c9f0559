import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Grid
from deepmir.tasks.tempo import LABELS, TASK

GRID = Grid(0.0, 0.05, 200)


def at(*tempi):
    """A recording with tempi: BPM, or BPM and salience."""
    pairs = [each if isinstance(each, tuple) else (each, 1.0) for each in tempi]
    observations = tuple(Observation(0.0, 10.0, bpm, salience) for bpm, salience in pairs)
    return Jams(10.0, (Annotation("tempo", observations),))


def decoded(target):
    return Jams(10.0, tuple(TASK.decoder(20.0)(target)))


@pytest.mark.parametrize("bpm", [30.0, 41.37, 60.0, 99.5, 128.123, 200.77, 285.0])
def test_annotation_to_target_to_annotation_is_exact(bpm):
    found = decoded(TASK.target(at(bpm), GRID))
    assert found.annotations[0].values == [pytest.approx(bpm, abs=0.01)]
    scores = TASK.metrics(at(bpm), found)
    assert scores == {"acc1": 1.0, "acc2": 1.0, "p_score": 1.0, "one_correct": 1.0}


def test_random_pairs_of_tempi_come_back_with_their_weights():
    rng = np.random.default_rng(3)
    for _ in range(50):
        bpm, weight = rng.uniform(35, 140), rng.uniform(0.55, 0.95)
        reference = at((2 * bpm, 1 - weight), (bpm, weight))
        found = decoded(TASK.target(reference, GRID))
        assert min(TASK.metrics(reference, found).values()) == pytest.approx(1.0)
        assert found.annotations[0].observations[0].confidence == pytest.approx(weight, abs=0.05)


def test_the_target_is_a_distribution_around_the_tempo():
    target = TASK.target(at(120.5), GRID)
    assert target.shape == (256,)
    assert target.sum() == pytest.approx(1.0, abs=1e-5)
    assert target[LABELS.index("120")] == pytest.approx(target[LABELS.index("121")])


@pytest.mark.parametrize(
    ("reference", "estimate", "expected"),
    [
        ([100], [104], {"acc1": 1, "acc2": 1, "p_score": 1, "one_correct": 1}),
        ([100], [104.1], {"acc1": 0, "acc2": 0, "p_score": 1, "one_correct": 1}),
        ([100], [200], {"acc1": 0, "acc2": 1, "p_score": 0, "one_correct": 0}),
        ([90], [30], {"acc1": 0, "acc2": 1, "p_score": 0, "one_correct": 0}),
        ([100], [150], {"acc1": 0, "acc2": 0, "p_score": 0, "one_correct": 0}),
        ([100], [(60, 0.6), (100, 0.4)], {"acc1": 0, "acc2": 0, "p_score": 1, "one_correct": 1}),
        (
            [(60, 0.3), (120, 0.7)],
            [60],
            {"acc1": 0, "acc2": 1, "p_score": 0.3, "one_correct": 1, "both_correct": 0},
        ),
        (
            [(60, 0.3), (120, 0.7)],
            [(120, 0.5), (60, 0.5)],
            {"acc1": 1, "acc2": 1, "p_score": 1, "one_correct": 1, "both_correct": 1},
        ),
        ([100], [], {"acc1": 0, "acc2": 0, "p_score": 0, "one_correct": 0}),
    ],
)
def test_golden_scores(reference, estimate, expected):
    assert TASK.metrics(at(*reference), at(*estimate)) == pytest.approx(expected)


def test_a_recording_without_a_usable_tempo_has_no_target_and_no_score():
    for jams in (Jams(1.0, ()), at(), at(0.0)):
        assert TASK.target(jams, GRID) is None
        assert TASK.metrics(jams, at(100)) == {}
    assert TASK.target(at(20), GRID) is None


def test_the_confidence_may_be_missing():
    assert TASK.metrics(at((100, None)), at((100, None)))["acc1"] == 1


@pytest.mark.parametrize("factor", [0.8, 0.93, 1.0, 1.17])
def test_faster_music_has_a_higher_tempo(factor):
    target = TASK.deform_target(TASK.target(at(111.3), GRID), "time_stretch", factor)
    np.testing.assert_allclose(target, TASK.target(at(111.3 * factor), GRID), atol=1e-4)


def test_both_of_two_tempi_are_stretched():
    reference, faster = (at((60 * f, 0.4), (120 * f, 0.6)) for f in (1.0, 1.1))
    target = TASK.deform_target(TASK.target(reference, GRID), "time_stretch", 1.1)
    np.testing.assert_allclose(target, TASK.target(faster, GRID), atol=0.01)


def test_a_tempo_that_leaves_the_classes_is_left_out():
    target = TASK.deform_target(TASK.target(at(280), GRID), "time_stretch", 1.2)
    assert np.isnan(target).all()
    one = TASK.deform_target(TASK.target(at((60, 0.4), (180, 0.6)), GRID), "time_stretch", 1.7)
    np.testing.assert_allclose(one, TASK.target(at(102), GRID), atol=0.01)


def test_a_pitch_shift_keeps_the_tempo():
    assert TASK.deformations == {"time_stretch": "change", "pitch_shift": "keep"}


def test_an_unknown_decoder_option_is_refused():
    with pytest.raises(DeepmirError, match="decoder.*threshold"):
        TASK.decoder(20.0, threshold=1)

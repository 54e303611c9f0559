import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Grid
from deepmir.tasks.onset import TASK

RATE = 50.0


def onsets(*times, duration=60.0):
    return Jams(duration, (Annotation("onset", tuple(Observation(float(t)) for t in times)),))


@pytest.mark.parametrize("seed", range(5))
def test_annotation_to_target_to_annotation_scores_one(seed):
    rng = np.random.default_rng(seed)
    # down to 50 ms apart: at 50 frames per second closer ones may share their middle frame
    reference = onsets(*(0.3 + np.cumsum(0.05 + rng.exponential(0.2, 200))), duration=80.0)
    target = TASK.target(reference, Grid(0.0, 1 / RATE, round(80 * RATE)))
    scores = TASK.metrics(reference, Jams(80.0, tuple(TASK.decoder(RATE)(target))))
    assert min(scores.values()) >= 0.99, scores


def test_onsets_are_widened():
    target = TASK.target(onsets(0.2), Grid(0.0, 0.02, 20))
    assert target.shape == (20, 1)
    np.testing.assert_array_equal(target[8:13, 0], [0, 0.5, 1, 0.5, 0])


@pytest.mark.parametrize(
    ("truth", "guess", "f", "precision", "recall", "f_25"),
    [
        ((1, 2, 3, 4), (1, 2, 3, 4), 1, 1, 1, 1),
        ((1, 2, 3, 4), (1.04, 2.04, 3.01, 4.06), 3 / 4, 3 / 4, 3 / 4, 1 / 4),
        ((1, 2, 3, 4), (1, 2), 2 / 3, 1, 1 / 2, 2 / 3),
        ((1,), (1.02,), 1, 1, 1, 1),
        ((1,), (0.99, 1.02, 5), 1 / 2, 1 / 3, 1, 1 / 2),
        ((1, 2), (), 0, 0, 0, 0),
        ((), (1,), 0, 0, 0, 0),
        ((), (), 1, 1, 1, 1),
    ],
)
def test_golden_scores(truth, guess, f, precision, recall, f_25):
    scores = TASK.metrics(onsets(*truth), onsets(*guess))
    found = [scores[name] for name in ("f_measure", "precision", "recall", "f_measure_25")]
    assert found == pytest.approx([f, precision, recall, f_25])
    assert set(scores) == {
        f"{name}{window}" for name in ("f_measure", "precision", "recall") for window in ("", "_25")
    }


def test_what_is_not_annotated_is_neither_taught_nor_scored():
    assert TASK.target(Jams(3.0, ()), Grid(0.0, 0.02, 10)) is None
    assert TASK.metrics(Jams(3.0, ()), onsets(1)) == {}
    assert TASK.metrics(onsets(1), Jams(3.0, ()))["f_measure"] == 0


def test_stretching_is_the_grid_and_pitch_says_nothing():
    assert TASK.deformations == {
        "time_stretch": "change",
        "pitch_shift": "keep",
        "time_mask": "forbid",
    }
    target = TASK.target(onsets(1.0), Grid(start=0.5, step=0.04, frames=30))
    assert np.flatnonzero(target == 1).tolist() == [12]
    np.testing.assert_array_equal(TASK.deform_target(target, "time_stretch", 1.2), target)


def test_every_choice_is_an_option_and_there_are_few():
    assert np.prod([len(values) for values in TASK.choices.values()]) <= 24
    for name, values in TASK.choices.items():
        for value in values:
            TASK.decoder(RATE, **{name: value})


@pytest.mark.parametrize("options", [{"treshold": 0.3}, {"combine": -1}])
def test_a_wrong_decoder_option_is_one_line(options):
    with pytest.raises(DeepmirError, match=f"decoder.*{next(iter(options))}") as caught:
        TASK.decoder(RATE, **options)
    assert "\n" not in str(caught.value)

import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Grid
from deepmir.tasks.singing import TASK, annotation, sung

RATE = 50.0


def singing(*intervals, duration=10.0):
    return Jams(duration, (annotation(np.array(intervals, dtype=float).reshape(-1, 2)),))


@pytest.mark.parametrize("seed", range(5))
def test_annotation_to_target_to_annotation_scores_one(seed):
    rng = np.random.default_rng(seed)
    edges = np.cumsum(rng.uniform(0.5, 6, 60))
    reference = singing(*edges.reshape(-1, 2), duration=float(edges[-1]) + 1)
    target = TASK.target(reference, Grid(0.0, 1 / RATE, round(reference.duration * RATE)))
    scores = TASK.metrics(reference, Jams(reference.duration, tuple(TASK.decoder(RATE)(target))))
    assert scores["false_alarm"] <= 0.01, scores
    assert min(v for name, v in scores.items() if name != "false_alarm") >= 0.99, scores


NOTHING = ()


@pytest.mark.parametrize(
    ("truth", "guess", "accuracy", "f", "precision", "recall", "false_alarm"),
    [
        (((2, 6),), ((2, 6),), 1, 1, 1, 1, 0),
        (((2, 6),), ((3, 7),), 0.8, 0.75, 0.75, 0.75, 1 / 6),
        (((2, 6),), ((2, 3), (3, 4)), 0.8, 2 / 3, 1, 0.5, 0),
        (((2, 6),), NOTHING, 0.6, 0, 0, 0, 0),
        (NOTHING, NOTHING, 1, 1, 1, 1, 0),
        (NOTHING, ((0, 1),), 0.9, 0, 0, 0, 0.1),
        (((0, 10),), ((0, 10),), 1, 1, 1, 1, 0),
        (((0, 10),), NOTHING, 0, 0, 0, 0, 0),
        (((2, 6), (4, 8)), ((2, 8),), 1, 1, 1, 1, 0),
    ],
)
def test_golden_scores(truth, guess, accuracy, f, precision, recall, false_alarm):
    assert TASK.metrics(singing(*truth), singing(*guess)) == pytest.approx(
        {
            "accuracy": accuracy,
            "f_measure": f,
            "precision": precision,
            "recall": recall,
            "false_alarm": false_alarm,
        }
    )


def tags(*values, **sandbox):
    observations = tuple(Observation(1.0, 2.0, value) for value in values)
    return Jams(10.0, (Annotation("tag_open", observations, sandbox=sandbox),))


def test_which_tags_are_of_the_voice():
    np.testing.assert_array_equal(sung(tags("voice", "piano")), [[1, 3]])
    assert sung(tags("piano")) is None
    assert sung(tags("voice", kind="instrument")) is None
    assert sung(tags(kind="voice")).shape == (0, 2)
    assert sung(Jams(10.0, ())) is None


def test_what_is_not_annotated_is_neither_taught_nor_scored():
    grid = Grid(0.0, 0.02, 10)
    assert TASK.target(tags("piano"), grid) is None
    assert TASK.metrics(tags("piano"), singing((0, 1))) == {}
    np.testing.assert_array_equal(TASK.target(singing(), grid), np.zeros((10, 1)))
    assert TASK.metrics(singing((0, 1)), Jams(10.0, ()))["recall"] == 0


def test_stretching_is_the_grid_and_pitch_says_nothing():
    assert TASK.deformations == {"time_stretch": "change", "pitch_shift": "keep"}
    target = TASK.target(singing((1.0, 1.2)), Grid(start=0.5, step=0.04, frames=30))
    assert np.flatnonzero(target).tolist() == [13, 14, 15, 16, 17]


@pytest.mark.parametrize("options", [{"median": 3}, {"width": -1}])
def test_a_wrong_decoder_option_is_refused(options):
    with pytest.raises(DeepmirError, match=f"decoder.*{next(iter(options))}"):
        TASK.decoder(RATE, **options)


def test_every_choice_is_an_option():
    for name, values in TASK.choices.items():
        for value in values:
            TASK.decoder(RATE, **{name: value})

import numpy as np
import pytest
from sklearn.metrics import r2_score

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Grid
from deepmir.tasks.mood import TASK

GRID = Grid(0.0, 0.1, 100)


def at(*points, durations=(10.0, 10.0)):
    pairs = zip(points, durations, strict=False)
    observations = tuple(Observation(0.0, d, list(p)) for p, d in pairs)
    return Jams(10.0, (Annotation("mood_thayer", observations),))


def test_annotation_to_target_to_annotation_has_an_r2_of_one():
    rng = np.random.default_rng(0)
    rows = []
    for point in rng.uniform(-1, 1, (20, 2)):
        reference = at(point)
        found = Jams(10.0, tuple(TASK.decoder(5.0)(TASK.target(reference, GRID))))
        assert TASK.metrics(reference, found)["distance"] < 1e-6
        rows.append(TASK.row(reference, found))
    scores = TASK.corpus_metrics(np.array(rows))
    assert scores["r2"] == pytest.approx(1)
    assert scores["concordance_valence"] == pytest.approx(1)
    assert scores["rmse_arousal"] == pytest.approx(0, abs=1e-6)


def test_golden_distance():
    assert TASK.metrics(at((0.3, 0.4)), at((0.0, 0.0)))["distance"] == pytest.approx(0.5)
    assert TASK.metrics(at((0.3, 0.4)), Jams(10.0, ()))["distance"] == pytest.approx(0.5)
    assert TASK.row(at((0.3, 0.4)), at((0.5, -1.0))) == pytest.approx((0.3, 0.4, 0.5, -1.0))


def test_golden_whole_part():
    # valence: truth -1, 1, estimate 0, 1: R2 = 1 - 1/2; means 0 and 1/2, variances 1 and 1/4,
    # covariance 1/2: concordance 1 / (1 + 1/4 + 1/4) = 2/3. Arousal: constant estimate, R2 = 0.
    rows = np.array([[-1.0, 0.0, 0.0, 0.25], [1.0, 0.5, 1.0, 0.25]])
    scores = TASK.corpus_metrics(rows)
    assert scores["r2_valence"] == pytest.approx(0.5)
    assert scores["r2_arousal"] == pytest.approx(0.0)
    assert scores["r2"] == pytest.approx(0.25)
    assert scores["concordance_valence"] == pytest.approx(2 / 3)
    assert scores["concordance_arousal"] == pytest.approx(0.0)
    assert scores["rmse_valence"] == pytest.approx(0.5**0.5)
    assert scores["roc_auc_valence"] == 1.0  # the lower truth has the lower estimate
    assert "roc_auc_arousal" not in scores  # 0 counts as positive, as 0.5 does


def words(*said, kind="tags"):
    tags = tuple(Observation(0.0, 10.0, word) for word in said)
    return Jams(10.0, (Annotation("tag_open", tags, sandbox={"kind": kind}),))


def test_words_of_feel_are_places_on_the_circle():
    assert TASK.target(words("relaxed"), GRID) == pytest.approx(
        (np.cos(np.radians(318.0)), np.sin(np.radians(318.0)))
    )
    dark, uplifting = (TASK.target(words(word), GRID) for word in ("Dark", "uplifting"))
    assert dark[0] < 0 < uplifting[0]
    both = TASK.target(words("dark", "guitar", "uplifting"), GRID)
    assert both == pytest.approx((dark + uplifting) / 2, abs=1e-6)
    assert TASK.target(words("guitar"), GRID) is None
    assert TASK.target(words("happy", kind="genre"), GRID) is None


def test_a_stated_place_counts_before_words():
    tags, stated = words("dark").annotations, at((0.5, 0.5)).annotations
    assert TASK.target(Jams(10.0, (*tags, *stated)), GRID) == pytest.approx((0.5, 0.5))


@pytest.mark.parametrize("seed", range(4))
def test_r2_is_scikit_learns(seed):
    rows = np.random.default_rng(seed).uniform(-1, 1, (15, 4))
    expected = r2_score(rows[:, :2], rows[:, 2:])
    assert TASK.corpus_metrics(rows)["r2"] == pytest.approx(expected)


def test_a_truth_that_does_not_vary_has_no_r2():
    scores = TASK.corpus_metrics(np.array([[0.1, 0.2, 0.0, 0.0]] * 3))
    assert set(scores) == {"rmse_valence", "rmse_arousal"}


def test_of_several_statements_the_mean_counts_by_duration():
    target = TASK.target(at((1.0, 0.0), (0.0, 1.0), durations=(3.0, 1.0)), GRID)
    np.testing.assert_allclose(target, [0.75, 0.25], atol=1e-6)
    instants = TASK.target(at((1.0, 0.0), (0.0, 1.0), durations=(0.0, 0.0)), GRID)
    np.testing.assert_allclose(instants, [0.5, 0.5])


def test_the_decoder_stays_within_the_scale():
    (found,) = TASK.decoder(5.0)(np.array([3.0, -1.5], dtype=np.float32))
    assert found.namespace == "mood_thayer"
    assert found.values == [[1.0, -1.0]]


@pytest.mark.parametrize("jams", [Jams(1.0, ()), Jams(1.0, (Annotation("mood_thayer", ()),))])
def test_a_recording_without_mood_has_no_target_and_no_score(jams):
    assert TASK.target(jams, GRID) is None
    assert TASK.metrics(jams, at((0.0, 0.0))) == {}
    assert TASK.row(jams, at((0.0, 0.0))) is None


def test_a_stretched_recording_has_another_arousal():
    assert TASK.deformations == {
        "pitch_shift": "keep",
        **dict.fromkeys(("time_stretch", "gain", "clipping"), "forbid"),
    }


def test_an_unknown_decoder_option_is_refused():
    with pytest.raises(DeepmirError, match="decoder: scale"):
        TASK.decoder(5.0, scale=1)

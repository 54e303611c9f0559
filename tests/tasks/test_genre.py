import numpy as np
import pytest
from sklearn.metrics import f1_score

from deepmir import tasks
from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Grid
from deepmir.tasks.genre import LABELS, TASK

GRID = Grid(0.0, 0.1, 100)


def of(*words, kind="genre", namespace="tag_open"):
    sandbox = {"kind": kind} if kind else {}
    observations = tuple(Observation(0.0, 10.0, word) for word in words)
    return Jams(10.0, (Annotation(namespace, observations, sandbox=sandbox),))


@pytest.mark.parametrize("label", LABELS)
def test_annotation_to_target_to_annotation_scores_one(label):
    reference = of(label)
    found = Jams(10.0, tuple(TASK.decoder(5.0)(TASK.target(reference, GRID))))
    assert TASK.metrics(reference, found) == {"accuracy": 1.0}


def test_golden_scores():
    reel, jig, nothing = of("reel"), of("jig"), Jams(10.0, ())
    assert TASK.metrics(reel, jig) == {"accuracy": 0.0}
    assert TASK.metrics(reel, nothing) == {"accuracy": 0.0}
    assert TASK.metrics(reel, of("polka")) == {"accuracy": 0.0}
    assert TASK.row(reel, jig) == (LABELS.index("reel"), LABELS.index("jig"))
    assert TASK.row(reel, nothing) == (LABELS.index("reel"), -1)


@pytest.mark.parametrize("jams", [Jams(1.0, ()), of(), of("polka"), of("reel", kind="tags")])
def test_a_recording_without_a_known_genre_has_no_target_and_no_score(jams):
    assert TASK.target(jams, GRID) is None
    assert TASK.metrics(jams, of("reel")) == {}
    assert TASK.row(jams, of("reel")) is None


def test_macro_f_by_hand():
    # reel: 2 of 3 found, none invented: F = 4/5; jig: 1 of 1 found, 1 invented: F = 2/3.
    reel, jig = LABELS.index("reel"), LABELS.index("jig")
    scores = TASK.corpus_metrics(np.array([[reel, reel], [reel, reel], [reel, jig], [jig, jig]]))
    assert scores["f/reel"] == pytest.approx(4 / 5)
    assert scores["f/jig"] == pytest.approx(2 / 3)
    assert scores["f_macro"] == pytest.approx((4 / 5 + 2 / 3) / 2)
    assert "f/air" not in scores
    assert TASK.corpus_metrics(np.array([[reel, -1.0]])) == {"f_macro": 0.0, "f/reel": 0.0}


@pytest.mark.parametrize("seed", range(5))
def test_macro_f_is_scikit_learns(seed):
    rows = np.random.default_rng(seed).integers(0, 5, (30, 2))
    expected = f1_score(rows[:, 0], rows[:, 1], average="macro", zero_division=0)
    assert TASK.corpus_metrics(rows.astype(float))["f_macro"] == pytest.approx(expected)


def test_the_decoder_names_all_likely_classes_the_best_first():
    activations = np.zeros(len(LABELS), dtype=np.float32)
    activations[[2, 5, 1]] = 0.3, 0.695, 0.005
    (found,) = TASK.decoder(5.0)(activations)
    assert found.namespace == "tag_open"
    assert found.sandbox == {"kind": "genre"}
    assert found.values == [LABELS[5], LABELS[2]]
    assert found.observations[0].confidence == pytest.approx(0.695)


def test_another_vocabulary():
    rock = of("rock", kind="genre")
    assert TASK.target(rock, GRID) is None
    pop = tasks.get("genre", ("pop", "rock"))
    np.testing.assert_array_equal(pop.target(rock, GRID), [0, 1])
    assert pop.output.labels == ("pop", "rock")
    assert pop.metrics(rock, of("rock")) == {"accuracy": 1.0}


def test_the_vocabulary_is_that_of_the_data_set():
    from deepmir_render.sources.genre import GENRES

    assert TASK.output.labels == GENRES


def test_deformations_keep_the_genre():
    assert TASK.deformations == {"pitch_shift": "keep", "time_stretch": "keep"}
    target = TASK.target(of("reel"), GRID)
    np.testing.assert_array_equal(TASK.deform_target(target, "pitch_shift", 3), target)


def test_an_unknown_decoder_option_is_refused():
    with pytest.raises(DeepmirError, match="decoder: threshold"):
        TASK.decoder(5.0, threshold=1)

import time

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from deepmir import tasks
from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Grid
from deepmir.tasks.shared.ranking import average_precision, roc_auc

TASK = tasks.get("tagging", ("a", "b", "c", "d"))
GRID = Grid(0.0, 0.1, 100)


def of(**confidences):
    observations = tuple(Observation(0.0, 10.0, w, c) for w, c in confidences.items())
    return Jams(10.0, (Annotation("tag_open", observations, sandbox={"kind": "tags"}),))


def test_annotation_to_target_to_annotation_has_areas_of_one():
    rng = np.random.default_rng(0)
    rows = []
    for present in rng.random((30, 4)) < 0.4:
        reference = of(**{w: None for w, has in zip("abcd", present, strict=True) if has})
        target = TASK.target(reference, GRID)
        np.testing.assert_array_equal(target, present)
        found = Jams(10.0, tuple(TASK.decoder(5.0)(target)))
        assert TASK.metrics(reference, found) in ({}, {"track_auc": 1.0})
        rows.append(TASK.row(reference, found))
    scores = TASK.corpus_metrics(np.array(rows))
    assert len(scores) == 10
    assert set(scores.values()) == {1.0}


def test_golden_track_auc():
    # of the pairs (a, c), (a, d), (b, c), (b, d) in order: right, right, wrong, tied
    estimate = of(a=0.9, b=0.2, c=0.4, d=0.2)
    assert TASK.metrics(of(a=None, b=None), estimate) == {"track_auc": pytest.approx(2.5 / 4)}
    assert TASK.metrics(of(a=None), Jams(10.0, ())) == {"track_auc": 0.5}


def test_a_recording_without_tags_is_known_to_have_none():
    assert not TASK.target(of(), GRID).any()
    assert TASK.metrics(of(), of(a=0.9)) == {}
    assert TASK.row(of(), of(a=0.9)) == pytest.approx((0, 0, 0, 0, 0.9, 0, 0, 0))
    assert TASK.target(Jams(1.0, ()), GRID) is None
    assert TASK.metrics(Jams(1.0, ()), of(a=0.9)) == {}
    assert TASK.row(Jams(1.0, ()), of(a=0.9)) is None


def test_golden_target_of_tags_that_come_and_go():
    # of the patch from 2 to 6 s: a holds for 3 of 4 s; b throughout, half sure; c for 1 s, .4 sure,
    # then 1 s, .8 sure; d before it
    said = [(3, 7, "a", None), (0, 0, "b", 0.5), (2, 1, "c", 0.4), (4, 1, "c", 0.8), (0, 2, "d", 1)]
    observations = tuple(Observation(*each) for each in said)
    jams = Jams(10.0, (Annotation("tag_open", observations, sandbox={"kind": "tags"}),))
    assert TASK.target(jams, Grid(2.0, 0.1, 40)) == pytest.approx((0.75, 0.5, 0.3, 0))
    assert TASK.row(jams, of())[:4] == (1, 1, 1, 1)


def test_a_tag_that_is_not_likely_is_none_that_a_recording_has():
    assert TASK.row(of(a=0.5, b=0.49), of(b=0.2)) == pytest.approx((1, 0, 0, 0, 0, 0.2, 0, 0))


def test_golden_areas():
    # a: positives at ranks 1 and 3 of 4: AUC 3/4, average precision (1/1 + 2/3) / 2; b: all tied
    truth = np.array([[1, 1, 0, 1], [0, 0, 0, 1], [1, 0, 0, 1], [0, 0, 0, 1]], dtype=float)
    guess = np.array([[0.9, 0.5, 0.1, 0.1], [0.8, 0.5, 0, 0], [0.7, 0.5, 0, 0], [0.6, 0.5, 0, 0]])
    scores = TASK.corpus_metrics(np.hstack([truth, guess]))
    assert scores["roc_auc/a"] == pytest.approx(0.75)
    assert scores["pr_auc/a"] == pytest.approx(5 / 6)
    assert scores["roc_auc/b"] == pytest.approx(0.5)
    assert scores["pr_auc/b"] == pytest.approx(0.25)
    assert scores["roc_auc"] == pytest.approx(0.625)
    assert not {"roc_auc/c", "pr_auc/c", "roc_auc/d", "pr_auc/d"} & set(scores)
    assert TASK.corpus_metrics(np.hstack([truth, guess])[:1]) == {}


@pytest.mark.parametrize("seed", range(8))
def test_areas_are_scikit_learns_with_ties(seed):
    rng = np.random.default_rng(seed)
    truth = (rng.random((40, 5)) < 0.3).astype(float)
    truth[0], truth[1] = 0, 1
    guess = rng.integers(0, 6, (40, 5)) / 5
    for found, expected in (
        (roc_auc(truth, guess), roc_auc_score),
        (average_precision(truth, guess), average_precision_score),
    ):
        np.testing.assert_allclose(found, expected(truth, guess, average=None))


def test_a_bootstrap_takes_seconds():
    rng = np.random.default_rng(0)
    truth = (rng.random((200, 4)) < 0.3).astype(float)
    rows = np.hstack([truth, rng.random((200, 4))])
    began = time.process_time()
    for _ in range(50):
        TASK.corpus_metrics(rows)
    assert time.process_time() - began < 0.5


def test_the_decoder_tells_every_confidence():
    (found,) = TASK.decoder(5.0)(np.array([0.1, 0.9, 0.0, 1.0], dtype=np.float32))
    assert found.sandbox == {"kind": "tags"}
    assert found.values == ["a", "b", "c", "d"]
    assert [o.confidence for o in found.observations] == pytest.approx([0.1, 0.9, 0, 1])


def test_the_vocabulary_is_that_of_the_data_set():
    from deepmir_render.labelling.describing import TAGS

    assert tasks.get("tagging").output.labels == TAGS


def test_tags_may_name_a_tempo():
    assert TASK.effect("pitch_shift") == "keep"
    assert TASK.effect("time_stretch") == TASK.effect("noise") == "forbid"


def test_an_unknown_decoder_option_is_refused():
    with pytest.raises(DeepmirError, match="decoder: threshold"):
        TASK.decoder(5.0, threshold=1)

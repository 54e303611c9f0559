import mir_eval
import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Grid
from deepmir.tasks.key import RELATIONS, TASK
from deepmir.tasks.shared.keys import LABELS, label_index

GRID = Grid(0.0, 0.2, 50)


def in_key(*values):
    observations = tuple(Observation(0.0, 1.0 + i, v) for i, v in enumerate(values))
    return Jams(10.0, (Annotation("key_mode", observations),))


def scored(weighted, relation, both=None):
    """All scores of a recording, given the relation."""
    shares = dict.fromkeys(RELATIONS, 0.0) | {relation: 1.0}
    both = weighted if both is None else both
    return pytest.approx({"weighted": weighted, "weighted_both_fifths": both, **shares})


@pytest.mark.parametrize("label", LABELS)
def test_annotation_to_target_to_annotation_scores_one(label):
    reference = in_key(label)
    target = TASK.target(reference, GRID)
    found = Jams(10.0, tuple(TASK.decoder(5.0)(target)))
    assert TASK.metrics(reference, found) == scored(1.0, "accuracy")


@pytest.mark.parametrize(
    ("reference", "estimate", "weighted", "relation"),
    [
        ("C:major", "C:major", 1.0, "accuracy"),
        ("C:major", "G:major", 0.5, "fifth"),
        ("C:major", "A:minor", 0.3, "relative"),
        ("A:minor", "C:major", 0.3, "relative"),
        ("C:major", "C:minor", 0.2, "parallel"),
        ("C:minor", "C:major", 0.2, "parallel"),
        ("C:major", "F#:minor", 0.0, "other"),
        ("A:minor", "E:minor", 0.5, "fifth"),
        ("Db:major", "C#:major", 1.0, "accuracy"),
        ("C:major", "C:dorian", 0.2, "parallel"),
        ("C:major", "A:dorian", 0.3, "relative"),
        ("C:major", "N", 0.0, "other"),
    ],
)
def test_golden_scores(reference, estimate, weighted, relation):
    assert TASK.metrics(in_key(reference), in_key(estimate)) == scored(weighted, relation)


@pytest.mark.parametrize(
    ("reference", "estimate"), [("C:major", "F:major"), ("A:minor", "D:minor")]
)
def test_a_fifth_below_is_worth_half_a_point_to_one_of_the_two_rules(reference, estimate):
    assert TASK.metrics(in_key(reference), in_key(estimate)) == scored(0.0, "other", both=0.5)


def test_every_relation_has_the_score_that_mir_eval_gives_it():
    for truth in ("C:major", "A:minor"):
        for guess in LABELS:
            scores = TASK.metrics(in_key(truth), in_key(guess))
            assert sum(scores[name] for name in RELATIONS) == 1
            assert scores["weighted"] == sum(scores[n] * worth for n, worth in RELATIONS.items())


@pytest.mark.parametrize("label", LABELS)
def test_mir_eval_knows_every_label(label):
    mir_eval.key.validate_key(label.replace(":", " "))


def test_spellings_of_one_key_are_one_label():
    assert label_index("Db:minor") == label_index("C#:minor")
    assert label_index("D:dorian") is None
    assert label_index("N") is None


def test_the_key_that_lasts_longest_in_all_counts():
    assert TASK.target(in_key("C:major", "D:minor"), GRID)[LABELS.index("D:minor")] == 1
    spans = ((0.0, 60.0, "Db:major"), (60.0, 80.0, "B:major"), (140.0, 60.0, "C#:major"))
    song = Jams(200.0, (Annotation("key_mode", tuple(Observation(*span) for span in spans)),))
    assert TASK.index(song) == LABELS.index("C#:major")
    assert TASK.metrics(song, in_key("C#:major"))["accuracy"] == 1


def test_a_recording_without_a_usable_key_has_no_target_and_no_score():
    for jams in (Jams(1.0, ()), in_key("D:dorian")):
        assert TASK.target(jams, GRID) is None
        assert TASK.metrics(jams, in_key("C:major")) == {}


def test_a_missing_estimate_scores_zero():
    assert TASK.metrics(in_key("C:major"), Jams(1.0, ())) == scored(0.0, "other")


@pytest.mark.parametrize(("shift", "after"), [(1, "C#:minor"), (-1, "B:minor"), (12, "C:minor")])
def test_a_pitch_shift_moves_the_tonic_and_keeps_the_mode(shift, after):
    target = TASK.deform_target(TASK.target(in_key("C:minor"), GRID), "pitch_shift", shift)
    assert LABELS[int(np.argmax(target))] == after


def test_an_unknown_decoder_option_is_refused():
    with pytest.raises(DeepmirError, match="decoder: threshold"):
        TASK.decoder(5.0, threshold=1)

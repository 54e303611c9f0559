import numpy as np
import pytest

from deepmir import tasks
from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Grid
from deepmir.tasks.mood_quadrant import TASK

GRID = Grid(0.0, 0.1, 100)
CORNERS = {"happy": (0.5, 0.1), "angry": (-0.2, 0.9), "sad": (-0.3, -0.3), "calm": (1.0, -0.01)}


def at(valence, arousal):
    observation = Observation(0.0, 10.0, [valence, arousal])
    return Jams(10.0, (Annotation("mood_thayer", (observation,)),))


def word(value):
    observation = Observation(0.0, 10.0, value)
    return Jams(10.0, (Annotation("tag_open", (observation,), sandbox={"kind": "mood"}),))


@pytest.mark.parametrize("label", CORNERS)
def test_annotation_to_target_to_annotation_scores_one(label):
    reference = at(*CORNERS[label])
    target = TASK.target(reference, GRID)
    (found,) = TASK.decoder(5.0)(target)
    assert found.values == [label]
    assert TASK.metrics(reference, Jams(10.0, (found,))) == {"accuracy": 1.0}
    np.testing.assert_array_equal(TASK.target(word(label), GRID), target)


def test_golden_scores():
    assert TASK.output.labels == ("happy", "angry", "sad", "calm")
    assert TASK.metrics(at(0.5, 0.5), word("sad")) == {"accuracy": 0.0}
    assert TASK.metrics(at(0.5, 0.5), Jams(10.0, ())) == {"accuracy": 0.0}
    assert TASK.metrics(at(0.0, 0.0), word("happy")) == {"accuracy": 1.0}
    # happy: 1 hit, 1 false alarm; sad: 1 miss
    assert TASK.corpus_metrics(np.array([[0.0, 0.0], [2.0, 0.0]])) == {
        "f_macro": pytest.approx(1 / 3),
        "f/happy": pytest.approx(2 / 3),
        "f/sad": 0.0,
    }


@pytest.mark.parametrize("jams", [Jams(1.0, ()), word("bored")])
def test_a_recording_without_mood_has_no_target_and_no_score(jams):
    assert TASK.target(jams, GRID) is None
    assert TASK.metrics(jams, word("sad")) == {}
    assert TASK.row(jams, word("sad")) is None


def test_a_stretched_recording_has_another_arousal():
    assert TASK.deformations == {
        "pitch_shift": "keep",
        **dict.fromkeys(("time_stretch", "gain", "clipping"), "forbid"),
    }


def test_the_quadrants_are_fixed():
    with pytest.raises(DeepmirError, match="labels"):
        tasks.get("mood_quadrant", ("good", "bad"))

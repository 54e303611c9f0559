"""The two tasks of the teaching study."""

import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks import mode, pitch_class
from deepmir.tasks.base import Grid

GRID = Grid(0.0, 1.0, 1)


def jams(namespace, value):
    return Jams(2.0, (Annotation(namespace, (Observation(0.0, 2.0, value),)),))


@pytest.mark.parametrize(
    ("task", "reference", "index"),
    [
        (pitch_class.TASK, jams("pitch_class", {"tonic": "C", "pitch": 9}), 9),
        (pitch_class.TASK, jams("pitch_class", {"tonic": "A", "pitch": 4}), 1),
        (mode.TASK, jams("chord", "Eb:maj"), 0),
        (mode.TASK, jams("chord", "F#:min"), 1),
    ],
)
def test_what_a_network_is_sure_of_scores_as_what_it_was_taught(task, reference, index):
    target = task.target(reference, GRID)
    assert target.argmax() == index
    assert target.sum() == 1
    decode = task.decoder(5.0)
    assert task.metrics(reference, Jams(2.0, tuple(decode(target)))) == {"accuracy": 1.0}
    wrong = np.roll(target, 1)
    assert task.metrics(reference, Jams(2.0, tuple(decode(wrong)))) == {"accuracy": 0.0}


@pytest.mark.parametrize("task", [pitch_class.TASK, mode.TASK])
def test_what_is_not_annotated_is_neither_taught_nor_scored(task):
    nothing = Jams(2.0, ())
    assert task.target(nothing, GRID) is None
    assert task.metrics(nothing, nothing) == {}
    with pytest.raises(DeepmirError, match=f"{task.name} has no"):
        task.decoder(5.0, width=3)


def test_a_chord_of_another_quality_is_not_taught():
    assert mode.TASK.target(jams("chord", "C:sus4"), GRID) is None


def test_a_pitch_shift_moves_the_class_and_keeps_the_mode():
    shifted = pitch_class.TASK.deform_target(np.eye(12, dtype=np.float32)[11], "pitch_shift", 2)
    assert shifted.argmax() == 1
    target = np.eye(2, dtype=np.float32)[1]
    np.testing.assert_array_equal(mode.TASK.deform_target(target, "pitch_shift", 2), target)

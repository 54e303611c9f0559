from dataclasses import dataclass

import numpy as np
import pytest

from deepmir import tasks
from deepmir.errors import DeepmirError
from deepmir.models import class_weights
from deepmir.tasks.output import Head, Output


@dataclass(frozen=True)
class Labelled:
    output: Output
    name: str = "labelled"


SOFTMAX = Labelled(Output.of(("a", "b"), "softmax"))
SIGMOID = Labelled(Output.of(("on",), "sigmoid"))


def test_a_rare_class_counts_for_more():
    targets = [(np.eye(2, dtype=np.float32)[[0, 0, 0, 1]], 1.0)]
    assert class_weights.of("balanced", SOFTMAX, targets).tolist() == pytest.approx([2 / 3, 2.0])


def test_positive_examples_weigh_as_much_as_negative_ones():
    targets = [(np.array([[1.0], [0.0], [0.0], [0.0]], np.float32), 1.0)]
    assert class_weights.of("balanced", SIGMOID, targets).tolist() == [3.0]


def test_a_track_counts_as_often_as_it_is_drawn():
    sounding, silent = np.ones((2, 1), np.float32), np.zeros((200, 1), np.float32)
    targets = [(sounding, 0.2), (silent, 0.8)]
    assert class_weights.of("balanced", SIGMOID, targets).tolist() == pytest.approx([4.0])


def test_what_is_not_known_is_not_counted():
    targets = [(np.array([[1.0], [0.0], [np.nan], [np.nan]], np.float32), 1.0)]
    assert class_weights.of("balanced", SIGMOID, targets).tolist() == [1.0]


def test_a_label_that_never_holds_has_a_bounded_weight():
    assert class_weights.of(
        "balanced", SIGMOID, [(np.zeros((9, 1), np.float32), 1.0)]
    ).tolist() == [20.0]


def test_declared_weights_are_by_label():
    task = Labelled(Output((Head(("a", "b"), "softmax"), Head(("on",), "sigmoid"))))
    assert class_weights.of({"on": 3}, task, []).tolist() == [1, 1, 3]
    with pytest.raises(DeepmirError, match="class_weights.off is not a label"):
        class_weights.check({"off": 3}, task)


def test_one_of_the_tasks_that_share_a_network_can_be_balanced_alone():
    both = tasks.sharing(tasks.get("beat"), {"onset": 0.5})
    targets = [(np.tile(np.array([[0.5, 0.1, 0.2]], np.float32), (10, 1)), 1.0)]
    declared = {"onset": "balanced", "downbeat": 3}
    class_weights.check(declared, both)
    assert class_weights.of(declared, both, targets).tolist() == pytest.approx([1, 3, 4])
    message = "class_weights.notes: balanced is for a task, and the network has beat and onset"
    with pytest.raises(DeepmirError, match=message):
        class_weights.check({"notes": "balanced"}, both)

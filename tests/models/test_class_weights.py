import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir.models import class_weights
from deepmir.tasks.base import Head, Output

SOFTMAX = Output.of(("a", "b"), "softmax")
SIGMOID = Output.of(("on",), "sigmoid")


def test_a_rare_class_counts_for_more():
    targets = [np.eye(2, dtype=np.float32)[[0, 0, 0, 1]]]
    assert class_weights.of("balanced", SOFTMAX, targets).tolist() == pytest.approx([2 / 3, 2.0])


def test_positive_examples_weigh_as_much_as_negative_ones():
    targets = [np.array([[1.0], [0.0], [0.0], [0.0]], np.float32)]
    assert class_weights.of("balanced", SIGMOID, targets).tolist() == [3.0]


def test_what_is_not_known_is_not_counted():
    targets = [np.array([[1.0], [0.0], [np.nan], [np.nan]], np.float32)]
    assert class_weights.of("balanced", SIGMOID, targets).tolist() == [1.0]


def test_a_label_that_never_holds_has_a_bounded_weight():
    assert class_weights.of("balanced", SIGMOID, [np.zeros((9, 1), np.float32)]).tolist() == [20.0]


def test_declared_weights_are_by_label():
    output = Output((Head(("a", "b"), "softmax"), Head(("on",), "sigmoid")))
    assert class_weights.of({"on": 3}, output, []).tolist() == [1, 1, 3]
    with pytest.raises(DeepmirError, match="class_weights.off is no label"):
        class_weights.check({"off": 3}, output)

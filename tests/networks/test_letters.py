"""An incomplete letter is refused at once, and the names of weights are stable."""

from dataclasses import dataclass

import pytest

from deepmir.networks import InputShape, Output, describe, table
from deepmir.networks.letters.base import LETTERS, Affine, Layer, register
from deepmir.networks.letters.recurrent import ManyToOne
from deepmir.networks.network import build

SHAPE = InputShape(1, 24, 10.0, 12)
# Each letter where it can stand, and the names of its weights in the files of trained networks.
WEIGHTS = {
    "c2(2,bn) - d1": ["0.convolution.weight", *(f"0.finish.norm.{n}" for n in ("weight", "bias"))],
    "c1(2) - d1": ["0.convolution.weight", "0.convolution.bias"],
    "d2(2) - d1": ["0.convolution.weight", "0.convolution.bias"],
    "d1(2) - d1": ["0.linear.weight", "0.linear.bias"],
    "r1(2,forward) - d1": [f"0.recurrence.{n}_l0" for n in ("weight_ih", "weight_hh", "bias_ih")],
    "r2(2,forward) - d1": [f"0.recurrence.{n}_l0" for n in ("weight_ih", "weight_hh", "bias_ih")],
    "p1 - d1": [],
    "p2(3x3,stride=1x1) - d1": [],
    "f1 - d1": [],
    "u2(2x1) - d1": [],
    "p2(global) - d1(8) - s2(4x2) - d1": ["1.linear.weight", "1.linear.bias"],
    "t1 - d1": ["0.attention_norm.weight", "0.queries_keys_values.weight", "0.dense.3.bias"],
}


def test_every_letter_is_tried_here():
    assert {letter for letter in LETTERS if any(letter in text for text in WEIGHTS)} == set(LETTERS)


@pytest.mark.parametrize("text", WEIGHTS)
def test_weights_are_called_what_they_are_in_files_and_counted(text):
    output = Output(3, time_varying="r2" not in text and "s2" not in text)
    network = build(text, SHAPE, output)
    found = network.state_dict()
    last = len(network.layers.parts) - 1
    wanted = {f"layers.parts.{name}" for name in WEIGHTS[text]}
    assert wanted <= set(found)
    assert {f"layers.parts.{last}.linear.{n}" for n in ("weight", "bias")} <= set(found)
    if not wanted:
        assert len(found) == 2
    counted = sum(weights.numel() for weights in network.parameters())
    assert describe(text, SHAPE, output).parameters == counted


@pytest.mark.parametrize(
    ("base", "missing"),
    [
        (Layer, "letter, biases, module, output, weights"),
        (Affine, "letter, module"),
    ],
)
def test_a_letter_that_lacks_a_part_is_refused_with_all_that_it_lacks(base, missing):
    with pytest.raises(TypeError, match=f"^the layer Bare lacks {missing}$"):

        @register
        @dataclass(frozen=True)
        class Bare(base):
            pass


def test_two_layers_of_one_letter_are_refused():
    with pytest.raises(TypeError, match="the layer Twin: ManyToOne is r2 already"):

        @register
        @dataclass(frozen=True)
        class Twin(ManyToOne):
            pass

    assert LETTERS["r2"] is ManyToOne


def test_a_letter_says_its_own_note():
    inside = "d1(8) - [c1(8) | t1(heads=4)] - d1"
    for text, said in (("d1(8) - d1", False), ("t1 - d1", True), (inside, True)):
        assert ("t1: its attention" in table(describe(text, SHAPE, Output(3, True)))) is said

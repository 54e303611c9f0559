"""Networks with a long context: their first layers run in pieces, the others on the whole."""

import numpy as np
import pytest

import tiny
from deepmir.models import export, graph, inference, model, near
from deepmir.representations import Cqt

CQT = Cqt(sample_rate=22050, hop=2205, fmin=65.406, bins=24)
FAR = "c2(3,3x3,bn) - p1(4) - c1(4,3,bn) - res[c1(4,5,dilation=60)] - d1"


def untrained(folder, network, task="onset"):
    made, card = tiny.untrained(network, CQT, task)
    model.save(folder, made.state_dict(), card)
    return folder, card


@pytest.mark.parametrize(("piece", "task"), [(1, "onset"), (7, "onset"), (400, "structure")])
def test_what_it_says_does_not_depend_on_the_pieces(tmp_path, monkeypatch, piece, task):
    """Sections also depend on the last layer's features, which such a graph outputs too."""
    folder, _ = untrained(tmp_path, FAR, task)
    (tmp_path / graph.GRAPH).write_bytes(export.export(folder))
    opened = graph.session(tmp_path / graph.GRAPH)
    assert len(opened.get_inputs()) == len(opened.get_outputs()) == 2
    monkeypatch.setattr(graph, "PIECE", piece)
    features = np.random.default_rng(0).normal(size=(2, 50, 24, 1)).astype(np.float32)
    whole = inference.outputs(inference.whole(folder))(features)
    np.testing.assert_allclose(graph.outputs(opened)(features), whole, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("network", "task"),
    [
        ("c2(3,3x3) - c1(4,3) - c1(4,5,dilation=20) - d1", "onset"),  # it does not see far
        ("c2(3,3x3) - c1(4,3) - r1(4) - d1", "onset"),  # or all there is
        ("c2(3,3x3) - c1(4,5,dilation=60) - d1", "onset"),  # or its first layers do
        (FAR.replace(" - d1", " - p1(global) - d1"), "key"),  # or hears excerpts alone
    ],
)
def test_any_other_network_is_one(tmp_path, network, task):
    _, card = untrained(tmp_path, network, task)
    assert near.layers(card) is None


def test_the_first_layers_end_with_the_frequency_axis(tmp_path):
    _, card = untrained(tmp_path, FAR)
    count, last = near.layers(card)
    assert (count, last.layer, near.sees(last)) == (3, "c1(4,3,bn)", 2)

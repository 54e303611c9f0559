"""Networks in onnxruntime: the same outputs as in torch, for all layers."""

import json
import shutil

import numpy as np
import onnx
import pytest

import tiny
from deepmir import paths
from deepmir.errors import DeepmirError
from deepmir.models import export, inference, model, running
from deepmir.models.card import read_network_card, write_card
from deepmir.networks.letters.base import LETTERS
from deepmir.representations import Cqt

SHIPPED = sorted(path.name for path in paths.SHIPPED.iterdir() if path.is_dir())
CQT = Cqt(sample_rate=22050, hop=2205, fmin=65.406, bins=24)
TALL = "c2(4,3x3,bn) - c2(5,23x3,bn) - d1"  # whose second convolution is one of spectra
# Every letter, and what is written in more than one way.
NETWORKS = [
    "c2(3,3x3,bn) - p1(3) - d1(4,leaky,bn) - d1",
    "c2(3,5x5,elu,stride=2x1) - p2(3x3,stride=1x1) - c1(4,3,logistic) - d1",
    "c2(3,3x3) - p2(4x5,mean) - c1(4,5,dilation=2,tanh) - p1(global) - d1",
    "p2(2x2,mean,stride=1x1) - d2(4,3) - p1(global,max) - d1",
    "f1(12) - [c1(3,3) | c1(2,4)] - res[c1(5,3)] - highway[c1(5,3)] - d1",
    "c2(3,3x3) - res[c2(4,3x3)] - f1(12) - r1(5,lstm,forward) - d1",
    "d1(6) - r1(4,gru) - r2(3,vanilla,relu) - d1",
    "d1(16) - t1 - d1",
    TALL,
    "c2(4,3x3) - p2(1x2) - c2(4,23x3,bn) - f1(12) - c1(3,3) - d1",
    "c2(3,3x3) - p2(2x2) - u2(2x2) - d1",
]


def random_statistics(made):
    for name, value in made.named_buffers():
        if value.is_floating_point() and not name.startswith("network.mean"):
            value.uniform_(0.5, 1.5)


def untrained(folder, network, task="key"):
    """A network with random weights and statistics, in its own folder."""
    made, card = tiny.untrained(network, CQT, task, random_statistics)
    model.save(folder, made.state_dict(), card)
    return folder


def exported(folder):
    """The same with its graph, as when shipped."""
    graph = export.export(folder)
    (folder / "model.onnx").write_bytes(graph)
    digest = export.digest(graph)
    write_card(folder, read_network_card(folder).model_copy(update={"graph_sha256": digest}))
    return folder


def both(folder, frames, tracks=2):
    """The outputs of onnxruntime and torch for the same features."""
    runner, card = running.load(folder)
    assert card.graph_sha256
    whole = inference.whole(folder)
    features = np.random.default_rng(frames).normal(0, 1, (tracks, frames, *whole_shape(whole)))
    mean, scale = (t.numpy().T[0] for t in (whole.model.mean, whole.model.scale))
    features = (features / np.maximum(scale, 1e-3) + mean).astype(np.float32)
    return runner(features), inference.outputs(whole)(features)


def compare(here, there):
    """Compare activations absolutely, features relative to the largest of each."""
    largest = np.maximum(np.abs(there).max(axis=(0, 1)), 1)
    np.testing.assert_allclose(here / largest, there / largest, rtol=0, atol=1e-5)


def whole_shape(whole):
    channels, bins, _ = whole.model.mean.shape
    return bins, channels


def test_a_tall_convolution_becomes_a_product_of_spectra(tmp_path):
    graph = onnx.load_from_string(export.export(untrained(tmp_path, TALL, "beat"))).graph
    kernels = [a.ints for node in graph.node for a in node.attribute if a.name == "kernel_shape"]
    assert [list(kernel) for kernel in kernels] == [[3, 3], [3]]


@pytest.mark.parametrize("task", SHIPPED)
def test_what_comes_with_deepmir_says_what_torch_says(task):
    for frames in (257, 700):
        compare(*both(paths.SHIPPED / task, frames))


def test_every_letter_is_tried():
    exported = LETTERS.keys() - {"s2"}  # which begins decoders alone
    assert all(any(letter in text for text in NETWORKS) for letter in exported)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_of_any_letters_is_exported(tmp_path, network):
    folder = exported(untrained(tmp_path / "a", network))
    for frames, tracks in ((40, 1), (101, 3)):
        here, there = both(folder, frames, tracks)
        assert here.shape == there.shape == (tracks, 24)
        np.testing.assert_allclose(here, there, rtol=0, atol=1e-5)


def test_a_graph_has_no_weights_and_no_names_of_files(tmp_path):
    folder = untrained(tmp_path / "a", NETWORKS[0])
    graph = export.export(folder)
    weights = model.read_weights(folder)["network.layers.parts.0.convolution.weight"]
    assert weights.numpy().tobytes() not in graph
    assert b".py" not in graph
    assert export.export(folder) == graph


def test_what_cannot_be_exported_says_so(tmp_path, monkeypatch):
    folder = untrained(tmp_path / "a", NETWORKS[0])
    monkeypatch.setattr(export, "OPERATORS", 3)
    with pytest.raises(DeepmirError, match="the network cannot be exported: "):
        export.export(folder)


def test_a_graph_that_computes_anything_else_is_refused(tmp_path, monkeypatch):
    folder = untrained(tmp_path / "a", NETWORKS[0])
    monkeypatch.setattr(export, "TOLERANCE", -1.0)
    with pytest.raises(DeepmirError, match="the graph differs from the network by"):
        export.export(folder)


def test_large_features_are_compared_in_proportion(tmp_path):
    def enlarge(made):
        made.network.layers.parts[1].convolution.weight.data.mul_(100)

    made, card = tiny.untrained("c2(3,3x3,bn) - c1(4,3) - c1(8,3) - d1", CQT, "structure", enlarge)
    model.save(tmp_path, made.state_dict(), card)
    here, there = both(exported(tmp_path), 40, 1)
    assert here.max() > 10
    compare(here, there)


def broken(folder):
    (folder / "model.onnx").write_bytes(b"graph")


def sworn(folder):
    broken(folder)
    change(folder, graph_sha256=export.digest(b"graph"))


def lost(folder):
    (folder / "model.onnx").unlink()


def other_weights(folder):
    other = untrained(folder.parent / "other", NETWORKS[1])
    shutil.copy(other / "model.safetensors", folder)


def sworn_weights(folder):
    other_weights(folder)
    change(folder, weights_sha256=read_network_card(folder.parent / "other").weights_sha256)


def other_network(folder):
    change(folder, network="c2(3,3x3,bn) - p1(4) - d1(4,leaky,bn) - d1")


def other_representation(folder):
    change(folder, representation=CQT.model_copy(update={"bins": 36}).model_dump(mode="json"))


def change(folder, **entries):
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, **entries}))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (broken, "model.onnx: the operations do not match the card: "),
        (sworn, "model.onnx cannot be used"),
        (lost, "model.onnx is missing: "),
        (other_weights, "model.safetensors: the weights do not match the card: "),
        (sworn_weights, "model.onnx does not fit the network"),
        (other_network, "model.onnx does not fit the network"),
        (other_representation, "model.onnx does not fit the network"),
    ],
)
def test_a_graph_that_is_not_what_its_card_says_is_not_run(tmp_path, fault, said):
    folder = exported(untrained(tmp_path / "a", NETWORKS[0]))
    fault(folder)
    with pytest.raises(DeepmirError, match=f"^{folder}/{said}"):
        running.load(folder)


@pytest.mark.parametrize("graph", [False, True])
def test_what_does_not_fit_is_refused_by_either(tmp_path, graph):
    folder = untrained(tmp_path / "a", NETWORKS[2])
    runner, _ = running.load(exported(folder) if graph else folder)
    with pytest.raises(DeepmirError, match="takes 1 channels of 24 bins, not 1 of 23"):
        runner(np.zeros((1, 50, 23)))
    with pytest.raises(DeepmirError, match="a track of 2 frames is too short"):
        runner(np.zeros((1, 2, 24)))


def test_a_network_that_is_trained_again_has_no_graph(tmp_path):
    folder = exported(untrained(tmp_path / "a", NETWORKS[0]))
    card = read_network_card(folder)
    model.save(folder, model.read_weights(folder), card)
    assert read_network_card(folder).graph_sha256 == ""

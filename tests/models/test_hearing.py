"""Networks on the output of another network, in use."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from onnx import helper as made

import tiny
from deepmir import paths, tasks
from deepmir.analysis import activations as analysis
from deepmir.analysis import models as loading
from deepmir.errors import DeepmirError
from deepmir.files import audio
from deepmir.models import activations, external, model
from deepmir.models.card import NetworkCard, read_card
from deepmir.models.external_check import examined
from deepmir.models.running import load
from deepmir.representations import Onnx
from deepmir.workflow import shipping

FOLDER = Path("models/deep")
NETWORK = "c1(4,3) - p1(global) - d1"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    loading._loaded.cache_clear()


@pytest.fixture
def samples(rng):
    return 0.1 * rng.standard_normal(9 * 22050).astype(np.float32)


def save(representation, **training):
    """Save a network for keys with random weights."""
    torch.manual_seed(0)
    output = tasks.get("key").output
    network = model.build(NETWORK, representation, output, False)
    about = {"name": "deep", "task": "key", "network": NETWORK, "training": training}
    about |= {"labels": output.labels, "activation": output.activation}
    model.save(FOLDER, network.state_dict(), NetworkCard(**about, representation=representation))


def answered(samples):
    loading._loaded.cache_clear()
    models = {"key": FOLDER}
    return analysis.activations_from_samples(samples, 22050, ["key"], models)["key"].values


def wanted(samples, function):
    heard = np.concatenate([block.copy() for block in audio.from_samples(samples, 22050).blocks])
    return load(FOLDER)[0](function(heard).astype(np.float16)[None])[0]


def from_elsewhere():
    Path("networks").mkdir()
    node, shape = made.make_node("Relu", ["x"], ["y"]), ("batch", "frames", 20)
    tiny.write_onnx("networks/net.onnx", [node], {"x": shape}, {"y": shape})
    axes = {name: ["batch", "frames", "bins"] for name in ("input_axes", "output_axes")}
    mel = {"kind": "mel", "hop": 2205, "bins": 20}
    return examined(Onnx(file="networks/net.onnx", source=mel, **axes))


def test_a_network_from_elsewhere_is_found_where_it_was_or_in_the_folder_of_the_model(samples):
    representation = from_elsewhere()
    save(representation)
    values = wanted(samples, external.function(representation))
    assert np.allclose(answered(samples), values, atol=1e-4)
    shutil.move("networks/net.onnx", FOLDER)
    assert np.allclose(answered(samples), values, atol=1e-4)
    (FOLDER / "net.onnx").unlink()
    with pytest.raises(DeepmirError, match=r"models/deep takes the output of net.onnx as input"):
        answered(samples)


def layers(name, **given):
    found = tiny.parse(
        representations={"deep": {"kind": "network", "model": name, **given}},
        experiments={},
        baselines={},
    )
    return found.representations["deep"]


def test_layers_of_a_network_that_comes_with_deepmir_and_of_random_weights_are_heard(samples):
    for representation, source in (
        (layers("genre", layers=[1]), paths.SHIPPED / "genre"),
        (layers("random"), None),
    ):
        save(representation)
        function = activations.function(representation, source)
        assert np.allclose(answered(samples), wanted(samples, function), atol=1e-4)


def test_layers_of_an_experiment_are_heard_with_the_weights_that_were_learned_on(samples):
    shutil.copytree(paths.SHIPPED / "genre", "models/base")
    representation = layers("genre", layers=[1]).model_copy(
        update={"model": "base", "weights": "d" * 64}  # the hash of an experiment
    )
    weights = read_card(Path("models/base")).weights_sha256
    save(representation, features_hash=f"{representation.digest}-{weights[:16]}")
    assert representation.stamp == f"{representation.digest}-{weights[:16]}"
    assert np.isfinite(answered(samples)).all()
    save(representation, features_hash=f"{representation.digest}-{'0' * 16}")
    with pytest.raises(DeepmirError, match="models/deep was trained on layers of another base"):
        answered(samples)
    shutil.rmtree("models/base")
    with pytest.raises(DeepmirError, match="takes layers of base as input: copy the folder"):
        answered(samples)


def test_a_network_that_hears_another_is_not_shipped():
    save(from_elsewhere())
    shutil.move("models/deep", "models/key-tiny")
    with pytest.raises(
        DeepmirError, match="defaults.key: models/key-tiny takes the output of another"
    ):
        shipping.ship(tiny.parse(defaults={"key": "key-tiny"}))

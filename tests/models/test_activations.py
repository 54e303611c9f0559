"""Layers of a network as a representation, and models trained on them."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

import tiny
from deepmir import paths
from deepmir.declarations import activations as declared
from deepmir.declarations import entries
from deepmir.errors import DeepmirError
from deepmir.evaluation import prediction, scoring
from deepmir.features import compute as features
from deepmir.models import activations, model
from deepmir.models.model import as_input
from deepmir.representations import LocalContrast
from deepmir.training import fitting, loop
from deepmir.workflow import stages

MEL = yaml.safe_load(tiny.DECLARED)["representations"]["mel"]
CQT = yaml.safe_load(tiny.DECLARED)["representations"]["cqt"]
RANDOM = {
    **{"kind": "network", "model": "random", "seed": 3, "source": MEL},
    "network": "c2(3,3x3) - p2(2x4) - c2(5,3x3) - p2(global) - d1(6) - d1",
}
BASE = {
    **{"dataset": "tiny", "task": "key", "representation": "cqt", "training": {"epochs": 1}},
    "network": "c2(4,3x3,bn) - p2(2x2) - d1(8) - d1",
}


def parsed(given, **sections):
    base = {"experiments": {"base": BASE}, "baselines": {}}
    return tiny.parse(representations={"cqt": CQT, "deep": given}, **{**base, **sections})


def of(params):
    found = params.representations["deep"]
    source = declared.source_of(found)
    return found, activations.function(found, source.folder if source else None)


def test_all_layers_with_weights_but_the_last_are_side_by_side(rng):
    found, function = of(parsed(RANDOM))
    assert found.bins == 3 + 5 + 6
    samples = rng.standard_normal(22050).astype(np.float32)
    values = function(samples)
    assert values.shape == (found.frames(len(samples)), 14)
    assert np.array_equal(values, of(parsed(RANDOM))[1](samples))
    assert not np.array_equal(values, of(parsed({**RANDOM, "seed": 4}))[1](samples))
    assert np.array_equal(values, pickle.loads(pickle.dumps(function))(samples))
    first = values[:, :3]
    assert (first >= 0).all()
    # A pool over four frames leaves one for all of them.
    pooled = values[: len(values) // 4 * 4, 3:8].reshape(-1, 4, 5)
    assert np.array_equal(pooled[:, 0], pooled[:, 3])
    assert (values[0, 8:] == values[-1, 8:]).all()  # of the whole recording


def test_activations_are_conditioned(rng):
    samples = rng.standard_normal(22050).astype(np.float32)
    plain, conditioned = (
        of(parsed({**RANDOM, "conditioning": steps}))
        for steps in ([], [{"kind": "local_contrast"}])
    )
    wanted = LocalContrast()(plain[1](samples), "activation", plain[0].frame_rate)
    assert np.array_equal(conditioned[1](samples), wanted)
    assert not np.allclose(wanted, plain[1](samples))


def test_chosen_layers_of_a_network_that_comes_with_deepmir(rng):
    given = {"kind": "network", "model": "genre", "layers": [1, 3]}
    found, function = of(parsed(given))
    card = json.loads((paths.SHIPPED / "genre/card.json").read_text())
    assert (found.weights, found.bins) == (card["weights_sha256"], 12 + 16)
    samples = rng.standard_normal(44100).astype(np.float32)
    network, _, representation = model.load(paths.SHIPPED / "genre")
    x = (as_input(torch.from_numpy(representation(samples))[None]) - network.mean) * network.scale
    with torch.inference_mode():
        wanted = next(iter(network.network.outputs(x)))[0].mean(1).T.numpy()
    assert np.allclose(function(samples)[:, :12], wanted, atol=1e-6)


def test_its_digest_has_the_weights_and_the_layers():
    digests = {
        parsed(given, experiments={"base": {**BASE, "training": {"seed": seed}}})
        .representations["deep"]
        .digest
        for given in (
            {"kind": "network", "model": "base"},
            {"kind": "network", "model": "base", "layers": [1]},
            {"kind": "network", "model": "genre"},
            {"kind": "network", "model": "mood"},
            RANDOM,
        )
        for seed in (1, 2)
    }
    assert len(digests) == 5 + 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"model": "base", "layers": [5]}, "layers: base has 4 layers and no layer 5"),
        ({"model": "bass"}, "no network that comes with deepmir called 'bass' (did you mean"),
        ({"model": "no/where"}, "no/where/card.json is missing"),
        ({"model": "net.onnx"}, "net.onnx has no layers or weights to start"),
        (
            {"model": "random", "network": "d1"},
            "has weights in its last layer only: name another model",
        ),
        ({"model": "random", "network": "c2(4,99x3) - d1"}, "spans 99 bins"),
        ({"model": "on"}, "takes layers of a network: name a model with another input"),
    ],
)
def test_what_there_is_not_is_refused(given, said):
    on = {**BASE, "representation": "deep"}
    with pytest.raises(DeepmirError, match=r"representations\.deep: ") as error:
        parsed({"kind": "network", **given}, experiments={"base": BASE, "on": on})
    assert said in str(error.value)


def test_frames_of_a_layer_cannot_be_made_on_the_fly_or_from_samples(rng):
    on = {**BASE, "representation": "deep", "network": "d1", "precompute": False}
    with pytest.raises(DeepmirError, match="activations of a network are kept in HDF5"):
        parsed(RANDOM, experiments={"base": BASE, "on": on})
    with pytest.raises(DeepmirError, match="which only `deepmir features` computes"):
        parsed(RANDOM).representations["deep"](rng.standard_normal(9000))


METHODS = {
    "logistic": {"dataset": "tiny", "task": "key", "method": "logistic_regression"},
    "svm": {"dataset": "tiny", "task": "key", "method": "linear_svm"},
}


def test_a_shallow_classifier_learns_on_the_layers_of_an_experiment(root):
    baselines = {name: {**row, "representation": "deep"} for name, row in METHODS.items()}
    on = {**BASE, "representation": "deep", "network": "c1(4,3) - p1(global) - d1"}
    params = parsed(
        {"kind": "network", "model": "base"},
        baselines=baselines,
        experiments={"base": BASE, "on": on},
    )
    loop.train(entries.to_train(params, "base"), threads=1, progress=False)
    found, function = of(params)
    for shard in range(2):
        audio = paths.audio("tiny", tiny.RATE, shard)
        features.compute(audio, paths.features("tiny", found, shard), found, 1, function)
    for name in baselines:
        entry = entries.to_train(params, name)
        assert entry.arrays == entry.files.features(found)
        assert entry.before == ("tiny",)
        fitting.fit(entry)
        prediction.predict(entry, threads=1)
        assert 0 <= scoring.evaluate(entry)["metrics"]["weighted"]["mean"] <= 1
    loop.train(entries.to_train(params, "on"), threads=1, progress=False)
    # Weights of another training: features of the old ones are stale.
    card = Path("models/base/card.json")
    card.write_text(card.read_text().replace('"weights_sha256": "', '"weights_sha256": "0'))
    with pytest.raises(DeepmirError, match="was made from declaration"):
        fitting.fit(entries.to_train(params, "svm"))


def test_a_shallow_classifier_reruns_with_its_layers_and_other_code_with_the_stage():
    row = {**METHODS["svm"], "representation": "deep"}
    one, other = (parsed({**RANDOM, "seed": seed}, baselines={"svm": row}) for seed in (1, 2))
    fits = [stages.declared("fit", entries.to_train(each, "svm")) for each in (one, other)]
    assert fits[0] != fits[1]
    layers = stages.closure_of("features", one.representations["deep"])
    assert "models/activations.py" in {str(path)[-21:] for path in layers.files}
    plain = stages.closure_of("features", one.representations["cqt"])
    assert plain == stages.closure_of("features")
    assert "models/activations.py" not in {str(path)[-21:] for path in plain.files}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (METHODS["svm"], "representation: the method linear_svm needs one: name it"),
        (
            {**METHODS["svm"], "method": "krumhansl", "representation": "deep"},
            "the method krumhansl takes audio: leave it out",
        ),
        ({**METHODS["svm"], "representation": "dep"}, "no representation 'dep' (did you mean"),
    ],
)
def test_methods_take_audio_or_a_representation(row, said):
    with pytest.raises(DeepmirError) as error:
        parsed(RANDOM, baselines={"svm": row})
    assert said in str(error.value)

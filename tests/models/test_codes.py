"""Encoder, bottleneck, decoder; and codes as input of other models."""

from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

import tiny
from deepmir import paths
from deepmir.declarations import activations, entries, generated
from deepmir.errors import DeepmirError
from deepmir.evaluation import prediction, scoring
from deepmir.features import compute as features
from deepmir.generators import training
from deepmir.models import codes
from deepmir.models.codes import Autoencoder
from deepmir.models.model import as_input
from deepmir.networks import InputShape
from deepmir.training import fitting
from deepmir.workflow import stages

DECLARED = yaml.safe_load(tiny.DECLARED)
CQT = DECLARED["representations"]["cqt"]
AUTO = {
    **{"kind": "autoencoder", "dataset": "tiny", "representation": "cqt", "code": 3},
    **{"encoder": "c2(2,3x3) - p2(4x4) - d1", "samples": 2},
    "training": {"epochs": 1, "patch_seconds": 2, "patches_per_epoch": 16, "batch_size": 8},
}


def parsed(given=None, row=AUTO, **sections):
    base = {"experiments": {}, "baselines": {}, "generators": {"auto": row}}
    code = {"kind": "code", "model": "auto", "every": 2, **(given or {})}
    return tiny.parse(representations={"cqt": CQT, "code": code}, **{**base, **sections})


@pytest.mark.parametrize("variational", [False, True])
@pytest.mark.parametrize("channels", [1, 2])
def test_patches_become_codes_and_patches_again(channels, variational):
    shape = InputShape(channels, 13, 10.0, frames=9)
    encoder = "c2(4,3x3,bn) - p2(2x2) - d1(8) - d1"
    network = Autoencoder(encoder, "", shape, 5, variational).eval()
    z = torch.randn(3, channels, 13, 9)
    mean, log_variance = network.encode(z)
    assert mean.shape == (3, 5)
    assert (log_variance is None) is not variational
    assert network.decode(mean).shape == z.shape
    assert torch.equal(network(z), network.decode(mean))


def test_a_decoder_may_be_written_out():
    shape = InputShape(1, 8, 10.0, frames=6)
    network = Autoencoder("r2(4) - d1", "d1(12) - s2(1x6) - c1(8,3,identity)", shape, 2).eval()
    assert network(torch.randn(2, 1, 8, 6)).shape == (2, 1, 8, 6)


def test_a_code_is_of_the_patch_around_its_frame():
    z = torch.arange(1.0, 8.0).expand(1, 1, -1)
    assert codes.around(z, 3, 2)[:, 0, 0].tolist() == [[0, 1, 2], [2, 3, 4], [4, 5, 6], [6, 7, 0]]
    assert codes.around(z, 4, 3)[:, 0, 0].tolist() == [[0, 0, 1, 2], [2, 3, 4, 5], [5, 6, 7, 0]]
    assert codes.around(z, 1, 1).shape == (7, 1, 1, 1)


def test_what_a_code_does_not_say_is_that_of_its_generator():
    found = parsed().representations["code"]
    assert (found.bins, found.patch, found.hop, found.network) == (3, 10, 8820, AUTO["encoder"])
    assert found.source.digest == parsed().representations["cqt"].digest
    assert found.frames(44100) == 1 + 44100 // 8820
    assert activations.source_of(found).folder == paths.model("auto")


def test_its_digest_has_what_decides_the_weights_and_no_more():
    def digest(given=None, **changes):
        return parsed(given, {**AUTO, **changes}).representations["code"].digest

    base = digest()
    assert digest(samples=9) == base
    seed = {**AUTO["training"], "seed": 2}
    others = [digest(training=seed), digest(code=4), digest(noise=0.1), digest({"every": 1})]
    assert len({base, *others, digest(variational=0.5)}) == 6


@pytest.mark.parametrize(
    ("given", "row", "said"),
    [
        ({"model": "outo"}, AUTO, "there is no generator 'outo' (did you mean"),
        ({}, {**AUTO, "representation": "code"}, "code is code: name one with bins"),
        ({}, {**AUTO, "encoder": "r2(4) - d1"}, "the mirror of r2(4) is not known here"),
        ({}, {**AUTO, "encoder": "p2(4x99) - d1"}, "encoder: network, column 1: p2(4x99): leaves"),
        ({}, {**AUTO, "decoder": "d1(7)"}, "decoder: it makes 7 from a code"),
        (
            {},
            {**AUTO, "training": {"weight_average": 0.5}},
            "training.weight_average is not supported",
        ),
        (
            {},
            {**AUTO, "training": {"patch_seconds": 0.05}},
            "training.patch_seconds: a patch is shorter",
        ),
    ],
)
def test_what_cannot_be_is_refused(given, row, said):
    with pytest.raises(DeepmirError) as error:
        parsed(given, row)
    assert said in str(error.value)


def test_codes_cannot_be_made_on_the_fly_or_from_samples(rng):
    on = {"dataset": "tiny", "task": "key", "representation": "code", "network": "d1"}
    with pytest.raises(DeepmirError, match="are kept in HDF5: leave precompute out"):
        parsed(experiments={"on": {**on, "precompute": False}})
    with pytest.raises(DeepmirError, match="^kind code is the output of a network"):
        parsed().representations["code"](rng.standard_normal(9000))


def test_a_shallow_classifier_learns_from_codes(root):
    row = {"dataset": "tiny", "task": "key", "method": "logistic_regression"}
    params = parsed(baselines={"on": {**row, "representation": "code"}})
    training.train(generated.resolve(params, "auto"), threads=1, progress=False)
    found = params.representations["code"]
    function = codes.function(found, paths.model("auto"))
    samples = tiny.recording(0)[0]
    values = function(samples)
    assert values.shape == (found.frames(len(samples)), 3)
    for shard in range(2):
        audio = paths.audio("tiny", tiny.RATE, shard)
        features.compute(audio, paths.features("tiny", found, shard), found, 1, function)
    entry = entries.to_train(params, "on")
    assert entry.before == ("tiny",)
    fitting.fit(entry)
    prediction.predict(entry, threads=1)
    assert 0 <= scoring.evaluate(entry)["metrics"]["weighted"]["mean"] <= 1
    # Weights of another training: features of the old ones are stale.
    card = Path("models/auto/card.json")
    card.write_text(card.read_text().replace('"weights_sha256": "', '"weights_sha256": "0'))
    with pytest.raises(DeepmirError, match="was made from declaration"):
        fitting.fit(entry)


def test_the_code_of_the_middle_patch_is_that_of_the_encoder(root):
    params = parsed({"every": 1})
    entry = generated.resolve(params, "auto")
    training.train(entry, threads=1, progress=False)
    found = params.representations["code"]
    values = codes.function(found, paths.model("auto"))(tiny.recording(1)[0])
    x = as_input(torch.from_numpy(found.source(tiny.recording(1)[0]))[None])
    from deepmir.generators.autoencoder.coded import load

    network = load(entry)
    code = network.encode(network.standardised(x[..., 15:25]))[0]
    assert np.allclose(code[0].detach(), values[20], atol=1e-5)


def test_the_model_has_to_be_the_declared_one(root):
    training.train(generated.resolve(parsed(), "auto"), threads=1, progress=False)
    other = parsed(row={**AUTO, "code": 4}).representations["code"]
    with pytest.raises(DeepmirError, match="is not the encoder that params.yaml declares"):
        codes.function(other, paths.model("auto"))


def test_its_code_is_part_of_the_jobs_that_compute_it():
    of_codes = stages.closure_of("features", parsed().representations["code"])
    assert any("models/codes.py" in str(path) for path in of_codes.files)

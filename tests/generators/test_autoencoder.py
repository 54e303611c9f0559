"""Autoencoders: their training, their losses, and search with their codes."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from torch.distributions import Normal, kl_divergence

import tiny
from deepmir import cli, generators, paths
from deepmir.declarations import generated
from deepmir.errors import DeepmirError
from deepmir.generators import generating, judging, training
from deepmir.generators.autoencoder import similarity
from deepmir.generators.autoencoder.coded import halves
from deepmir.generators.autoencoder.module import AutoencoderModule, divergence
from deepmir.generators.autoencoder.principal import Moments, linear
from deepmir.generators.autoencoder.verdict import principal_plane
from deepmir.models.codes import Autoencoder
from deepmir.models.model import read_weights
from deepmir.networks import InputShape

SHAPE = InputShape(1, 5, 10.0, frames=4)
ROW = {
    **{"kind": "autoencoder", "dataset": "tiny", "representation": "mel", "code": 4},
    **{"encoder": "c2(3,3x3,bn) - p2(2x2) - d1(12) - d1", "samples": 3},
    "training": {
        **{"epochs": 3, "patch_seconds": 0.5, "patches_per_epoch": 64, "batch_size": 16},
        "learning_rate": 0.003,
    },
}
PCA = {key: value for key, value in ROW.items() if key != "encoder"} | {"kind": "pca"}


def resolved(row, **changes):
    return generated.resolve(tiny.load(generators={"auto": {**row, **changes}}), "auto")


def vectors(count=200, rank=3):
    """Vectors of 20 numbers with most of their variance in a few directions."""
    rng = np.random.default_rng(0)
    strong = rng.standard_normal((count, rank)) * (3, 2, 1.5) @ rng.standard_normal((rank, 20))
    return torch.from_numpy(strong + 0.5 * rng.standard_normal((count, 20)) + 1).float()


def lost(x, rank):
    """The squared error of the first principal components, from the remaining singular values."""
    values = torch.linalg.svdvals(x - x.mean(0))
    return float(values[rank:].square().sum() / x.numel())


def fitted(x, rank):
    moments = Moments(x.shape[1])
    for some in x.split(64):
        moments.add(some)
    network = Autoencoder("d1", "", SHAPE, rank).eval()
    linear(network, *moments.components(rank))
    return network


@pytest.mark.parametrize("rank", [1, 3, 12, 20])
def test_principal_components_are_those_of_a_singular_value_decomposition(rank):
    x = vectors()
    z = x.reshape(-1, 1, 5, 4)
    network = fitted(x, rank)
    assert float((network(z) - z).square().mean()) == pytest.approx(lost(x, rank), abs=1e-5)
    codes = network.encode(z)[0].double()
    assert codes.mean(0).abs().max() < 1e-4
    spread = codes.T @ codes / len(codes)
    assert (spread - spread.diag().diag()).abs().max() < 1e-3 * spread.max()  # uncorrelated


def test_features_that_never_change_have_components_all_the_same():
    moments = Moments(20)
    moments.add(torch.zeros(64, 20))
    mean, directions = moments.components(2)
    assert np.allclose(mean, 0)
    assert directions @ directions.T == pytest.approx(np.eye(2))


def test_a_linear_autoencoder_reaches_the_error_of_the_principal_components():
    x = vectors()
    z, wanted = x.reshape(-1, 1, 5, 4), lost(x, 3)
    torch.manual_seed(0)
    network = Autoencoder("d1", "", SHAPE, 3)
    optimiser = torch.optim.Adam(network.parameters(), 0.02)
    for _ in range(600):
        optimiser.zero_grad()
        loss = (network(z) - z).square().mean()
        loss.backward()
        optimiser.step()
    assert wanted <= float(loss) < 1.02 * wanted
    # And the same plane: what it gives back of a vector is what they do.
    close = (network(z) - fitted(x, 3)(z)).square().mean() / z.var()
    assert float(close) < 0.01


def test_the_divergence_is_that_of_the_closed_form():
    mean, log_variance = torch.randn(6, 3), torch.randn(6, 3)
    whole = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0)).sum(1)
    assert torch.allclose(divergence(mean, log_variance), whole, atol=1e-5)
    assert divergence(torch.zeros(1, 3), torch.zeros(1, 3)).item() == 0


def test_noise_is_added_in_training_alone(root):
    module = AutoencoderModule(resolved(ROW, noise=0.5))
    z = torch.zeros(400, 1, 20, 25)
    assert module.train().corrupted(z).std() == pytest.approx(0.5, rel=0.02)
    assert module.eval().corrupted(z) is z
    plain = AutoencoderModule(resolved(ROW))
    assert plain.train().corrupted(z) is z


def test_what_a_distribution_of_codes_costs(root):
    module = AutoencoderModule(resolved(ROW, variational=0.5))
    x = next(iter(module.train_dataloader()))
    mean, log_variance = module.network.encode(module.network.standardised(x))
    wanted = 2 * 0.5 * divergence(mean, log_variance).mean() / (20 * 25)
    assert torch.allclose(module.prior(mean, log_variance), wanted)
    torch.manual_seed(9)
    assert torch.equal(module.training_step(x, 0), module.training_step(x, 0))  # by seed and step


@pytest.mark.parametrize("changes", [{}, {"noise": 0.3}, {"variational": 0.1}, PCA])
def test_a_resumed_training_gives_the_same_bits(root, changes):

    row = changes if "kind" in changes else {**ROW, **changes}

    def trained(*callbacks):
        entry = resolved(row)
        training.train(entry, threads=1, progress=False, callbacks=callbacks)
        return (entry.folder / "model.safetensors").read_bytes()

    whole = trained()
    (paths.model("auto") / "model.safetensors").unlink()
    with pytest.raises(tiny.Killed):
        trained(tiny.killed_in(2))
    assert trained() == whole


def test_training_lowers_the_error_of_validation(root):
    entry = resolved(ROW, training={**ROW["training"], "epochs": 12, "learning_rate": 0.01})
    training.train(entry, threads=1, progress=False)
    rows = (entry.folder / "history.csv").read_text().splitlines()
    column = rows[0].split(",").index("validation/loss")
    losses = [float(row.split(",")[column]) for row in rows[1:]]
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize("row", [ROW, {**ROW, "variational": 0.2}, PCA])
def test_trained_it_gives_back_and_is_judged(root, row):
    entry = resolved(row)
    training.train(entry, threads=1, progress=False)
    folder = paths.generated("auto").parent
    count = 2 if "variational" in row else 1  # the second is drawn from the prior
    made = generating.generate(entry, folder, count, seed=0)
    assert len(made) == count
    assert all((folder / file).stat().st_size for sample in made for file in sample.files)
    assert ("02-prior" in [sample.name for sample in made]) is ("variational" in row)
    assert any(file.endswith("from-the-code.wav") for file in made[0].files)
    raw = judging.read(entry) if judging.judge(entry) else {}
    whole = {**yaml.safe_load(Path("params.yaml").read_text()), "generators": {"auto": row}}
    Path("params.yaml").write_text(yaml.safe_dump(whole))
    assert cli.main(["generate", "auto", "--count", "1"]) == 0
    assert len(generating.read(Path("auto-generated"))) == 1
    metrics, beside = raw["metrics"], raw["baselines"]
    assert 0 < metrics["unexplained"]["mean"] < 2
    assert metrics["unexplained"]["n"] == 4
    assert ("pca" in beside) is (row is not PCA)
    assert beside["chance"]["same_recording_at_1"]["mean"] == 1 / 4
    assert metrics["same_recording_at_5"]["mean"] == 1
    assert "too few for a search" in " ".join(raw["notes"])
    here = Path(paths.judgement("auto")).parent
    places = [figure["file"] for figure in raw["figures"]]
    places += [point["file"] for point in raw["maps"][0]["points"]]
    places += [sound["file"] for group in raw["sounds"] for sound in group["sounds"]]
    assert all((here / place).is_file() for place in places)
    if row is PCA:
        weights = read_weights(entry.folder)["encoder.network.layers.parts.1.linear.weight"]
        assert torch.allclose(weights @ weights.T, torch.eye(4), atol=1e-5)
        assert metrics["unexplained"]["mean"] < beside["random_projection"]["unexplained"]["mean"]
        assert raw["differences"]["random_projection"]["high"] < 0


def test_a_broken_model_is_named(root):
    entry = resolved(ROW)
    training.train(entry, threads=1, progress=False)
    with pytest.raises(DeepmirError, match="is not what params.yaml declares"):
        generators.get("autoencoder").generate(resolved(ROW, code=5), Path(), 1, 0)


LABELS = ["a", "a", "b", "b", "b", None]


def test_neighbours_are_the_nearest_by_angle():
    angles = np.deg2rad([0, 10, 90, 100, 200, 215])
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points -= points.mean(0)  # which the standardisation would do
    points /= points.std(0)
    likeness = similarity.likeness(points)
    assert likeness.argmax(1).tolist()[:4] == [1, 0, 3, 2]
    assert np.isneginf(likeness.diagonal()).all()


def test_a_recording_finds_its_other_half():
    rng = np.random.default_rng(0)
    own = rng.standard_normal((9, 1, 6))
    assert (similarity.within(own + 0.1 * rng.standard_normal((9, 2, 6)), 1) == 1).all()
    swapped = np.concatenate([own, own[::-1]], axis=1)
    assert (similarity.within(swapped, 1) == 1).sum() == 1  # the one in the middle


@pytest.mark.parametrize("places", [1, 5])
def test_a_code_that_says_the_same_of_everything_finds_what_chance_finds(places):
    collapsed = np.full((9, 2, 4), 0.1)
    assert similarity.within(collapsed, places) == pytest.approx(np.full(9, places / 9))
    same = similarity.related(["a", "b", "c"] * 3)
    found = similarity.precision(similarity.likeness(collapsed[:, 0]), same, places)
    assert found == pytest.approx(similarity.chance(same, places))


@pytest.mark.parametrize("length", [1, 2, 5])
def test_halves_are_means(length):
    values = np.arange(1.0, 1 + length)[:, None]
    wanted = {1: [1, 1], 2: [1, 2], 5: [1.5, 4]}[length]
    assert halves(values)[:, 0].tolist() == wanted


def test_precision_counts_what_could_be_found():
    same = similarity.related(LABELS)
    assert same.sum(1).tolist() == [1, 1, 2, 2, 2, 0]
    rows = ["12345", "20345", "30415", "01245", "50123", "01234"]
    likeness = ordered([[int(place) for place in row] for row in rows])
    assert similarity.precision(likeness, same, 1).tolist() == [1, 0, 1, 0, 0]
    assert similarity.precision(likeness, same, 2).tolist() == [1, 1, 0.5, 0, 0]
    assert similarity.precision(likeness, same, 10).tolist() == [1] * 5


def ordered(order):
    """A likeness that orders the other tracks for each."""
    likeness = np.full((6, 6), -np.inf)
    for track, others in enumerate(order):
        likeness[track, others] = -np.arange(len(others))
    return likeness


@pytest.mark.parametrize("places", [1, 2, 3, 10])
def test_chance_is_the_mean_over_all_orders(places):
    same = similarity.related(LABELS)
    every = [
        ordered([[other for other in order if other != track] for track in range(6)])
        for order in permutations(range(6))
    ]
    mean = np.mean([similarity.precision(one, same, places) for one in every], axis=0)
    assert similarity.chance(same, places) == pytest.approx(mean)


def test_the_plane_keeps_distances_where_codes_lie_in_one():
    rng = np.random.default_rng(1)
    flat = rng.standard_normal((9, 2)) @ np.linalg.qr(rng.standard_normal((5, 2)))[0].T
    plane = principal_plane(flat)
    for points in (flat, plane):
        points -= points.mean(0)
    assert np.allclose(flat @ flat.T, plane @ plane.T)
    assert (principal_plane(flat[:, :1])[:, 1] == 0).all()

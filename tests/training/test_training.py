"""Training, prediction and evaluation on a tiny generated data set."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

import tiny
from deepmir import paths, tasks
from deepmir.declarations import entries, loading
from deepmir.errors import DeepmirError
from deepmir.evaluation import prediction, scoring
from deepmir.files import annotations
from deepmir.files.store import Store
from deepmir.models import model
from deepmir.training import fitting, loop, module, taught, trainer


def train(name, declared=None, callbacks=()):
    entry = entries.resolve(declared or tiny.load(), name)
    folder = loop.train(entry, threads=1, progress=False, callbacks=callbacks)
    return (folder / "model.safetensors").read_bytes()


@pytest.mark.parametrize("name", ["key-tiny", "beat-tiny"])
def test_the_same_seed_gives_the_same_weights(root, name):
    first = train(name)
    assert train(name) == first


def test_another_seed_gives_other_weights(root):
    other = tiny.load(training={"epochs": 3, "seed": 2, "patch_seconds": 4, "device": "cpu"})
    assert train("key-tiny") != train("key-tiny", other)


def test_another_seed_begins_elsewhere_and_sees_other_music(root):
    """For each seed of an experiment: the initial weights, and the first training patches."""
    raw = yaml.safe_load(Path("params.yaml").read_text())
    raw["experiments"]["beat-tiny"]["seeds"] = 3
    declared = tiny.load(experiments=raw["experiments"])

    def start(name):
        ready = tiny.ready(declared, name)
        weights = torch.cat([p.detach().flatten() for p in ready.model.parameters()])
        return weights, torch.cat([batch.x.flatten() for batch in ready.train_dataloader()])

    names = ["beat-tiny", "beat-tiny-seed-2", "beat-tiny-seed-3"]
    starts = [start(name) for name in names]
    assert all(map(torch.equal, starts[0], start(names[0])))
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert not any(map(torch.equal, starts[i], starts[j]))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("adam", torch.optim.Adam), ("momentum", torch.optim.SGD), ("sgd", torch.optim.SGD)],
)
def test_each_optimizer_learns_and_plain_descent_stays_plain(root, name, kind):
    row = {"epochs": 3, "patch_seconds": 4, "device": "cpu", "optimizer": name}
    optimizer = tiny.ready(tiny.load(training=row), "key-tiny").configure_optimizers()["optimizer"]
    assert type(optimizer) is kind
    given = optimizer.param_groups[0]
    momentum = given["momentum"] if kind is torch.optim.SGD else given["betas"][0]
    assert momentum == 0 if name == "sgd" else 0.85 <= momentum <= 0.95  # cycled
    weights = train("key-tiny", tiny.load(training=row))
    assert weights != train("key-tiny", tiny.load(training=row | {"optimizer": "adamw"}))


@pytest.mark.parametrize("name", ["key-tiny", "beat-tiny", "key-ensemble"])
def test_a_killed_training_goes_on_and_ends_as_if_it_had_not_been(root, name):
    """With dropout (key-tiny) and without, with averaged weights (key-ensemble) and without."""
    whole = train(name)
    history = Path(f"models/{name}/history.csv").read_text()
    shutil.rmtree("models")

    with pytest.raises(tiny.Killed):
        train(name, callbacks=[tiny.killed_in(1)])
    assert not Path(f"models/{name}").exists()
    assert list(Path(".checkpoints").glob(f"{name}-*/last.ckpt"))

    assert train(name) == whole
    assert Path(f"models/{name}/history.csv").read_text() == history
    assert not [p for p in Path(".checkpoints").iterdir() if p.is_dir()]


def test_the_networks_of_an_ensemble_learn_each_by_itself(root):
    declared = tiny.load()
    prepared = tiny.ready(declared, "key-ensemble")
    batch = next(iter(prepared.train_dataloader()))
    gradients = []
    for level in (1.0, 0.0):
        prepared.log = lambda *args, **kwargs: None
        prepared.zero_grad()
        heard = batch.x * torch.tensor([1.0, level])
        prepared.training_step(batch._replace(x=heard), 0).backward()
        first, second = ([p.grad.clone() for p in n.parameters()] for n in prepared.model.network)
        gradients.append((first, second))
    (first, second), (same, other) = gradients
    assert all(torch.equal(a, b) for a, b in zip(first, same, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(second, other, strict=True))


@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_averaged_weights_begin_as_the_mean_and_then_forget(kept):
    average = module.averaging(kept)
    weights = np.random.default_rng(1).normal(size=30)
    averaged = torch.tensor(weights[0])
    for steps, weight in enumerate(weights[1:], 1):
        averaged = average(averaged, torch.tensor(weight), torch.tensor(steps))
        if steps + 1 <= 1 / (1 - kept):
            assert averaged == pytest.approx(weights[: steps + 1].mean())
    late = kept ** np.arange(10) * (1 - kept)
    rest = averaged - (late * weights[:-11:-1]).sum()
    assert abs(rest) <= kept**10 * abs(weights).max()


def test_averaged_weights_are_what_is_validated_and_kept(root):
    declared = tiny.load()
    made = tiny.ready(declared, "key-ensemble")
    made.log = lambda *args, **kwargs: None
    (whole,) = made.val_dataloader()
    before = made.predict(whole).logits
    optimizer = made.configure_optimizers()["optimizer"]
    seen = []
    for index, batch in enumerate(made.train_dataloader()):
        optimizer.zero_grad()
        made.training_step(batch, index).backward()
        optimizer.step()
        made.on_train_batch_end(None, batch, index)
        seen.append([p.detach().clone() for p in made.model.parameters()])
    # A half of itself is kept at each step: so is the mean of the first two.
    expected = seen[0]
    for now in seen[1:]:
        expected = [(a + b) / 2 for a, b in zip(expected, now, strict=True)]
    for found, wanted in zip(made.best_model.parameters(), expected, strict=True):
        torch.testing.assert_close(found, wanted)
    assert made.best_model is not made.model
    made.eval()
    said = made.predict(whole).logits
    made.model.load_state_dict(made.best_model.state_dict())
    made.average = None
    torch.testing.assert_close(made.predict(whole).logits, said)
    assert not torch.equal(said, before)


def test_a_checkpoint_cut_short_is_started_over(root, monkeypatch):
    whole = train("key-tiny")
    declared = tiny.load()
    entry = entries.resolve(declared, "key-tiny")
    run = taught.fingerprint(entry, taught.of(entry), code="")
    folder = Path(f".checkpoints/key-tiny-{run}")
    folder.mkdir(parents=True)
    (folder / "last.ckpt").write_bytes(b"PK\x03\x04 cut short")
    assert train("key-tiny") == whole


def test_the_kept_checkpoint_is_the_best_one(root):
    declared = tiny.load(
        training={"epochs": 6, "patch_seconds": 4, "learning_rate": 0.3, "device": "cpu"}
    )
    train("key-tiny", declared)
    with Path("models/key-tiny/history.csv").open() as file:
        losses = [float(row["validation/loss"]) for row in csv.DictReader(file)]
    card = json.loads(Path("models/key-tiny/card.json").read_text())
    assert card["training"]["best"]["validation/loss"] == min(losses)
    assert losses.index(min(losses)) + 1 == card["training"]["best"]["epoch"]


def test_the_task_says_that_more_of_its_metric_is_better(root):
    train("key-tiny", watching("key-tiny", "validation/weighted", seed=5))
    with Path("models/key-tiny/history.csv").open() as file:
        scores = [float(row["validation/weighted"]) for row in csv.DictReader(file)]
    best = json.loads(Path("models/key-tiny/card.json").read_text())["training"]["best"]
    assert best["validation/weighted"] == max(scores)
    assert min(scores) < max(scores)
    assert best["epoch"] == scores.index(max(scores)) + 1


def watching(name, monitor, **training):
    rows = yaml.safe_load(Path("params.yaml").read_text())["experiments"]
    return tiny.load(
        experiments={name: {**rows[name], "training": {"monitor": monitor, **training}}}
    )


@pytest.mark.parametrize(
    ("task", "monitor", "mode"),
    [
        ("key", "train/loss", "min"),
        ("key", "validation/loss", "min"),
        ("key", "validation/weighted", "max"),
        ("key", "validation/other", "min"),
        ("melody", "validation/voicing_false_alarm", "min"),
        ("tagging", "validation/roc_auc", "max"),
        ("mood", "validation/rmse_arousal", "min"),
    ],
)
def test_whether_less_or_more_is_better_follows_from_the_task(task, monitor, mode):
    assert trainer.mode_of(tasks.get(task), monitor) == mode


def test_the_loss_of_training_can_be_watched(root):
    train("beat-tiny", watching("beat-tiny", "train/loss"))
    best = json.loads(Path("models/beat-tiny/card.json").read_text())["training"]["best"]
    with Path("models/beat-tiny/history.csv").open() as file:
        assert best["train/loss"] == min(float(row["train/loss"]) for row in csv.DictReader(file))


def test_what_the_validation_part_cannot_have_is_named(root, monkeypatch):
    monkeypatch.setattr(type(tasks.get("beat")), "metrics", lambda *both: {"f_measure": 1.0})
    with pytest.raises(DeepmirError, match=r"monitor: the validation part has no validation/cmlt"):
        train("beat-tiny", watching("beat-tiny", "validation/cmlt"))


def test_features_of_other_recordings_than_the_index_are_refused(root):
    declared = tiny.load()
    train("beat-tiny")
    files = tiny.files_of(declared, "tiny")
    index = json.loads(files.indices[0].read_text())
    index["tracks"][0]["sha256"] = "0" * 64
    files.indices[0].write_text(json.dumps(index))
    with pytest.raises(DeepmirError, match="was made from another recording of .* than the index"):
        files.open_features(declared.representation("mel"))


def test_a_task_that_shares_the_network_needs_annotations(root):
    raw = yaml.safe_load(Path("params.yaml").read_text())
    raw["experiments"]["key-tiny"]["auxiliary"] = {"genre": 0.1}
    with pytest.raises(DeepmirError, match="auxiliary.genre: no train track has annotations for"):
        tiny.ready(loading.parse(raw), "key-tiny")


def test_standardisation_is_measured_on_the_training_part_alone(root):
    declared = tiny.load()
    train("beat-tiny")
    network, _, representation = model.load(Path("models/beat-tiny"))
    features = tiny.files_of(declared, "tiny").open_features(representation)
    tracks = tiny.corpus_of(declared, "tiny").divided.train
    values = np.concatenate([features[t.id].astype(np.float64) for t in tracks])
    np.testing.assert_allclose(network.mean[0, :, 0], values.mean(axis=0), atol=1e-4)
    np.testing.assert_allclose(1 / network.scale[0, :, 0], values.std(axis=0), rtol=1e-3)


def test_without_standardisation_the_input_stays_as_it_is(root):
    row = {"epochs": 1, "patch_seconds": 4, "device": "cpu", "standardise": False}
    train("beat-tiny", tiny.load(training=row))
    network, _, _ = model.load(Path("models/beat-tiny"))
    assert not network.mean.any()
    assert (network.scale == 1).all()


def test_on_the_fly_differs_from_precomputed_by_rounding_alone(root):
    """The same patches, drawn from the same seed, through the front end and through HDF5."""
    declared = tiny.load()
    modules = [tiny.ready(declared, name) for name in ("key-tiny", "key-fly")]
    for loader in ("train_dataloader", "val_dataloader"):
        precomputed, computed = (list(getattr(m, loader)()) for m in modules)
        assert len(precomputed) == len(computed) > 0
        for ours, other in zip(precomputed, computed, strict=True):
            assert torch.equal(ours.target, other.target)
            assert torch.equal(ours.lengths, other.lengths)
            x, y = modules[0].features(ours), modules[1].features(other)
            for row, length in enumerate(ours.lengths):
                # float16 has eleven bits, a relative error of 2e-4.
                ours_row, other_row = x[row, ..., :length], y[row, ..., :length]
                assert (ours_row - other_row).norm() < 1e-3 * ours_row.norm()


def test_a_network_trained_on_the_fly_predicts_as_its_twin_does(root):
    declared = tiny.load()
    for name in ("key-tiny", "key-fly"):
        train(name)
        prediction.predict(entries.resolve(declared, name), threads=1)
    ours, other = (model.read_weights(paths.model(n)) for n in ("key-tiny", "key-fly"))
    assert set(ours) == set(other)
    for name, tensor in ours.items():
        torch.testing.assert_close(tensor, other[name], rtol=0.05, atol=0.02)
    for track in ("piece 2", "piece 5"):
        found = [annotations.read(paths.prediction(n, track)) for n in ("key-tiny", "key-fly")]
        confidences = [jams.annotations[0].observations[0].confidence for jams in found]
        assert confidences[0] == pytest.approx(confidences[1], abs=0.02)


def test_a_network_on_raw_audio_reads_audio(root):
    shutil.rmtree("data/features")
    raw = {
        "dataset": "tiny",
        "task": "key",
        "representation": "audio",
        "network": "c1(8,3) - p1(4) - r2(8) - d1",
    }
    declared = tiny.load(experiments={"key-raw": raw})
    train("key-raw", declared)
    prediction.predict(entries.resolve(declared, "key-raw"), threads=1)
    assert len(list(Path("data/predictions/key-raw/jams").iterdir())) == 4


def test_what_needs_the_whole_recording_is_refused_on_the_fly():
    experiments = {
        "beat": {
            "dataset": "tiny",
            "task": "beat",
            "representation": "mel",
            "network": "r1(8) - d1",
            "precompute": False,
        }
    }
    mel = {"kind": "mel", "conditioning": [{"kind": "decibel"}]}
    with pytest.raises(DeepmirError, match=r"beat: precompute: .* declare range: null"):
        tiny.parse(representations={"mel": mel}, experiments=experiments, baselines={})


def test_features_that_float16_cannot_hold_are_stored_as_declared(root):
    stft = {"kind": "stft", "value": "power", "window": 16384}
    experiments = {}
    declared = tiny.load(representations={"stft": stft}, experiments=experiments)
    tiny.prepare(declared)
    found = tiny.files_of(declared, "tiny").features(declared.representations["stft"])
    failures = Store(found, declared.representations["stft"].digest).failures
    assert "storage: float32" in next(iter(failures.values()))
    declared = tiny.load(
        representations={"stft": {**stft, "storage": "float32"}}, experiments=experiments
    )
    tiny.prepare(declared)
    features = tiny.files_of(declared, "tiny").open_features(declared.representations["stft"])
    assert len(features.tracks) == 12
    assert features["piece 0"].dtype == np.float32
    assert features["piece 0"].max() > 65504


def test_the_line_goes_from_training_to_scores(root):
    declared = tiny.load()
    for name in declared.experiments:
        train(name)
    fitting.fit(entries.resolve(declared, "key-logistic"))
    for name in [*declared.experiments, *declared.baselines]:
        prediction.predict(entries.resolve(declared, name), threads=1)
        scores = scoring.evaluate(entries.resolve(declared, name))
        assert scores["tracks"] == 4
        summary = scores["metrics"][scores["primary"]]
        values = [track[scores["primary"]] for track in scores["per_track"].values()]
        assert summary["mean"] == pytest.approx(np.mean(values))
        assert summary["low"] <= summary["mean"] <= summary["high"]
        estimate = annotations.read(paths.prediction(name, "piece 2"))
        assert estimate.duration == tiny.SECONDS
        assert len(estimate.annotations) == 1


def test_predictions_of_other_data_are_not_scored(root):
    declared = tiny.load()
    prediction.predict(entries.resolve(declared, "beat-librosa"), threads=1)
    split = Path("data/splits/tiny.csv")
    split.write_text(split.read_text().replace("piece 2,test", "piece 2,train"))
    with pytest.raises(DeepmirError, match="split_hash differs"):
        scoring.evaluate(entries.resolve(declared, "beat-librosa"))


def lenient(share):
    """The declarations, with a share of tracks allowed to fail."""
    datasets = yaml.safe_load(Path("params.yaml").read_text())["datasets"]
    return tiny.load(datasets={"tiny": {**datasets["tiny"], "max_failures": share}})


def test_a_track_without_prediction_scores_zero_and_is_named(root):
    """The bad recording is in the test part; everything else continues."""
    recording = Path("recordings/piece 2.wav")
    recording.write_bytes(recording.read_bytes()[:1000])
    declared = lenient(0.25)
    tiny.prepare(declared)
    prediction.predict(entries.resolve(declared, "beat-librosa"), threads=1)
    scores = scoring.evaluate(entries.resolve(declared, "beat-librosa"))
    assert scores["tracks"] == 4
    assert scores["per_track"]["piece 2"]["f_measure"] == 0
    assert [failure["track"] for failure in scores["failures"]] == ["piece 2"]
    assert "truncated" in scores["failures"][0]["reason"]


def test_too_many_test_tracks_without_prediction_stop_the_run(root):
    """One of twelve is allowed, but it is one of four test tracks."""
    recording = Path("recordings/piece 2.wav")
    recording.write_bytes(recording.read_bytes()[:1000])
    tiny.prepare(lenient(0.25))
    prediction.predict(entries.resolve(lenient(0.25), "beat-librosa"), threads=1)
    said = r"beat-librosa: 1 of 4 test tracks \(25%\).*allows \(24%\); .*piece 2: .*truncated"
    with pytest.raises(DeepmirError, match=said):
        prediction.predict(entries.resolve(lenient(0.24), "beat-librosa"), threads=1)
    # What is left is not taken for the predictions of this run.
    with pytest.raises(DeepmirError, match="is missing: predict again"):
        scoring.evaluate(entries.resolve(lenient(0.24), "beat-librosa"))


def test_a_bug_in_a_decoder_stops_the_run_and_leaves_its_traceback(root, monkeypatch, capfd):
    class Broken:
        @staticmethod
        def annotator(folder, task, sample_rate):
            return lambda samples: [][len(samples)]

    monkeypatch.setattr(prediction.baselines, "get", lambda name: Broken)
    with pytest.raises(DeepmirError, match=r"4 of 4 .*IndexError.*logs/predict/beat-librosa\.log"):
        prediction.predict(entries.resolve(tiny.load(), "beat-librosa"), threads=1)
    errors = capfd.readouterr().err
    assert errors.count("Traceback") == 1
    assert errors.count(": IndexError: list index out of range\n") == 4
    assert "return lambda samples: [][len(samples)]" in errors


def test_too_many_bad_recordings_stop_the_run(root):
    for index in (0, 1, 2):
        Path(f"recordings/piece {index}.wav").write_bytes(b"")
    declared = tiny.load()
    tiny.prepare(declared)
    with pytest.raises(DeepmirError, match=r"3 of 12 tracks .*max_failures allows \(20%\).*empty"):
        train("key-tiny")


def test_stale_features_are_refused(root):
    raw = Path("params.yaml").read_text()
    declared = tiny.load()
    path = next(Path("data/features/tiny").glob("mel-*/0000.h5"))
    Path("params.yaml").write_text(raw.replace("bins: 20", "bins: 24"))
    changed = tiny.load()
    new = changed.representations["mel"]
    target = path.parent.parent / f"mel-{new.digest}"
    shutil.copytree(path.parent, target)
    assert declared.representations["mel"].digest != new.digest
    with pytest.raises(DeepmirError, match=r"0000.h5 was made from declaration .* --force "):
        train("beat-tiny", changed)


def test_weights_that_are_not_whole_are_refused(root):
    train("key-tiny")
    path = Path("models/key-tiny/model.safetensors")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DeepmirError, match=r"the card: .* --force models/key-tiny"):
        prediction.predict(entries.resolve(tiny.load(), "key-tiny"), threads=1)


def test_a_pickle_is_not_unpickled(root):
    train("key-tiny")
    torch.save({"weights": torch.zeros(3)}, "models/key-tiny/model.safetensors")
    with pytest.raises(DeepmirError, match=r"the card: .* --force models/key-tiny"):
        prediction.predict(entries.resolve(tiny.load(), "key-tiny"), threads=1)


def test_weights_of_another_training_are_refused(root):
    train("key-tiny")
    train("key-fly")
    shutil.copy("models/key-fly/model.safetensors", "models/key-tiny/model.safetensors")
    with pytest.raises(DeepmirError, match="do not match the card"):
        prediction.predict(entries.resolve(tiny.load(), "key-tiny"), threads=1)


def test_a_card_of_the_future_is_refused(root):
    train("key-tiny")
    path = Path("models/key-tiny/card.json")
    path.write_text(path.read_text().replace('"card_version": 2', '"card_version": 3'))
    with pytest.raises(DeepmirError, match="newer deepmir"):
        model.load(Path("models/key-tiny"))


def test_health_is_taken_down_layer_by_layer_and_survives_a_kill(root, monkeypatch):
    options = {"epochs": 3, "batch_size": 4, "patch_seconds": 4, "device": "cpu", "health": True}
    declared = tiny.load(training=options)
    weights = train("key-tiny", declared)
    table = Path("models/key-tiny/health.csv").read_text()
    rows = list(csv.DictReader(table.splitlines()))
    layers = [(row["epoch"], row["layer"], row["name"]) for row in rows]
    assert layers[:3] == [
        ("1", "1", "c2(4,3x3)"),
        ("1", "4", "d1(16,drop=0.2)"),
        ("1", "5", "d1(24,identity)"),
    ]
    assert len(rows) == 9
    for row in rows:
        assert float(row["gradient_norm"]) > 0
        assert 0 < float(row["update"]) < 2
        assert 0 <= float(row["silent"]) <= 1
    assert float(rows[0]["silent"]) > 0.1  # what a rectifier keeps back
    assert float(rows[2]["silent"]) == 0

    with pytest.raises(tiny.Killed):
        train("key-tiny", declared, [tiny.killed_in(1)])
    assert train("key-tiny", declared) == weights
    assert Path("models/key-tiny/health.csv").read_text() == table

    train("key-tiny")
    assert not Path("models/key-tiny/health.csv").exists()


@pytest.mark.parametrize("name", ["key-tiny", "key-fly"])
def test_workers_change_nothing(root, name):
    options = {"epochs": 2, "batch_size": 4, "patch_seconds": 4, "device": "cpu"}
    alone = train(name, tiny.load(training=options))
    assert train(name, tiny.load(training={**options, "workers": 2})) == alone


def test_watching_changes_nothing(root):
    options = {"epochs": 3, "batch_size": 4, "patch_seconds": 4, "learning_rate": 0.01}
    plain = train("beat-tiny", tiny.load(training={**options, "device": "cpu"}))
    watched = tiny.load(training={**options, "device": "cpu", "health": True})
    assert train("beat-tiny", watched) == plain


def test_a_loss_that_is_not_finite_names_its_experiment(root, monkeypatch):
    nothing = torch.tensor(float("nan"), requires_grad=True)
    monkeypatch.setattr(module.losses, "loss", lambda *_, **__: nothing)
    with pytest.raises(DeepmirError, match=r"^key-tiny: the loss is not finite: lower"):
        train("key-tiny")

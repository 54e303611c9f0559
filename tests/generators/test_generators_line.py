"""The pipeline of a generator of any kind: trained, resumed, generating, judged."""

from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
import torch
import yaml
from torch import nn
from torch.utils.data import DataLoader

import tiny
from deepmir import generators, paths
from deepmir.declarations import generated
from deepmir.errors import DeepmirError
from deepmir.evaluation import verification
from deepmir.generators import generating, judging, training
from deepmir.generators.base import GeneratorModule, Method, Sample
from deepmir.generators.judgement import Judgement, estimate
from deepmir.models.model import read_weights
from deepmir.report import generated as generated_report
from deepmir.tasks.base import Metric
from deepmir.tracking import runs, store
from deepmir.tracking.recorder import Recorder

ROW = {"kind": "pca", "dataset": "tiny", "representation": "mel"}


class Straight(GeneratorModule):
    """One number that learns the mean of all features."""

    def __init__(self, entry):
        super().__init__()
        self.options = entry.generator.training
        self.data = entry.files.read_to_train()
        store = entry.files.open_features(entry.representation)
        self.level = float(np.mean([store[t.id].mean() for t in self.data.divided.train]))
        self.number = nn.Parameter(torch.rand(1))

    def train_dataloader(self):
        return DataLoader([(self.current_epoch, n) for n in range(3)], batch_size=None)

    val_dataloader = train_dataloader

    def training_step(self, place, index):
        torch.manual_seed(hash((self.options.seed, *place)))
        loss = (self.number - self.level + 0.1 * torch.randn(1)).square().sum()
        self.log("train/loss", loss, on_epoch=True, on_step=False, batch_size=1)
        return loss

    def validation_step(self, place, index):
        self.log("validation/loss", (self.number - self.level).square().sum(), batch_size=1)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.1)

    def kept(self):
        return {"number": self.number}

    def learned_from(self):
        return {"data_hash": self.data.data_hash, "split_hash": self.data.split_hash}


class Fake(Method):
    name = "pca"
    primary = "error"
    measures = MappingProxyType({"error": Metric(better="less")})

    def module(self, entry):
        return Straight(entry)

    def generate(self, entry, folder, count, seed):
        number = float(read_weights(entry.folder)["number"])
        made = []
        for n in range(count):
            (folder / f"{n}.txt").write_text(f"{number + seed}")
            made.append(Sample(f"{n}", {"number": f"{number:.3f}"}, (f"{n}.txt",)))
        return made

    def judge(self, entry, generated, figures):
        values = np.array(
            [float((generated / s.files[0]).read_text()) for s in generating.read(generated)]
        )
        found = estimate(values, entry.evaluation)
        return Judgement(metrics={"error": found}, baselines={"none": {"error": found}})


@pytest.fixture
def entry(root, monkeypatch):
    monkeypatch.setattr(generators, "get", lambda kind: Fake())
    raw = {"mean": {**ROW, "samples": 3, "training": {"epochs": 6}}}
    return generated.resolve(tiny.load(generators=raw), "mean")


def train(entry, **options):
    return training.train(entry, threads=1, progress=False, **options)


def test_trained_generates_and_is_judged(entry):
    folder = train(entry)
    assert len((folder / "history.csv").read_text().splitlines()) == 7
    made = generating.generate(entry, paths.generated("mean").parent, 3, seed=0)
    assert [*made] == generating.read(paths.generated("mean").parent)
    assert judging.judge(entry) == paths.judgement("mean")
    raw = judging.read(entry)
    assert raw["metrics"]["error"]["n"] == 3
    assert raw["data_hash"] == tiny.files_of(tiny.load(), "tiny").read().data_hash


def test_a_model_that_is_damaged_is_found(entry):
    weights = train(entry) / "model.safetensors"
    params = tiny.load(generators={"mean": ROW})
    assert verification.verify(params).problems == []
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    (problem,) = verification.verify(params).problems
    assert problem.startswith(f"{weights}: the weights do not match the card")


def test_resumed_training_gives_the_same_bits(entry):
    train(entry)
    whole = [
        (paths.model("mean") / name).read_bytes() for name in ("model.safetensors", "history.csv")
    ]
    with pytest.raises(tiny.Killed):
        train(entry, callbacks=[tiny.killed_in(3)])
    assert [*paths.CHECKPOINTS.glob("mean-*/last.ckpt")]
    train(entry)
    again = [
        (paths.model("mean") / name).read_bytes() for name in ("model.safetensors", "history.csv")
    ]
    assert again == whole


def test_what_was_generated_is_replaced_even_if_its_list_is_gone(entry):
    train(entry)
    listed = paths.generated("mean")
    generating.generate(entry, listed.parent, 3, seed=0)
    listed.unlink()
    made = generating.generate(entry, listed.parent, 1, seed=0)
    names = {name for sample in made for name in sample.files}
    assert {path.name for path in listed.parent.iterdir()} == {listed.name, *names}


def test_files_of_a_person_are_not_replaced(entry):
    train(entry)
    own = Path("own")
    own.mkdir()
    (own / "song.wav").touch()
    with pytest.raises(DeepmirError, match="own holds other files: name a new folder"):
        generating.generate(entry, own, 1, seed=0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dataset": "tinny"}, "generators.mean: .*data set.*tiny"),
        ({"representation": "no"}, "generators.mean: .*representation"),
        ({"training": {"frozen": 1}}, "generators.mean: training.frozen is for experiments"),
        ({"kind": "gam"}, "generators.mean.*gan"),
    ],
)
def test_what_cannot_be_is_refused(root, changes, message):
    with pytest.raises(DeepmirError, match=message):
        tiny.load(generators={"mean": {**ROW, **changes}})


def test_training_defaults_reach_generators(root):
    raw = {**yaml.safe_load(Path("params.yaml").read_text()), "training": {"epochs": 3}}
    declared = tiny.load(training=raw["training"], generators={"mean": ROW})
    assert declared.generators["mean"].training.epochs == 3


def test_name_of_an_experiment_is_taken(root):
    taken = next(iter(tiny.load().experiments))
    with pytest.raises(DeepmirError, match="rename one"):
        tiny.load(generators={taken: ROW})


@pytest.mark.slow
def test_runs_of_generators_are_tracked_once(entry):
    with Recorder(entry) as recorder:
        train(entry, callbacks=[recorder])
    generating.generate(entry, paths.generated("mean").parent, 3, seed=0)
    judging.judge(entry)
    judged = generated_report.read([entry])
    assert runs.track([], judged=judged) == ["mean"]
    assert runs.track([], judged=judged) == []
    with store.opened() as client:
        experiment = client.get_experiment_by_name("pca")
        (run,) = client.search_runs([experiment.experiment_id])
    assert run.data.metrics["test/error"] == judged[0].score["mean"]
    assert run.data.params["training.epochs"] == "6" and run.info.status == "FINISHED"

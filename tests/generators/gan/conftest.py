"""A tiny pipeline of notes: sixteen each of two instruments, and a classifier for them."""

import os
import shutil

import pytest
import yaml

import tiny
from deepmir import paths
from deepmir.datasets import splits
from deepmir.declarations import generated
from deepmir.generators import generating, training

RATE = 16000
PAIR = ["clarinet", "nylon guitar"]
DECLARED = {
    "datasets": {
        "notes": {
            "source": "instrument_notes",
            "instruments": PAIR,
            "highest": 67,
            "takes": 2,
            "shards": 1,
        }
    },
    "representations": {
        "mel": {
            "kind": "mel",
            "sample_rate": RATE,
            "hop": 1000,
            "window": 1024,
            "bins": 20,
            "fmin": 60.0,
            "conditioning": [{"kind": "log", "epsilon": 0.001}],
        }
    },
    "training": {"batch_size": 8, "patch_seconds": 1.0, "epochs": 2, "device": "cpu"},
    "experiments": {
        "listener": {
            "dataset": "notes",
            "task": "instrument",
            "labels": PAIR,
            "representation": "mel",
            "network": "c1(8,3,bn) - d1(6) - d1",
            "training": {"epochs": 4, "learning_rate": 0.02},
        }
    },
    "evaluation": {"bootstrap": 100},
}
ROW = {
    "kind": "gan",
    "dataset": "notes",
    "representation": "mel",
    "classifier": "listener",
    "width": 2,
    "layers": 2,
    "latent": 4,
    "samples": 3,
    "training": {"epochs": 2, "patches_per_epoch": 24, "weight_average": 0.9},
}
GENERATORS = {
    "told": {**ROW, "conditions": ["instrument", "pitch"]},
    "untold": {**ROW, "loss": "wasserstein", "discriminator_steps": 2},
}


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The folder of the pipeline with its trained classifier and both GANs."""
    from deepmir.training import loop

    root, before = tmp_path_factory.mktemp("notes"), os.getcwd()  # noqa: PTH109
    os.chdir(root)
    try:
        (root / "params.yaml").write_text(yaml.safe_dump({**DECLARED, "generators": GENERATORS}))
        declared = tiny.load()
        (root / "data/splits").mkdir(parents=True)
        members = declared.datasets["notes"].members()
        splits.write(root / "data/splits/notes.csv", {m.group: m.part for m in members})
        tiny.prepare(declared, (RATE,))
        loop.train(tiny.entries.resolve(declared, "listener"), threads=1, progress=False)
        for name in GENERATORS:
            entry = generated.resolve(declared, name)
            training.train(entry, threads=1, progress=False)
            folder = paths.generated(name).parent
            generating.generate(entry, folder, entry.generator.samples, seed=1)
    finally:
        os.chdir(before)
    return root


@pytest.fixture
def line(made, tmp_path, monkeypatch):
    """A copy of that folder, to work in."""
    shutil.copytree(made, tmp_path / "line")
    monkeypatch.chdir(tmp_path / "line")
    return tmp_path / "line"


@pytest.fixture
def entry(line):
    """The entry of a generator, with changed keys."""

    def of(name="told", **changes):
        rows = {name: {**GENERATORS[name], **changes}}
        return generated.resolve(tiny.load(generators=rows), name)

    return of

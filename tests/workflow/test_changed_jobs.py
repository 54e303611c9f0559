"""The jobs that Snakemake reruns after changed declarations: exactly the affected ones.

Searches, sweeps and fine-tuned networks share one file of declarations, because starting
Snakemake takes seconds.
"""

import re
from pathlib import Path

import pytest
import yaml
from dry_line import pretend, snakemake, touch

import tiny
from deepmir import paths
from deepmir.declarations import entries, loading, searches, sweeps
from deepmir.training.search import TRIALS

OWN = yaml.safe_load(tiny.DECLARED)["experiments"]["key-tiny"]["network"]
NETWORKS = {"2 layers": "c2(4,3x3) - p2(2x2) - d1", "own": OWN}
DEEP = "c2(4,3x3) - p2(2x2) - d1({units}) - d1"
BASE = {
    **{"dataset": "tiny", "task": "key", "representation": "cqt"},
    "network": "c2(4,3x3,bn) - p2(2x2) - d1(8) - d1",
}
RATE = {"training.learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}}
SEARCHES = ("longer", "wider", "same")
STARTED = ("tuned", "svm", "other")


def declare(trials=4, ranges=RATE, units=8, seed=1):
    """Searches, a sweep, and entries that start from a network or read its layers."""
    raw = yaml.safe_load(tiny.DECLARED)
    search = {"of": "key-tiny", "trials": 4, "search": RATE}
    raw["searches"] = {
        "longer": {**search, "trials": trials},
        "wider": {**search, "search": ranges},
        "same": search,
    }
    vary = {"network": {**NETWORKS, "3 layers": DEEP.format(units=units)}, "training.seed": [1, 2]}
    raw["sweeps"] = {"depth": {"of": "key-tiny", "vary": vary}}
    raw["experiments"] |= {
        "base": {**BASE, "training": {"seed": seed}},
        "tuned": {**BASE, "start_from": "base"},
        "other": {**BASE, "start_from": None},
    }
    raw["experiments"]["beat-tiny"]["training"] = {"health": True}
    raw["representations"]["deep"] = {"kind": "network", "model": "tuned"}
    row = {"dataset": "tiny", "task": "key", "method": "linear_svm", "representation": "deep"}
    raw["baselines"]["svm"] = row
    Path("params.yaml").write_text(yaml.safe_dump(raw))
    return loading.load()


def pages():
    return [searches.page(name) for name in SEARCHES] + [sweeps.page("depth")]


def scored(name):
    return [f"Predicting the test tracks with {name}", f"Scoring {name} on the test tracks"]


def trained(name):
    return [f"Training {name}: logs/train/{name}.log", *scored(name)]


@pytest.mark.slow
def test_what_changed_is_made_again_and_nothing_else(tmp_path, monkeypatch):
    tiny.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    every = entries.everything(declare())
    pretend(
        [entry for name, entry in every.items() if name != "beat-tiny"],
        beside=[
            *(every[name].folder / TRIALS for name in SEARCHES),
            *(path.with_suffix(suffix) for path in pages() for suffix in (".md", ".svg")),
        ],
    )
    metrics = [paths.metrics(name) for name in (*SEARCHES, *STARTED)]
    targets = [str(path) for path in (*pages(), *metrics)]
    touch(*targets)
    assert not re.findall(r"^Job \d+: ", snakemake("-n", *targets), re.M)

    declare(trials=5, ranges={"training.batch_size": [2, 4]}, units=9, seed=2)
    # A table of health is an output where it is declared: missing, it reruns what makes it.
    said = snakemake("-n", *targets, "models/beat-tiny/health.csv")
    jobs = re.findall(r"^Job \d+: (.+)$", said, re.M)
    of_beat = [job for job in jobs if "beat-tiny" in job or job.startswith("Computing mel")]
    layers = [job for job in jobs if job.startswith("Computing network-")]
    assert sorted(set(jobs) - {*of_beat, *layers}) == sorted(
        [
            *("Writing reports/searches/longer.md", "Writing reports/searches/wider.md"),
            *("Searching longer, trial by trial: logs/train/longer.log", *scored("longer")),
            *("Searching wider, trial by trial: logs/train/wider.log", *scored("wider")),
            *("Writing reports/sweeps/depth.md", *trained("depth-3-layers-seed-1")),
            *trained("depth-3-layers-seed-2"),
            *("Training base: logs/train/base.log", *trained("tuned")),
            *("Fitting the baseline svm, if it learns", *scored("svm")),
        ]
    )
    assert len(layers) == 2  # of each shard
    assert "Training beat-tiny: logs/train/beat-tiny.log" in of_beat
    assert ["train_with_health", "1"] in [row.split() for row in said.splitlines()]
    other = str(paths.metrics("depth-own-seed-1"))
    assert "says what key-tiny says: ask for key-tiny instead" in snakemake("-n", other, status=1)

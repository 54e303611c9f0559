"""What Snakemake runs again where a model has changed that others start from or read layers of."""

import re
from pathlib import Path

import pytest
import yaml
from dry_line import pretend, snakemake

import tiny
from deepmir import paths
from deepmir.declarations import entries, loading

BASE = {
    **{"dataset": "tiny", "task": "key", "representation": "cqt"},
    "network": "c2(4,3x3,bn) - p2(2x2) - d1(8) - d1",
}
WANTED = [paths.metrics(name) for name in ("tuned", "svm", "other")]


def declare(seed):
    raw = yaml.safe_load(tiny.DECLARED)
    raw["experiments"] = {
        "base": {**BASE, "training": {"seed": seed}},
        "tuned": {**BASE, "start_from": "base"},
        "other": {**BASE, "start_from": None},
    }
    raw["representations"]["deep"] = {"kind": "network", "model": "tuned"}
    row = {"dataset": "tiny", "task": "key", "method": "linear_svm", "representation": "deep"}
    raw["baselines"] = {"svm": row}
    Path("params.yaml").write_text(yaml.safe_dump(raw))
    return loading.load()


@pytest.mark.slow
def test_what_starts_from_a_model_or_reads_its_layers_is_made_again_with_it(tmp_path, monkeypatch):
    tiny.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    pretend(entries.everything(declare(seed=1)).values())
    snakemake("--touch", "--cores", "1", *map(str, WANTED))
    declare(seed=2)
    said = re.findall(r"^Job \d+: (.+)$", snakemake("-n", *map(str, WANTED)), re.M)
    trained = [job for job in said if job.startswith(("Training", "Fitting"))]
    assert sorted(trained) == [
        "Fitting the baseline svm, if it learns",
        "Training base: logs/train/base.log",
        "Training tuned: logs/train/tuned.log",
    ]
    assert sum(job.startswith("Computing network-") for job in said) == 2
    assert not [job for job in said if "other" in job or job.startswith("Computing cqt")]

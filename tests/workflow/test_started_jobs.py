"""What Snakemake runs again where a model has changed that others start from or read layers of."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import tiny
from deepmir import paths
from deepmir.declarations import entries, loading

ROOT = Path(__file__).parents[2]
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


def snakemake(*arguments):
    command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def pretend(params):
    """Files of every name that the line would make."""
    for name, entry in entries.everything(params).items():
        made = [*entry.files.described, *entry.arrays, *entry.files.audio(entry.sample_rate)]
        made += [entry.folder / file for file in ("card.json", "model.safetensors", "history.csv")]
        made += [paths.predictions(name), paths.metrics(name), paths.scores(name)]
        for path in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()


@pytest.mark.slow
def test_what_starts_from_a_model_or_reads_its_layers_is_made_again_with_it(tmp_path, monkeypatch):
    tiny.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    pretend(declare(seed=1))
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

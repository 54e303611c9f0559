"""What Snakemake runs of a sweep whose declaration changed: the members that changed alone."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import tiny
from deepmir import paths
from deepmir.declarations import entries, loading, sweeps

ROOT = Path(__file__).parents[2]
OWN = yaml.safe_load(tiny.DECLARED)["experiments"]["key-tiny"]["network"]
NETWORKS = {"2 layers": "c2(4,3x3) - p2(2x2) - d1", "3 layers": "c2(4,3x3) - p2(2x2) - d1(8) - d1"}
NETWORKS |= {"own": OWN}


def declare(**networks):
    raw = yaml.safe_load(tiny.DECLARED)
    vary = {"network": {**NETWORKS, **networks}, "training.seed": [1, 2]}
    raw["sweeps"] = {"depth": {"of": "key-tiny", "vary": vary}}
    Path("params.yaml").write_text(yaml.safe_dump(raw))
    return loading.load()


def snakemake(*arguments, status=0):
    command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def pretend(params):
    """Files of every name that the line would make for the sweep and its members."""
    every = entries.everything(params)
    (group,) = sweeps.groups(params)
    page = sweeps.page("depth")
    made = [page, page.with_suffix(".svg")]
    for name in sweeps.compared(params, group):
        entry = every[name]
        made += [*entry.files.described, *entry.arrays, *entry.files.audio(entry.sample_rate)]
        made += [entry.folder / file for file in ("card.json", "model.safetensors", "history.csv")]
        made += [paths.predictions(name), paths.metrics(name), paths.scores(name)]
    for path in made:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.mark.slow
def test_a_changed_setting_reruns_its_members_alone(tmp_path, monkeypatch):
    tiny.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    pretend(declare())
    page = str(sweeps.page("depth"))
    snakemake("--touch", "--cores", "1", page)
    declare(**{"3 layers": NETWORKS["3 layers"].replace("8", "9")})
    said = re.findall(r"^Job \d+: (.+)$", snakemake("-n", page), re.M)
    wanted = ["Writing reports/sweeps/depth.md"]
    for name in ("depth-3-layers-seed-1", "depth-3-layers-seed-2"):
        wanted += [
            f"Training {name}: logs/train/{name}.log",
            f"Predicting the test tracks with {name}",
            f"Scoring {name} on the test tracks",
        ]
    assert sorted(said) == sorted(wanted)
    other = str(paths.metrics("depth-own-seed-1"))
    assert "says what key-tiny says: ask for key-tiny instead" in snakemake("-n", other, status=1)

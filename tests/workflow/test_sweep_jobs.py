"""What Snakemake runs of a sweep whose declaration changed: the members that changed alone."""

import re
from pathlib import Path

import pytest
import yaml
from dry_line import pretend, snakemake

import tiny
from deepmir import paths
from deepmir.declarations import entries, loading, sweeps

OWN = yaml.safe_load(tiny.DECLARED)["experiments"]["key-tiny"]["network"]
NETWORKS = {"2 layers": "c2(4,3x3) - p2(2x2) - d1", "3 layers": "c2(4,3x3) - p2(2x2) - d1(8) - d1"}
NETWORKS |= {"own": OWN}


def declare(**networks):
    raw = yaml.safe_load(tiny.DECLARED)
    vary = {"network": {**NETWORKS, **networks}, "training.seed": [1, 2]}
    raw["sweeps"] = {"depth": {"of": "key-tiny", "vary": vary}}
    Path("params.yaml").write_text(yaml.safe_dump(raw))
    return loading.load()


def pretend_swept(params):
    """Files of every name that the line would make for the sweep and its members."""
    every = entries.everything(params)
    (group,) = sweeps.groups(params)
    page = sweeps.page("depth")
    members = [every[name] for name in sweeps.compared(params, group)]
    pretend(members, beside=[page, page.with_suffix(".svg")])


@pytest.mark.slow
def test_a_changed_setting_reruns_its_members_alone(tmp_path, monkeypatch):
    tiny.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    pretend_swept(declare())
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

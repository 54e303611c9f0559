"""What Snakemake runs of a search: nothing where nothing changed, all where its ranges did."""

import re
from pathlib import Path

import pytest
import yaml
from dry_line import pretend, snakemake

import tiny
from deepmir import paths
from deepmir.declarations import entries, loading, searches
from deepmir.training.search import TRIALS

JOBS = [
    "Searching tune, trial by trial: logs/train/tune.log",
    "Writing reports/searches/tune.md",
    "Predicting the test tracks with tune",
    "Scoring tune on the test tracks",
]


def declare(**changes):
    raw = yaml.safe_load(tiny.DECLARED)
    rate = {"low": 1e-4, "high": 1e-2, "log": True}
    search = {"of": "key-tiny", "trials": 4, "search": {"training.learning_rate": rate}}
    raw["searches"] = {"tune": {**search, **changes}}
    Path("params.yaml").write_text(yaml.safe_dump(raw))
    return entries.resolve(loading.load(), "tune")


def said(*targets):
    return re.findall(r"^Job \d+: (.+)$", snakemake("-n", *targets), re.M)


@pytest.mark.slow
def test_a_changed_search_reruns_and_an_unchanged_one_does_not(tmp_path, monkeypatch):
    tiny.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    page = searches.page("tune")
    entry = declare()
    pretend([entry], beside=[entry.folder / TRIALS, page, page.with_suffix(".svg")])
    targets = [str(page), str(paths.metrics("tune"))]
    snakemake("--touch", "--cores", "1", *targets)
    assert said(*targets) == []
    declare(trials=5)
    assert sorted(said(*targets)) == sorted(JOBS)
    declare(search={"training.batch_size": [2, 4]})
    assert sorted(said(*targets)) == sorted(JOBS)

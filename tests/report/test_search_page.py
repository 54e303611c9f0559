"""The page of a search and its figure, for trials defined here."""

import json
import re
import shutil
from pathlib import Path

import pytest
import small_line
import yaml

import tiny
from deepmir import cli, report
from deepmir.declarations import entries, loading, searches
from deepmir.evaluation import results, scoring
from deepmir.models.card import read_card, write_card
from deepmir.report import results_page, search_page, terminal
from deepmir.training.search import TRIALS

RATE, NETWORK = "training.learning_rate", "network"


def trial(number, rate, network, values, state="finished", note=""):
    value = None if state == "failed" else min(values)
    drawn = {RATE: rate, NETWORK: network}
    return {
        "number": number,
        "drawn": drawn,
        "values": values,
        "value": value,
        "state": state,
        "note": note,
    }


TABLE = {
    "of": "key-tiny",
    "keys": [RATE, NETWORK],
    "monitor": "validation/loss",
    "mode": "min",
    "best": 3,
    "chosen": {RATE: 0.0123456, NETWORK: "r1(8) - d1"},
    "logarithmic": [RATE],
    "importance": {RATE: 0.75, NETWORK: 0.25},
    "trials": [
        trial(1, 0.001, "small", [2.0, 1.5]),
        trial(2, 0.05, "large", [3.0], state="pruned"),
        trial(3, 0.0123456, "small", [1.9, 1.25, 1.3]),
        trial(4, 0.09, "large", [], state="failed", note="the loss | is not finite"),
    ],
}


@pytest.fixture
def line(tmp_path, monkeypatch):
    raw = yaml.safe_load(tiny.DECLARED)
    rate = {"low": 1e-4, "high": 0.1, "log": True}
    raw["searches"] = {"tune": {"of": "key-tiny", "trials": 4, "search": {RATE: rate}}}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(raw))
    monkeypatch.chdir(tmp_path)
    path = Path("models/tune") / TRIALS
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(TABLE))
    return path


def test_a_page_has_every_trial_the_best_first(line):
    assert cli.main(["search", "tune"]) == 0
    page = searches.page("tune").read_text()
    assert "Search of `key-tiny` (task key, data set tiny): 4 trials" in page
    assert "of which less is better" in page
    assert "training.learning_rate: 0.0123456\nnetwork: r1(8) - d1\n" in page
    rows = [
        re.split(r"(?<!\\) \| ", line.strip("| "))
        for line in page.splitlines()
        if line.startswith("|")
    ]
    assert [row[:5] for row in rows[2:]] == [
        ["3", "0.01235", "small", "1.2500", "3"],
        ["1", "0.001", "small", "1.5000", "2"],
        ["2", "0.05", "large", "3.0000", "1"],
        ["4", "0.09", "large", "–", "0"],
    ]
    assert [row[5:] for row in rows[2:]] == [
        ["**chosen**"],
        [],
        ["pruned"],
        ["failed: the loss \\| is not finite"],
    ]
    assert f"`{RATE}` 75%, `{NETWORK}` 25%" in page


def test_the_figure_is_the_same_each_time(line):
    figure = searches.page("tune").with_suffix(".svg")
    cli.main(["search", "tune"])
    first = figure.read_bytes()
    cli.main(["search", "tune"])
    assert figure.read_bytes() == first
    text = first.decode()
    assert text.count("<svg ") == 1


def test_where_nothing_is_said_of_what_matters_there_is_no_line(line):
    line.write_text(json.dumps({**TABLE, "importance": {}}))
    cli.main(["search", "tune"])
    assert "What matters" not in searches.page("tune").read_text()


@pytest.mark.parametrize("text", ["", "[]", '{"trials": []}'])
def test_a_broken_table_is_named(line, text, capsys):
    line.write_text(text)
    assert cli.main(["search", "tune"]) == 1
    told = f"deepmir: {line} is broken"
    error = capsys.readouterr().err
    assert error.startswith(told)
    assert f"make it again with `snakemake --cores 2 --force {line}`" in error
    assert error.count("\n") == 1


def test_a_search_that_there_is_not_is_named(line, capsys):
    assert cli.main(["search", "tnue"]) == 1
    assert "there is no search 'tnue' (did you mean 'tune'?)" in capsys.readouterr().err


@pytest.fixture
def searched_line(built, tmp_path, monkeypatch):
    """The tree of the report with a search of `key-cnn`, whose network is equally good."""
    shutil.copytree(built[0], tmp_path / "line")
    monkeypatch.chdir(tmp_path / "line")
    rate = {"low": 1e-4, "high": 0.1, "log": True}
    raw = {**small_line.DECLARATIONS}
    raw["searches"] = {"tune": {"of": "key-cnn", "trials": 4, "search": {RATE: rate}}}
    params = loading.parse(raw)
    small_line.train("tune")
    entry = entries.resolve(params, "tune")
    card = read_card(entry.folder)
    training = {**card.training, "search": {"values": {RATE: 0.0123}, "trial": 3}}
    write_card(entry.folder, card.model_copy(update={"training": training}))
    (entry.folder / TRIALS).write_text(json.dumps(TABLE))
    small_line.predict("tune", entry.files.read())
    scoring.evaluate(entry)
    search_page.write(entry)
    return params


def test_the_other_pages_lead_to_it(searched_line):
    found = results.read(entries.shown(searched_line))
    assert results.searched(found) == ["tune"]
    said = terminal.text(found, 0.95)
    assert "tune (the best of 4 by validation)" in said
    assert f"Search:    {searches.page('tune')}" in said
    assert "Searches: [tune](searches/tune.md)" in results_page.markdown(found, 0.95)
    index = report.write(entries.shown(searched_line), 0.95).read_text()
    assert '<a href="searches/tune.md">tune</a>' in index
    page = Path("reports/experiments/tune.html").read_text()
    assert "learning_rate: 0.0123" in page  # what was chosen, not what the experiment says

"""Every study has the same form, and the files that its one command needs."""

import json
import os
import re
from pathlib import Path

import pytest

from deepmir import cli, paths
from deepmir.declarations import entries, generated, loading

ROOT = Path(__file__).parents[1]
# One without a README is somebody's own, still in the making.
NAMES = sorted(page.parent.name for page in (ROOT / "studies").glob("*/README.md"))
HEADINGS = ["Question", "Run", "Takes", "Data", "Result", "Read on"]
each_study = pytest.mark.parametrize("name", NAMES)


def command(name):
    return f"snakemake --cores 2 --directory studies/{name}"


def sections(readme):
    """The text below each heading of the second level."""
    parts = re.split(r"^## (.+)\n", readme.read_text(), flags=re.M)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def rows(page):
    """The cells of every table row of a page whose first cell links to a study."""
    found = re.findall(
        r"^\| \[(.+?)\]\(\.\./\.\./studies/(.+?)\) \| (.+) \|$", page.read_text(), re.M
    )
    assert all(shown == linked for shown, linked, _ in found)
    return [(name, cells.split(" | ")) for name, _, cells in found]


@each_study
def test_what_it_declares_is_right_and_its_splits_are_there(name, monkeypatch):
    monkeypatch.chdir(ROOT / "studies" / name)
    declared = loading.load()
    shown = entries.shown(declared)
    beside = {files.division for entry in shown for files, _ in getattr(entry, "others", ())}
    every = (*shown, *generated.everything(declared).values())
    needed = beside | {entry.files.division for entry in every}
    assert needed == set(Path("data/splits").iterdir())


@each_study
def test_what_is_fetched_lies_at_the_top_for_all(name, monkeypatch):
    monkeypatch.chdir(ROOT / "studies" / name)
    declared = loading.load()
    for dataset in declared.datasets.values():
        home = getattr(dataset, "home", None)
        if home is not None and not home.is_absolute():
            place = Path(os.path.normpath(ROOT / "studies" / name / home))
            assert place.is_relative_to(ROOT / "data/sources")


@each_study
def test_its_readme_has_the_form_of_all(name):
    said = sections(ROOT / "studies" / name / "README.md")
    assert list(said) == HEADINGS
    assert all(text.strip() for text in said.values())
    assert command(name) in said["Run"].splitlines()


def test_the_index_names_every_study_and_its_command():
    listed = rows(ROOT / "docs/how-to/studies.md")
    assert sorted(name for name, _ in listed) == NAMES
    assert [cells[-1] for _, cells in listed] == [f"`{command(name)}`" for name, _ in listed]


@pytest.mark.parametrize("name", ["tasks", "recordings"])
def test_every_result_is_of_an_entry_of_its_study(name):
    result = sections(ROOT / "studies" / name / "README.md")["Result"]
    table = [line.strip("| ").split(" | ") for line in result.splitlines() if line[:1] == "|"]
    assert table[0][:3] == ["task", "data set", "network"]
    declared = loading.load(ROOT / "studies" / name / "params.yaml")
    assert len(table) > 2
    for task, dataset, system, metric, *_ in table[2:]:
        entry = entries.resolve(declared, system)
        assert (task, dataset) == (entry.row.task, entry.files.name)
        assert metric == entry.task.primary


def test_the_readme_shows_what_is_recorded():
    top = loading.load(ROOT / "params.yaml")
    table = re.findall(
        r"^(\w+) +songs +([\w-]+) +(\w+) +([\d.]+) +\[([\d.]+), ([\d.]+)\]",
        (ROOT / "README.md").read_text(),
        re.M,
    )
    assert sorted(row[1] for row in table) == sorted(top.shown)
    for task, name, metric, *shown in table:
        recorded = json.loads((ROOT / f"reports/metrics/{name}.json").read_text())[metric]
        assert task == entries.resolve(top, name).row.task
        assert [f"{recorded[key]:.3f}" for key in ("mean", "low", "high")] == shown


def test_the_seeds_are_those_of_the_default_line():
    top, seeds = (loading.load(ROOT / folder / "params.yaml") for folder in (".", "studies/seeds"))
    assert (seeds.datasets, seeds.representations) == (top.datasets, top.representations)
    assert seeds.baselines == top.baselines
    for name, experiment in top.experiments.items():
        row = seeds.experiments[name]
        assert row.seeds >= 5
        assert row.model_copy(update={"seeds": experiment.seeds}) == experiment


@pytest.fixture
def study(tmp_path, monkeypatch):
    (tmp_path / "Snakefile").touch()
    folder = tmp_path / "studies/mine"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def test_commands_are_said_as_they_are_typed_at_the_top(study, monkeypatch):
    assert paths.snakemake("defaults") == f"{command('mine')} defaults"
    assert paths.deepmir("fetch") == "deepmir --directory studies/mine fetch"
    assert paths.from_top(Path("../../data/sources/a")) == Path("data/sources/a")
    assert paths.from_top(Path("/a/b")) == Path("/a/b")
    monkeypatch.chdir(study.parents[1])
    assert paths.snakemake("defaults") == "snakemake --cores 2 defaults"
    assert paths.deepmir("fetch") == "deepmir fetch"
    assert paths.from_top(Path("data/sources/a")) == Path("data/sources/a")


def test_a_command_runs_in_the_folder_of_a_study(study, monkeypatch, capsys):
    top = study.parents[1]
    monkeypatch.chdir(top)
    (study / "params.yaml").write_text(
        "datasets: {songs: {source: jamendolyrics, home: ../../data/sources/songs}}\n"
        "representations: {}\n"
    )
    assert cli.main(["--directory", "studies/mine", "fetch", "songs"]) == 1
    assert "jamendolyrics data/sources/songs`" in capsys.readouterr().err
    assert Path.cwd() == top
    assert cli.main(["--directory", "studies/yours", "check"]) == 1
    assert "--directory studies/yours: no such folder" in capsys.readouterr().err

"""An unusable MLflow store gives one line with the remedy."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path

import pytest
import yaml

import tiny
from deepmir import cli, paths
from deepmir.declarations import loading
from deepmir.declarations.entries import resolve
from deepmir.declarations.sweeps import Group, Setting
from deepmir.files.writing import write_json
from deepmir.models.card import write_card
from deepmir.tracking import runs
from deepmir.tracking import store as tracking
from deepmir.tracking.journal import Journal
from deepmir.training.search import TrialEntry


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """The folder of an empty store, which MLflow takes seconds to create."""
    import mlflow

    folder = tmp_path_factory.mktemp("empty")
    (folder / "params.yaml").write_text("datasets: {}\nrepresentations: {}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert runs.track([]) == []
        mlflow.create_experiment("key")
        assert tracking.DATABASE.exists()
    return folder


@pytest.fixture
def store(empty, tmp_path, monkeypatch, capsys):
    """The database in a copy of it, which MLflow writes to."""
    shutil.copytree(empty, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tracking, "WAIT", 0.2)
    with tracking.opened():
        pass
    capsys.readouterr()
    return tracking.DATABASE


def failed(capsys):
    assert cli.main(["track"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error


def test_a_store_that_another_process_is_writing(store, capsys):
    with closing(sqlite3.connect(store, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        error = failed(capsys)
        assert "mlflow.db cannot be written (database is locked): close whatever uses it" in error
        other.execute("ROLLBACK")
    assert cli.main(["track"]) == 0


def test_a_store_that_is_no_database(store, capsys):
    store.write_text("not a database, not at all" * 100)
    assert "cannot be used (file is not a database): delete" in failed(capsys)


def test_a_store_of_another_mlflow(store):
    with closing(sqlite3.connect(store)) as other:
        other.execute("UPDATE alembic_version SET version_num = '000000000000'")
        other.commit()
    # In another process: MLflow looks at the schema once.
    command = [sys.executable, "-c", "import deepmir.cli as c; raise SystemExit(c.main(['track']))"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (told,) = [line for line in done.stderr.splitlines() if line.startswith("deepmir:")]
    assert "mlflow.db cannot be used" in told
    assert "Traceback" not in done.stderr


def test_an_import_that_was_killed_leaves_no_run(store):
    import mlflow

    experiment = mlflow.create_experiment("beat")
    client = mlflow.MlflowClient()
    ours = client.create_run(experiment, tags={runs.IMPORTED: runs._here()}).info.run_id
    other = {runs.IMPORTED: "another machine:/home/line"}
    theirs = client.create_run(experiment, tags=other).info.run_id
    own = client.create_run(experiment).info.run_id
    runs.track([])
    assert client.get_run(ours).info.status == "KILLED"
    left = client.search_runs([experiment])
    assert {run.info.run_id for run in left} == {own, theirs}  # whose work may go on
    assert {run.info.status for run in left} == {"RUNNING"}


def test_the_members_of_a_sweep_carry_its_tag_even_where_it_was_declared_later(store):
    import mlflow

    names = ("beat-tiny", "beat-librosa")
    declared = tiny.parse()
    entries = [resolve(declared, name) for name in names]
    for entry in entries:
        task = entry.task
        score = {task.primary: {"mean": 0.5, "low": 0.4, "high": 0.6}}
        scores = {"task": task.name, "dataset": "d", "primary": task.primary, "metrics": score}
        hashes = {"data_hash": "1", "split_hash": "2", "declaration": {}}
        write_json(paths.scores(entry.name), {**scores, **hashes, "tracks": 1, "failures": []})
    deep = Setting(("deep",), names)
    group = Group("depth", "a", ("network",), (deep,), deep, {}, {})

    def tags():
        found = mlflow.search_runs(search_all_experiments=True, output_format="list")
        assert len(found) == 2
        return [
            {key: value for key, value in run.data.tags.items() if key.startswith("sweep.")}
            for run in found
        ]

    assert runs.track(entries, [group]) == [*names]
    assert tags() == [{"sweep.depth": "deep"}] * 2
    assert runs.track(entries, []) == []
    assert tags() == [{}] * 2
    renamed = replace(group, name="layers")
    assert runs.track(entries, [renamed]) == []
    assert tags() == [{"sweep.layers": "deep"}] * 2


def test_the_trials_of_a_search_and_what_it_has_chosen_have_a_tag_in_common(store):
    import mlflow

    raw = yaml.safe_load(tiny.DECLARED)
    rate = {"training.learning_rate": {"low": 0.1, "high": 0.2}}
    raw["searches"] = {"tune": {"of": "beat-tiny", "trials": 2, "search": rate}}
    entry = resolve(loading.parse(raw), "tune")
    common = {field.name: getattr(entry, field.name) for field in fields(entry)}
    common |= {"name": "tune-trial-2", "search": None}
    trial = TrialEntry(**common, place=Path("elsewhere"), of="tune", values="learning_rate 0.15")
    journal = Journal.begin(trial)
    journal.open()
    journal.end("FINISHED")
    found = {"search": {"trial": 2, "values": {"training.learning_rate": 0.15}}}
    card = tiny.untrained("r1(8) - d1", entry.representation, "beat")[1]
    write_card(entry.folder, card.model_copy(update={"training": found}))
    score = {entry.task.primary: {"mean": 0.5, "low": 0.4, "high": 0.6}}
    scores = {"task": "beat", "dataset": "d", "primary": entry.task.primary, "metrics": score}
    hashes = {"data_hash": "1", "split_hash": "2", "declaration": entry.declaration}
    write_json(paths.scores("tune"), {**scores, **hashes, "tracks": 1, "failures": []})
    assert runs.track([entry]) == ["tune"]
    every = mlflow.search_runs(search_all_experiments=True, output_format="list")
    tags = {run.info.run_name: run.data.tags.get("search.tune") for run in every}
    assert tags == {"tune": "chosen: trial 2", "tune-trial-2": "learning_rate 0.15"}
    (run,) = (run for run in every if run.info.run_name == "tune")
    assert run.data.params["training.learning_rate"] == "0.15"

"""Trained models on another data set that is only used for testing."""

import re
import shutil
from pathlib import Path

import pytest
import soundfile
import yaml

import programs
import tiny
from deepmir import paths, report
from deepmir.datasets import splits
from deepmir.declarations import entries
from deepmir.errors import DeepmirError
from deepmir.evaluation import prediction, results
from deepmir.files import annotations
from deepmir.report import terminal
from deepmir.training import fitting, loop

ROOT = Path(__file__).parents[2]
CARRIED = {
    "key-far": {"model": "key-tiny", "dataset": "far"},
    "key-fly-far": {"model": "key-fly", "dataset": "far"},
    "logistic-far": {"model": "key-logistic", "dataset": "far"},
}


def declare():
    raw = yaml.safe_load(tiny.DECLARED)
    raw["datasets"]["far"] = {"source": "folder", "path": "far", "shards": 1}
    raw["experiments"] = {name: raw["experiments"][name] for name in ("key-tiny", "key-fly")}
    for row in raw["experiments"].values():
        row["training"] = {"epochs": 1, "patches_per_epoch": 4}
    raw["baselines"] = {
        "key-logistic": raw["baselines"]["key-logistic"],
        "far-krumhansl": {"dataset": "far", "task": "key", "method": "krumhansl"},
    }
    raw["representations"] = {"cqt": raw["representations"]["cqt"]}
    raw |= {"evaluation": {"bootstrap": 100}, "carried": CARRIED}
    Path("params.yaml").write_text(yaml.safe_dump(raw))
    return tiny.load()


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """Models of nine recordings, applied to four others that are for testing."""
    root = tmp_path_factory.mktemp("carried")
    tiny.write(root, tracks=9)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        Path("far").mkdir()
        for index in range(30, 34):
            audio, jams = tiny.recording(index)
            soundfile.write(f"far/song {index}.wav", audio, tiny.RATE)
            annotations.write(Path(f"far/song {index}.jams"), jams)
        splits.write(paths.split("far"), {f"song {i}": "test" for i in range(30, 34)})
        declared = declare()
        tiny.prepare(declared)
        tiny.make(declared)
        yield declared


def test_a_carried_model_is_scored_on_the_other_data_set(line):
    for name, row in CARRIED.items():
        result = tiny.scores(name)
        assert set(result["per_track"]) == {f"song {i}" for i in range(30, 34)}
        assert result["failures"] == []
        assert (result["dataset"], result["task"]) == ("far", "key")
        assert (result["model"], result["trained_on"]) == (row["model"], "tiny")
        assert result["model_hash"] == tiny.scores(row["model"])["model_hash"] != ""
        assert result["declaration"] == row
        assert not paths.model(name).exists()
    assert tiny.scores("key-far")["kind"] == "network"
    assert tiny.scores("logistic-far")["kind"] == "baseline"


def test_a_carried_model_says_what_it_says_wherever_the_recording_is(line, monkeypatch, tmp_path):
    # The same recordings, as the test part of the model's own data set.
    heard = {
        track.id: annotations.read(paths.prediction("key-far", track.id))
        for track in tiny.corpus_of(line, "far").divided.test
    }
    shutil.copytree(".", tmp_path / "own")
    monkeypatch.chdir(tmp_path / "own")
    shutil.rmtree("recordings")
    shutil.move("far", "recordings")
    shutil.copy(paths.split("far"), paths.split("tiny"))
    raw = yaml.safe_load(Path("params.yaml").read_text())
    own = tiny.load(datasets={"tiny": raw["datasets"]["tiny"]}, baselines={}, carried={})
    tiny.prepare(own)
    prediction.predict(entries.resolve(own, "key-tiny"), threads=1)
    for track, jams in heard.items():
        said = annotations.read(paths.prediction("key-tiny", track))
        assert said.first("key_mode").observations == jams.first("key_mode").observations


def test_a_data_set_that_is_all_test_is_not_trained_on(line):
    raw = yaml.safe_load(Path("params.yaml").read_text())
    for section, name, make in (
        (
            "experiments",
            "key-tiny",
            lambda entry: loop.train(entry, threads=1, progress=False),
        ),
        ("baselines", "key-logistic", fitting.fit),
    ):
        rows = {name: {**raw[section][name], "dataset": "far"}}
        declared = tiny.load(**{section: rows}, carried={})
        with pytest.raises(DeepmirError, match=r"data set far: data/splits/far.csv has no track"):
            make(entries.resolve(declared, name))


def test_it_stands_beside_the_baselines_of_the_other_data_set(line):
    found = {result.name: result for result in results.read(entries.shown(line))}
    against = results.comparisons(found["key-far"], list(found.values()))
    assert {c.baseline for c in against} == {"far-krumhansl", "logistic-far"}
    text = terminal.text(results.read(entries.shown(line)), 0.95)
    assert "key-far (key-tiny, trained on tiny)" in text
    assert "logistic-far (key-logistic, trained on tiny)" in text


def test_the_report_says_what_was_carried_from_where(line):
    text = report.write(entries.shown(line), 0.95).read_text()
    assert re.search(r"key-far</a>.*?key-tiny, trained on tiny", text, re.S)
    assert "4: 0 for training, 0 for validation, 4 for testing" in text
    page = (paths.REPORT_PAGES / "key-far.html").read_text()
    assert "model: key-tiny" in page
    assert "song 30" in page


def test_mlflow_has_a_run_that_names_the_model(line):
    import mlflow

    from deepmir.tracking import runs

    added = runs.track([entries.resolve(line, "key-far")])
    assert added == ["key-far"]
    found = mlflow.search_runs(experiment_names=["key"], output_format="list")
    tags = found[0].data.tags
    assert (tags["model"], tags["trained_on"]) == ("key-tiny", "tiny")
    assert found[0].data.params == CARRIED["key-far"]


def test_snakemake_makes_the_model_and_the_other_features_and_trains_nothing_else(line, tmp_path):
    root = tmp_path / "clone"
    shutil.copytree(".", root, ignore=shutil.ignore_patterns("models", "reports", "predictions"))
    shutil.rmtree(root / "data/features/far")
    shutil.copy(ROOT / "Snakefile", root)
    command = ["snakemake", "-n", "reports/metrics/key-far.json"]
    said = programs.run(command, root)
    jobs = dict(re.findall(r"^(\w+)\s+(\d+)$", said, re.M))
    wanted = {"train": "1", "features": "1", "predict": "1", "evaluate": "1"}
    assert wanted.items() <= jobs.items()
    assert not {"fit", "pool"} & set(jobs)

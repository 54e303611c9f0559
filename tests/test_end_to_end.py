"""The whole pipeline on real scores, as run by a user: Snakemake, DVC, MLflow, report.

One small run in a copy of the repository, then the properties of its result, in a fixed order: the
functions of this file share the run.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import jams
import mir_eval
import numpy as np
import pytest
import yaml

import programs

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.end_to_end
WHO = {f"GIT_{role}_{key}": "a@b" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}


def as_a_user(folder):
    """The environment in which every program starts from scratch."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(folder / "src")}


def run(command, folder, *, check=True, environment=None, **extra):
    sources = folder / "src"
    environment = (environment or programs.environment(sources, imported=sources)) | extra
    done = subprocess.run(command, cwd=folder, env=environment, shell=isinstance(command, str),
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert not check or done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def jobs(folder):
    """The jobs that `snakemake -n` would run, as rule -> number of jobs."""
    said = run("snakemake -n", folder)
    if "Nothing to be done" in said:
        return {}
    table = said.split("Job stats:")[-1].split("total")[0]
    return {rule: int(n) for rule, n in re.findall(r"^(\w+)\s+(\d+)$", table, re.M)} | {}


def edit(path, before, after):
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """A clone with a few tracks and epochs, and the whole pipeline run in it once."""
    folder = tmp_path_factory.mktemp("end to end") / "clone"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / "dvc.lock").unlink(missing_ok=True)
    shutil.rmtree(folder / "reports", ignore_errors=True)
    declared = yaml.safe_load((folder / "params.yaml").read_text())
    declared["datasets"]["songs"] |= {"limit": 16, "shards": 2}
    for experiment in declared["experiments"].values():
        experiment["training"] |= {"epochs": 2, "patience": 2, "patches_per_epoch": 160}
    (folder / "params.yaml").write_text(yaml.safe_dump(declared, sort_keys=False))
    run("git init -q . && git add -A", folder)
    run("git commit -qm all", folder, **WHO)
    run("snakemake --cores 2", folder, environment=as_a_user(folder))
    return folder


def declared_in(folder):
    raw = yaml.safe_load((folder / "params.yaml").read_text())
    return [*raw["experiments"], *raw["baselines"]]


def test_what_is_declared_here_needs_no_option_and_no_data():
    """A fresh clone plans its whole pipeline: all of the repository's own declarations."""
    raw = yaml.safe_load((ROOT / "params.yaml").read_text())
    assert {row["source"] for row in raw["datasets"].values()} <= {"scores", "tones"}


def test_a_run_changes_nothing_in_git_but_the_recorded_results(line):
    changed = run("git status --porcelain", line).split("\n")
    assert {row[3:].split("/")[0] for row in changed if row} == {"reports"}
    assert (line / "reports/README.md").read_text().startswith("# Results")


def test_every_declared_experiment_has_a_score_for_every_test_track(line):
    scores = [
        json.loads((line / f"reports/scores/{name}.json").read_text()) for name in declared_in(line)
    ]
    assert len({score["data_hash"] for score in scores}) == 1
    assert len({score["split_hash"] for score in scores}) == 1
    tracks = {frozenset(score["per_track"]) for score in scores}
    assert len(tracks) == 1
    assert len(next(iter(tracks))) == scores[0]["tracks"] >= 3


def test_the_results_table_names_them_all(line):
    said = run("deepmir results", line)
    for name in declared_in(line):
        assert name in said
    assert "reports/index.html" in said


def test_predictions_and_annotations_are_valid_jams(line):
    files = [*line.glob("data/predictions/*/jams/*.jams")][::5]
    files += [*line.glob("data/raw/songs/annotations/*.jams")][:1]
    for path in files:
        jams.load(str(path), validate=True, strict=True)
    assert files


def test_nothing_is_left_to_do_in_either_tool(line):
    assert jobs(line) == {}
    weights = {path: path.stat().st_mtime_ns for path in line.glob("models/*/model.safetensors")}
    # DVC's stages ask Snakemake, which has nothing to do; DVC then records what is here.
    assert run("dvc repro", line).count("Nothing to be done") == 4
    assert weights == {path: path.stat().st_mtime_ns for path in weights}
    lock = (line / "dvc.lock").read_text()
    assert lock.count("\n") < 180
    assert "up to date" in run("dvc repro", line)
    assert run("dvc status", line).strip().endswith("Data and pipelines are up to date.")
    assert (line / "dvc.lock").read_text() == lock
    assert jobs(line) == {}


def test_data_that_are_not_here_leave_out_only_what_needs_them(line, tmp_path):
    before = (line / "params.yaml").read_text()
    shutil.copytree(line / "reports", tmp_path / "reports")
    declared = yaml.safe_load(before)
    name = next(iter(declared["experiments"]))
    task = declared["experiments"][name]["task"]
    declared["datasets"]["games"] = {"source": "fretsonfire", "home": "nowhere", "shards": 1}
    declared["datasets"]["mine"] = {"source": "folder", "path": "nowhere/mine"}
    declared["carried"] = {"far": {"model": name, "dataset": "games"}}
    declared["baselines"]["popular"] = {"dataset": "mine", "task": "genre", "method": "popularity"}
    (line / "params.yaml").write_text(yaml.safe_dump(declared, sort_keys=False))
    said = run("snakemake -n", line)
    assert "Nothing to be done" in said
    assert (
        "left out because the data set games is not available: far. nowhere/muldjord contains no"
        in said
    )
    assert "left out because the data set mine is not available: popular." in said
    asked = run("snakemake -n -- reports/metrics/far.json", line, check=False)
    assert "nowhere/muldjord contains no songs: `apt install" in asked
    assert "Traceback" not in asked
    table = run("deepmir results", line)
    assert "left out because the data set games is not available: far." in table
    assert task in table
    run("deepmir report", line)
    for page in ("reports/index.html", "reports/README.md"):
        assert "because the data set games is not available: far." in (line / page).read_text()
    (line / "params.yaml").write_text(before)
    shutil.rmtree(line / "reports")
    shutil.move(tmp_path / "reports", line)


def test_touching_files_reruns_nothing(line):
    for name in ("data/raw/songs/index/0000.json", "models/beat-crnn/card.json", "params.yaml"):
        os.utime(line / name)
    os.utime(next(line.glob("data/features/songs/*/0000.h5")))
    os.utime(line / "src/deepmir/training/loop.py")
    assert jobs(line) == {}


def test_metrics_that_are_not_there_are_made_again(line, tmp_path):
    metrics = line / "reports/metrics/beat-crnn.json"
    shutil.move(metrics, tmp_path)
    todo = jobs(line)
    shutil.move(tmp_path / metrics.name, metrics)
    assert todo == {"all": 1, "evaluate": 1, "report": 1, "track": 1}


def test_the_dashboard_has_one_flat_run_for_each(line):
    code = """
import json, mlflow
from deepmir.tracking import store
mlflow.set_tracking_uri(store.address())
found = {}
for e in mlflow.search_experiments():
    for r in mlflow.search_runs([e.experiment_id], output_format="list"):
        models = r.outputs.model_outputs if r.outputs else []
        found[r.info.run_name] = [e.name, r.data.metrics, r.data.tags, len(models)]
print(json.dumps(found))
"""
    found = json.loads(run([sys.executable, "-c", code], line).strip().splitlines()[-1])
    assert set(found) == {*declared_in(line)}
    task, metrics, tags, models = found["beat-crnn"]
    assert (task, models) == ("beat", 1)
    assert {"test/f_measure", "validation/loss", "train/loss"} <= set(metrics)
    assert {"data_hash", "split_hash", "features_hash", "fingerprint"} <= set(tags)
    assert "mlflow.parentRunId" not in tags
    assert "0 new runs" in run("deepmir track", line)


def test_a_changed_experiment_reruns_alone(line):
    edit(line / "params.yaml", "patch_seconds: 10", "patch_seconds: 9")
    todo = jobs(line)
    edit(line / "params.yaml", "patch_seconds: 9", "patch_seconds: 10")
    assert todo == {"all": 1, "train": 1, "predict": 1, "evaluate": 1, "report": 1, "track": 1}


def test_a_changed_representation_reruns_what_depends_on_it(line):
    edit(line / "params.yaml", "bins: 80", "bins: 64")
    todo = jobs(line)
    edit(line / "params.yaml", "bins: 64", "bins: 80")
    features = {"features": 2, "train": 2, "predict": 2, "evaluate": 2, "report": 1, "track": 1}
    assert todo == {"all": 1, **features}


def test_a_changed_decoder_does_not_retrain(line):
    before = (line / "params.yaml").read_text()
    declared = yaml.safe_load(before) | {"decoders": {"beat": {"max_bpm": 200}}}
    (line / "params.yaml").write_text(yaml.safe_dump(declared, sort_keys=False))
    todo = jobs(line)
    (line / "params.yaml").write_text(before)
    assert "train" not in todo
    assert todo["predict"] == 2  # the network and the baseline of the task


def test_changed_code_reruns_its_stage(line):
    path = line / "src/deepmir/tasks/beat.py"
    edit(path, '"ignore", UserWarning', '"always", UserWarning')
    todo = jobs(line)
    edit(path, '"always", UserWarning', '"ignore", UserWarning')
    assert todo["train"] == 1
    assert todo["evaluate"] == 2
    assert "features" not in todo
    edit(path, "# 1. Target ---", "# 1. The target ---")
    assert jobs(line) == {}
    edit(path, "# 1. The target ---", "# 1. Target ---")


def test_a_misspelt_key_is_one_clear_line(line):
    edit(line / "params.yaml", "patch_seconds: 10", "patch_second: 10")
    said = run("snakemake -n", line, check=False)
    edit(line / "params.yaml", "patch_second: 10", "patch_seconds: 10")
    assert "patch_second is not a known key (did you mean 'patch_seconds'?)" in said
    assert "Traceback" not in said


def test_a_colleague_pulls_and_has_nothing_to_do(line, tmp_path):
    run(["dvc", "remote", "add", "-f", "-d", "folder", str(tmp_path / "remote")], line)
    run("dvc push -q", line)
    clone = tmp_path / "colleague"
    run("git add -A", line)
    run("git commit -qm results", line, **WHO)
    run(["git", "clone", "-q", str(line), str(clone)], tmp_path)
    # The recorded results are in git: they need no remote.
    assert "f_measure.mean" in run("dvc metrics show", clone)
    run("dvc pull -q", clone)
    run("deepmir adopt", clone)
    assert jobs(clone) == {}
    assert "up to date" in run("dvc repro", clone)
    assert (clone / "mlruns/tracked.json").exists()
    assert run("git status --porcelain", clone) == ""
    # A change goes on from there: what it does not touch stays as it is.
    weights = (clone / "models/beat-crnn/model.safetensors").stat().st_mtime_ns
    said = run("dvc exp run -n few -S evaluation.confidence=0.5", clone, **WHO)
    assert "Ran experiment(s): few" in said
    assert (clone / "models/beat-crnn/model.safetensors").stat().st_mtime_ns == weights
    assert "f_measure.low" in run("dvc metrics diff", clone)
    assert "evaluation.confidence" in run("dvc params diff", clone)
    assert jobs(clone) == {}


def test_a_colleague_pulls_from_s3(line, tmp_path, monkeypatch):
    pytest.importorskip("dvc_s3", reason="make s3")
    server = pytest.importorskip("moto.server").ThreadedMotoServer("127.0.0.1", port=0)
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(key, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    server.start()
    try:
        url = "http://{}:{}".format(*server.get_host_and_port())
        urllib.request.urlopen(urllib.request.Request(f"{url}/bucket", method="PUT"))
        run("dvc remote add -f -d s3 s3://bucket/line", line)
        run(f"dvc remote modify s3 endpointurl {url}", line)
        run("dvc push -q", line)
        clone = tmp_path / "colleague"
        run("git commit -qam s3", line, **WHO)
        run(["git", "clone", "-q", str(line), str(clone)], tmp_path)
        run("dvc pull -q", clone)
    finally:
        server.stop()
    run("deepmir adopt", clone)
    assert jobs(clone) == {}
    assert "up to date" in run("dvc repro", clone)


def test_a_killed_run_goes_on(line):
    edit(line / "params.yaml", "seed: 1", "seed: 2")
    command = ["snakemake", "--cores", "1", "--", "models/beat-crnn/card.json"]
    process = subprocess.Popen(command, cwd=line, env=as_a_user(line), start_new_session=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    deadline = time.monotonic() + 120
    while not list(line.glob(".checkpoints/beat-crnn-*/last.ckpt")):
        assert time.monotonic() < deadline, "no checkpoint was written"
        assert process.poll() is None, "training ended before it could be killed"
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (line / "models/beat-crnn/card.json").exists()
    run("snakemake --unlock", line)
    said = run("snakemake --cores 1 -- models/beat-crnn/card.json", line)
    assert "beat-crnn: epoch 2" in said
    assert "beat-crnn: epoch 1" not in said  # it went on from the checkpoint
    edit(line / "params.yaml", "seed: 2", "seed: 1")


def test_the_networks_that_come_with_deepmir_know_what_they_hear(line):
    """As run by a user, without naming a model, on tracks outside their training data."""
    tracks = sorted(line.glob("data/raw/songs/audio/*.flac"))[:6]
    run(["deepmir", "analyze", *map(str, tracks), "--output", "analyses"], line)
    hits = {"beat": [], "onset": [], "tempo": []}
    for track in tracks:
        truth = jams.load(str(line / "data/raw/songs/annotations" / f"{track.stem}.jams"))
        said = jams.load(str(line / "analyses" / f"{track.stem}.jams"))
        spaces = {annotation.namespace for annotation in said.annotations}
        assert spaces >= {"key_mode", "chord", "pitch_contour", "note_midi", "segment_open"}
        for task, f_measure in (
            ("beat", mir_eval.beat.f_measure),
            ("onset", mir_eval.onset.f_measure),
        ):
            times = (np.array([o.time for o in first(each, task)]) for each in (truth, said))
            hits[task].append(f_measure(*times))
        ratio = first(said, "tempo")[0].value / first(truth, "tempo")[0].value
        hits["tempo"].append(any(abs(ratio / level - 1) < 0.04 for level in (0.5, 1, 2)))
    # That they work, not how well, which docs/explanation/carrying-over.md tells.
    means = {task: np.mean(values) for task, values in hits.items()}
    assert min(means.values()) > 0.5, means


def first(annotated, namespace):
    """The observations of the first annotation of a namespace."""
    return list(annotated.annotations.search(namespace=namespace)[0].data)

"""A group's view of its MLflow server: a real one, with PostgreSQL if installed."""

import csv
import math
import subprocess
import sys
import time
from pathlib import Path

import pytest
from mlflow_server import free_port, until

import chromium
import tiny
from deepmir import cli
from deepmir.declarations import entries
from deepmir.errors import DeepmirError
from deepmir.evaluation import prediction, scoring
from deepmir.tracking import follower, journal, models, runs, sending, store
from deepmir.tracking.journal import EPOCHS, Journal
from deepmir.tracking.recorder import Recorder
from deepmir.training import loop

pytestmark = pytest.mark.slow
WRITERS, LENGTH = 4, 25
NAMES = [f"validation/metric {number}" for number in range(6)]

# A training as its journal sees it, without the network.
WRITER = """
import time
from deepmir.declarations import entries, loading
from deepmir.tracking import follower
from deepmir.tracking.journal import EPOCHS, Journal

journal = Journal.begin(entries.resolve(loading.load(), "key-tiny"))
journal.open()
follower.start(journal, patience=0.1)
for epoch in range(1, 10000):
    journal.add(EPOCHS, {"train/loss": 1 / epoch}, epoch)
    time.sleep(0.1)
"""


def client():
    import mlflow

    return mlflow.MlflowClient(store.address())


def runs_of(*sources):
    """The runs of journals, which may not exist yet; the store may be created concurrently."""
    with store.opened() as there:
        found = there.get_experiment_by_name("key")
        every = there.search_runs([found.experiment_id], max_results=5000) if found else []
    return [run for s in sources for run in every if run.data.tags.get(sending.JOURNAL) == s.name]


def key_tiny():
    return entries.resolve(tiny.load(), "key-tiny")


@pytest.mark.parametrize("place", ["server", "database of the line"])
def test_of_four_processes_that_write_at_once_nothing_is_lost(
    declared, request, monkeypatch, place
):
    """They may also create the store or the experiment at the same moment."""
    if place == "server":
        monkeypatch.setenv(store.ADDRESS, request.getfixturevalue("shared"))
    sources = [Journal.begin(key_tiny()) for _ in range(WRITERS)]
    for source in sources:
        source.open()
    beside = [follower.start(source, patience=0.1) for source in sources]
    for epoch in range(1, LENGTH + 1):
        for number, source in enumerate(sources):
            source.add(EPOCHS, dict.fromkeys(NAMES, number + epoch / 1000), epoch)
        if epoch == LENGTH // 2:  # the rest while they send
            until(lambda: len(runs_of(*sources)) == WRITERS, 600)
    for number, source in enumerate(sources):
        source.end("FINISHED", weights=str(number))
    assert [process.wait(300) for process in beside] == [0] * WRITERS

    found = runs_of(*sources)
    assert len(found) == WRITERS
    for number, (source, run) in enumerate(zip(sources, found, strict=True)):
        assert (run.info.status, run.info.start_time) == ("FINISHED", source.about["started"])
        assert run.info.end_time == source.ended["time"]
        for name in NAMES:
            history = client().get_metric_history(run.info.run_id, name)
            got = [(value.step, value.value) for value in history]
            assert got == [(epoch, number + epoch / 1000) for epoch in range(1, LENGTH + 1)]
        assert run.data.metrics["system/cpu_utilization_percentage"] >= 0
        assert run.data.metrics["system/system_memory_usage_percentage"] > 0
    # All of it is there: sending it once more adds nothing.
    sending.Sender(sources[0]).send(alive=False)
    assert len(client().get_metric_history(found[0].info.run_id, NAMES[0])) == LENGTH


def train(recorder, *others):
    entry = key_tiny()
    with recorder:
        loop.train(entry, threads=1, progress=False, callbacks=[recorder, *others])
    return Path("models/key-tiny/model.safetensors").read_bytes()


def recorder(patience=0.1):
    return Recorder(key_tiny(), patience)


def test_a_training_that_resumes_goes_on_with_its_run_and_gives_the_same(root, shared, monkeypatch):
    monkeypatch.setenv(store.ADDRESS, shared)
    loop.train(key_tiny(), threads=1, progress=False)
    plain = Path("models/key-tiny/model.safetensors").read_bytes()

    with pytest.raises(tiny.Killed):
        train(first := recorder(), tiny.killed_in(2))
    assert first.follower.wait(300) == 0
    sending.send_all()  # as `deepmir track` does, where the process beside it came too late
    (run,) = runs_of(first.journal)
    assert run.info.status == "KILLED"

    assert train(second := recorder()) == plain
    assert second.follower.wait(300) == 0
    sending.send_all()
    assert second.journal == first.journal
    assert second.journal.seconds < (second.journal.ended["time"] - run.info.start_time) / 1000
    (run,) = runs_of(first.journal)
    assert run.info.status == "FINISHED"
    with Path("models/key-tiny/history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3
    for name in ("train/loss", "validation/loss", "validation/weighted", "learning_rate"):
        history = client().get_metric_history(run.info.run_id, name)
        assert [value.step for value in history] == [1, 2, 3]
        assert [value.value for value in history] == [float(row[name]) for row in rows]
        times = [value.timestamp for value in history]
        assert run.info.start_time <= times[0] < times[1] < times[2] <= run.info.end_time


def test_a_process_that_is_killed_leaves_a_run_that_says_so(declared, shared, monkeypatch):
    monkeypatch.setenv(store.ADDRESS, shared)
    writer = subprocess.Popen([sys.executable, "-c", WRITER])
    (source,) = until(journal.every, 600)
    running = until(lambda: runs_of(source), 600)
    assert running[0].info.status == "RUNNING"
    writer.kill()
    writer.wait()
    (run,) = until(lambda: [r for r in runs_of(source) if r.info.status != "RUNNING"], 300)
    assert (run.info.status, run.info.end_time) == ("KILLED", source.last)
    losses = [value.value for value in source.values() if value.name == "train/loss"]
    assert run.data.metrics["train/loss"] == losses[-1]


def test_a_server_that_is_down_costs_nothing_and_gets_all_of_it_later(root, shared, monkeypatch):
    monkeypatch.setenv(store.ADDRESS, f"http://127.0.0.1:{free_port()}")
    train(there := recorder())
    assert there.follower.wait(300) == 0
    finish("key-tiny")
    with pytest.raises(DeepmirError, match=r"does not answer .* send them with `deepmir track`"):
        runs.track([key_tiny()])

    monkeypatch.setenv(store.ADDRESS, shared)
    assert runs.track([key_tiny()]) == ["key-tiny"]
    (run,) = runs_of(there.journal)
    kept = there.journal.values()
    for name in ("train/loss", "validation/weighted"):
        sent = client().get_metric_history(run.info.run_id, name)
        wanted = [(v.step, v.time, v.value) for v in kept if v.name == name]
        assert [(v.step, v.timestamp, v.value) for v in sent] == wanted
        assert wanted
    assert (run.info.start_time, run.info.end_time) == (
        there.journal.about["started"],
        there.journal.ended["time"],
    )


def test_writing_the_journal_takes_no_time(declared, monkeypatch):
    """Whatever the server does: the training only writes a line to a file."""
    monkeypatch.setenv(store.ADDRESS, "http://192.0.2.1")  # nobody answers, ever
    source = Journal.begin(key_tiny())
    source.open()
    beside = follower.start(source, patience=0.1)
    time.sleep(1)
    started = time.perf_counter()
    for epoch in range(100):
        source.add(EPOCHS, dict.fromkeys(NAMES, math.nan), epoch)
    assert time.perf_counter() - started < 1
    beside.kill()
    beside.wait()


def finish(name):
    entry = entries.resolve(tiny.load(), name)
    prediction.predict(entry, threads=1)
    scoring.evaluate(entry)


def test_what_is_scored_is_complete_and_its_best_model_is_registered(
    root, shared, monkeypatch, capsys
):
    monkeypatch.setenv(store.ADDRESS, shared)
    forget()
    train(there := recorder(patience=60))
    there.follower.wait(300)
    finish("key-tiny")
    finish_baseline()
    shown = [entries.resolve(tiny.load(), name) for name in ("key-tiny", "key-krumhansl")]
    assert runs.track(shown) == ["key-tiny", "key-krumhansl"]
    assert runs.track(shown) == []
    (run,) = runs_of(there.journal)
    tags, metrics = run.data.tags, run.data.metrics
    assert (tags["task"], tags["dataset"], tags["kind"]) == ("key", "tiny", "network")
    assert tags["score"].startswith(f"{metrics['test/weighted']:.3f} [")
    assert metrics["training seconds"] == there.journal.seconds
    assert not [name for name in metrics if name.startswith(("best/", "test interval/"))]
    assert float(tags["best/epoch"]) in (1, 2, 3)
    assert [given.dataset.name for given in run.inputs.dataset_inputs] == ["tiny"]
    files = {file.path for file in client().list_artifacts(run.info.run_id)}
    assert {"card.json", "history.csv", "history.png", "key-tiny.json"} <= files
    assert run.info.artifact_uri.startswith("mlflow-artifacts:")

    best = client().get_model_version_by_alias("key", "best")
    assert best.run_id == run.info.run_id
    assert "key-tiny: weighted 0." in best.description
    import mlflow

    logged = mlflow.pyfunc.load_model("models:/key@best")
    assert [given.shape[1:3] for given in logged.metadata.signature.inputs] == [(1, 60)]
    recording = "recordings/piece 2.wav"
    analyze = ["analyze", recording, "--format", "json", "--models"]
    assert cli.main([*analyze, "models/key-tiny", "--output", "here"]) == 0
    assert cli.main([*analyze, "models:/key@best", "--output", "there"]) == 0
    here, fetched = (Path(f"{place}/piece 2.json").read_text() for place in ("here", "there"))
    assert here == fetched
    capsys.readouterr()
    assert cli.main([*analyze, "models:/tempo@best"]) == 1
    assert "models:/tempo@best is not in http://127" in capsys.readouterr().err

    # A worse one of the same data does not take its place, wherever it was trained.
    client().set_model_version_tag("key", best.version, "rank", "2.0")
    client().set_model_version_tag("key", best.version, "experiment", "of a colleague")
    scores = Path("reports/scores/key-tiny.json")
    scores.write_text(scores.read_text().replace('"tracks": 4', '"tracks": 4.0'))
    assert runs.track(shown) == ["key-tiny"]
    assert client().get_model_version_by_alias("key", "best").version == best.version
    # Scored anew, the training has a second run with the same curves and times.
    one, other = runs_of(there.journal)
    assert one.info.start_time == other.info.start_time
    assert one.data.metrics["train/loss"] == other.data.metrics["train/loss"]


def forget():
    """Delete other tests' runs on the server: a run with the same scores is not added again."""
    every = [one.experiment_id for one in client().search_experiments()]
    for run in client().search_runs(every):
        client().delete_run(run.info.run_id)
    for model in client().search_registered_models():
        client().delete_registered_model(model.name)


def finish_baseline():
    from deepmir.training import fitting

    fitting.fit(entries.resolve(tiny.load(), "key-krumhansl"))
    finish("key-krumhansl")


def test_without_a_store_an_address_of_a_model_is_one_line(declared):
    said = "no mlruns/mlflow.db here: set MLFLOW_TRACKING_URI"
    with pytest.raises(DeepmirError, match=said), models.fetched("models:/key@best"):
        pass


@pytest.mark.browser
@chromium.needs_chromium
def test_the_address_opens_on_the_runs_with_what_is_compared(
    declared, shared, monkeypatch, capsys, tmp_path_factory
):
    """MLflow's page in Debian's chromium, at the URL printed by `deepmir dashboard`."""
    monkeypatch.setenv(store.ADDRESS, shared)
    source = Journal.begin(entries.resolve(tiny.load(), "beat-tiny"))
    source.open()
    source.add(EPOCHS, {"validation/f_measure": 0.5, "train/loss": 1.0}, 1)
    source.add(EPOCHS, {"validation/f_measure": 0.7, "train/loss": 0.5}, 2)
    source.end("FINISHED")
    sender = sending.Sender(source)
    sender.send(alive=False)
    with store.opened() as client:
        client.set_tag(sender.run, "score", "0.700 [0.600, 0.800]")
        client.log_metric(sender.run, "test/f_measure", 0.7)
    assert cli.main(["dashboard"]) == 0  # the server is there already
    places = dict(line.split() for line in capsys.readouterr().out.splitlines())
    with chromium.started(tmp_path_factory.mktemp("chromium")) as browser:
        chromium.resize(browser, 1800, 900)

        def shown(*texts):
            body = browser.find_element("tag name", "body").text
            return all(text in body for text in texts)

        browser.get(places["beat"])
        row = ("beat-tiny", "0.700 [0.600, 0.800]", "tiny", "Duration", "Sort: test/f_measure")
        chromium.until(browser, lambda: shown(*row, "Beat tracking: Find the instant"))
        assert "GenAI" not in browser.title
        browser.get("about:blank")
        browser.get(f"{places['beat']}&compareRunsMode=CHART")
        chromium.until(browser, lambda: shown("Learning curves", "validation/f_measure", "Step"))

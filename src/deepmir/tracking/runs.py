"""MLflow: every training and every baseline as one flat run in the experiment of its task.

Journals are sent first. Then each run is completed from the files of the pipeline by one process,
so that parallel jobs never race on the store and a fresh clone can rebuild its dashboard. A
fingerprint tag marks complete runs.
"""

import csv
import hashlib
import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmir import paths
from deepmir.declarations.entry import Entry
from deepmir.declarations.neural import NetworkEntry, NeuralEntry
from deepmir.declarations.sweeps import Group
from deepmir.drawing import figures
from deepmir.evaluation import results
from deepmir.evaluation.results import Result
from deepmir.files.writing import write_json
from deepmir.models.card import CARD, Card, read_card
from deepmir.report.generated import Judged
from deepmir.tracking import experiments, generated, journal, models, sending, store
from deepmir.tracking.journal import Journal, Value, values_of
from deepmir.workflow import benchmarks

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

SWEEP = "sweep."  # prefix of the tag of a sweep, whose value is the run's setting
IMPORTED = "deepmir.imported"  # tag with the origin, so that no other run is modified
FORMAT = "2"  # of the content of a run: when it changes, existing runs are added again
TABLES = {"history.csv": figures.learning_curves, "health.csv": figures.health}


def track(
    entries: Sequence[Entry], groups: Sequence[Group] = (), judged: Sequence[Judged] = ()
) -> list[str]:
    """Send what is missing; returns the names of the runs that were added or completed.

    Args:
        entries: that have a run.
        groups: the sweeps; each is a tag of its members, by which MLflow groups its table.
        judged: generators, which have runs in the experiments of their kinds.

    Raises:
        DeepmirError: when the store was moved here from another folder, or cannot be used.
    """
    found = [results.read_one(entry) for entry in entries]
    sent = sending.send_all()
    journals = {
        (each.about["name"], end["weights"]): each
        for each in journal.every()
        if each.name in sent and (end := each.ended)
    }
    added, runs = [], {}
    with store.opened() as client:
        _end_killed(client)
        for result in found:
            source = journals.get((result.name, _weights(result)))
            run = _complete(client, result)
            if run is None:
                run = _import(client, result, source, sent)
                added.append(result.name)
            runs[result.name] = run.info.run_id
            _tag(client, run, _settings(result.name, groups))
        models.register(client, found, runs)
        for each in judged:
            weights = read_card(each.entry.folder).weights_sha256
            if generated.complete(client, each, journals.get((each.name, weights)), sent):
                added.append(each.name)
    marks = {result.name: _fingerprint(result) for result in found}
    write_json(store.RECORD, marks | {each.name: generated.fingerprint(each) for each in judged})
    return added


def _end_killed(client: "MlflowClient") -> None:
    """Delete runs left unfinished by an import from here that was killed."""
    every = [one.experiment_id for one in client.search_experiments()]
    unfinished = f"attributes.status = 'RUNNING' and tags.`{IMPORTED}` = '{_here()}'"
    for run in client.search_runs(every, unfinished) if every else ():
        client.set_terminated(run.info.run_id, "KILLED")
        client.delete_run(run.info.run_id)


def _here() -> str:
    return f"{socket.gethostname()}:{Path.cwd()}"


def _card(result: Result) -> Card | None:
    """The card of its own model, if it has one."""
    folder = result.entry.folder
    return read_card(folder) if result.entry.is_trained and (folder / CARD).exists() else None


def _weights(result: Result) -> str:
    card = _card(result)
    return card.weights_sha256 if card else ""


def _fingerprint(result: Result) -> str:
    """Hash of the name, the scores and the weights, which identifies this run."""
    parts = (FORMAT, result.name, json.dumps(result.raw, sort_keys=True), _weights(result))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _settings(name: str, groups: Sequence[Group]) -> dict[str, str]:
    """The tag of each sweep that contains an entry."""
    return {
        f"{SWEEP}{group.name}": group.title(setting)
        for group in groups
        for setting in group.settings
        if name in setting.members
    }


def _complete(client: "MlflowClient", result: Result) -> "Run | None":
    """The run with a complete result, if there is one."""
    experiment = experiments.get(client, result.task)
    marked = f"tags.fingerprint = '{_fingerprint(result)}'"
    return next(iter(client.search_runs([experiment], marked, max_results=1)), None)


def _tag(client: "MlflowClient", run: "Run", sweeps: Mapping[str, str]) -> None:
    """Bring the sweep tags of a run up to date: they may change independently of it."""
    tags = run.data.tags
    for name in tags:
        if name.startswith(SWEEP) and name not in sweeps:
            client.delete_tag(run.info.run_id, name)
    for name, setting in sweeps.items():
        if tags.get(name) != setting:
            client.set_tag(run.info.run_id, name, setting)


def _import(
    client: "MlflowClient", result: Result, source: Journal | None, sent: Mapping[str, str]
) -> "Run":
    """Complete the run of a journal, or create one for a baseline or a model from elsewhere."""
    import mlflow

    run, end = _begin(client, result, source, sent)
    scores = {f"test/{name}": each["mean"] for name, each in result.raw["metrics"].items()}
    with mlflow.start_run(run_id=run):
        mlflow.log_metrics({**scores, **_training_time(result, source)})
        mlflow.log_input(_data(result), context="test")
        mlflow.log_artifact(str(paths.scores(result.name)))
        if _card(result) and (result.entry.folder / "history.csv").exists():
            _log_training(client, run, result, source)
        mlflow.set_tags(_tags(result))  # last: an incomplete run has no fingerprint
    client.set_terminated(run, "FINISHED", end)
    return client.get_run(run)


def _begin(
    client: "MlflowClient", result: Result, source: Journal | None, sent: Mapping[str, str]
) -> tuple[str, int]:
    """The run to complete, and the end time of its subject."""
    if source and (end := source.ended):
        run = sent[source.name]
        # A training that is scored again gets another run.
        if "fingerprint" in client.get_run(run).data.tags:
            run = sending.create(client, source)
            sending.log(client, run, source.values())
        return run, end["time"]
    seconds = _training_time(result, None).get("training seconds", 0.0)
    made = result.entry.folder / CARD if _card(result) else paths.scores(result.name)
    end_time = int(made.stat().st_mtime * 1000)
    created = client.create_run(
        experiments.get(client, result.task),
        start_time=end_time - int(seconds * 1000),
        run_name=result.name,
        tags={IMPORTED: _here(), **sending.origin(result.name)},
    )
    sending.log_parameters(client, created.info.run_id, result.raw["declaration"])
    return created.info.run_id, end_time


def _tags(result: Result) -> dict[str, str]:
    training = card.training if (card := _card(result)) else {}
    best = training.get("best", {})
    tags = {
        "fingerprint": _fingerprint(result),
        "kind": result.kind,
        "task": result.task,
        "dataset": result.dataset,
        "score": models.interval(result),
        "data_hash": result.raw["data_hash"],
        "split_hash": result.raw["split_hash"],
        "model": result.raw.get("model", ""),
        "trained_on": result.entry.trained_on,
        "folds": str(len(result.entry.folds) or ""),
        "features_hash": training.get("features_hash", ""),
        # The kept values are not curves: as metrics each would have a chart.
        **_found(result.name, training),
        **{f"best/{name}": f"{value:.6g}" for name, value in best.items()},
    }
    return {name: value for name, value in tags.items() if value}


def _found(name: str, training: Mapping[str, Any]) -> dict[str, str]:
    """The tag shared by a search and its trials."""
    found = training.get("search")
    return {f"{sending.SEARCH}{name}": f"chosen: trial {found['trial']}"} if found else {}


def _training_time(result: Result, source: Journal | None) -> dict[str, float]:
    """From its journal or measured by Snakemake; empty if it was made elsewhere."""
    seconds = source.seconds if source else benchmarks.training_seconds(result.name)
    return {} if seconds is None else {"training seconds": seconds}


def _data(result: Result) -> Any:
    from mlflow.data.meta_dataset import MetaDataset
    from mlflow.data.sources import LocalArtifactDatasetSource

    source = LocalArtifactDatasetSource(str(paths.raw(result.dataset)))
    return MetaDataset(source, name=result.dataset, digest=result.raw["data_hash"])


def _log_training(client: "MlflowClient", run: str, result: Result, source: Journal | None) -> None:
    """Curves, figures, and the model with its signature."""
    import mlflow

    folder = result.entry.folder
    mlflow.log_artifact(str(folder / CARD))
    for name, draw in TABLES.items():
        if (folder / name).exists():
            mlflow.log_artifact(str(folder / name))
            mlflow.log_figure(draw(folder / name), Path(name).with_suffix(".png").name)
    if isinstance(result.entry, NeuralEntry) and source is None:
        sending.log(client, run, [*_curves(folder)])
    if isinstance(result.entry, NetworkEntry):
        models.log(folder)


def _curves(folder: Path) -> Iterator[Value]:
    """The tables of a training without a journal; their times are unknown."""
    time = int((folder / CARD).stat().st_mtime * 1000)
    for table in (folder / name for name in TABLES):
        if table.exists():
            with table.open(newline="") as file:
                for row in csv.DictReader(file):
                    for name, value in values_of(row).items():
                        yield Value(name, value, time, int(row["epoch"]))

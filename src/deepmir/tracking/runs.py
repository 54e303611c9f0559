"""MLflow: every training and every baseline as one flat run in the experiment of its task.

Runs are imported from the files of the line by one process, so that parallel jobs never race on
the store and a fresh clone can rebuild its dashboard. A fingerprint tag marks a run that is
already there.
"""

import csv
import hashlib
import json
import logging
import os
import sqlite3
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from deepmir import paths
from deepmir.declarations.entries import Entry, NetworkEntry
from deepmir.declarations.sweeps import Group
from deepmir.drawing import figures
from deepmir.errors import DeepmirError
from deepmir.evaluation import results
from deepmir.files.writing import NO_ROOM, is_full, write_json
from deepmir.models.card import CARD, read_card, read_network_card, task_of
from deepmir.version import VERSION
from deepmir.workflow import benchmarks, provenance

STORE = paths.MLFLOW
DATABASE = STORE / "mlflow.db"
ARTIFACTS = STORE / "artifacts"
RECORD = STORE / "tracked.json"
SWEEP = "sweep."  # start of the tag of a sweep, whose value is the run's setting in it
IMPORTED = "deepmir.imported"  # a tag, so that runs of a person's own are left alone
WAIT = 10.0  # seconds for another process to finish what it is writing


@dataclass(frozen=True)
class Run:
    """The files of one experiment or baseline, and its setting in each sweep that it is in."""

    entry: Entry
    metrics: dict[str, Any]
    sweeps: Mapping[str, str]

    @property
    def name(self) -> str:
        """Of the entry."""
        return self.entry.name

    @property
    def folder(self) -> Path:
        """Of the model that is its own, if it has one."""
        return paths.model(self.name)

    @cached_property
    def training(self) -> Mapping[str, Any]:
        """How its model was made, from its card; nothing if it has none."""
        return read_card(self.folder).training if (self.folder / CARD).exists() else {}

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the scores and the weights: what makes this run another one."""
        digest = hashlib.sha256(json.dumps(self.metrics, sort_keys=True).encode())
        weights = self.folder / "model.safetensors"
        if weights.exists():
            digest.update(weights.read_bytes())
        return digest.hexdigest()[:16]


def address() -> str:
    """The tracking address of the local store."""
    return f"sqlite:///{DATABASE.resolve()}"


def track(entries: Sequence[Entry], groups: Sequence[Group] = ()) -> list[str]:
    """Import what is not in the store yet; returns the names of the runs that were added.

    Args:
        entries: what has a run.
        groups: the sweeps; each is a tag of its members, by which MLflow groups its table.

    Raises:
        DeepmirError: when the store was moved here from another folder, or cannot be used.
    """
    from filelock import FileLock

    STORE.mkdir(exist_ok=True)
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    with FileLock(STORE / ".lock"):
        import mlflow

        # MLflow puts filters of its own before these, so they come after it. An input example
        # would be a second, weaker statement of the signature that is given.
        warnings.filterwarnings("ignore", "(?s).*(input example|type hint).*")
        logging.getLogger("mlflow").setLevel(logging.WARNING)
        mlflow.set_tracking_uri(address())
        _refuse_unusable()
        runs = [
            Run(entry, results.read_one(entry).raw, _settings(entry.name, groups))
            for entry in entries
        ]
        try:
            _end_killed()
            added = [run.name for run in runs if _import(run)]
        except Exception as error:  # SQLAlchemy's own, among others
            if is_full(error):
                raise DeepmirError(f"{STORE}: {NO_ROOM}") from None
            if (reason := _of_sqlite(error)) is None:
                raise
            raise DeepmirError(
                f"{DATABASE} cannot be written ({reason}): free some space or make it writable, "
                "and run again"
            ) from None
    record = {run.name: run.fingerprint for run in runs}
    write_json(RECORD, record)
    return added


def _of_sqlite(error: BaseException | None) -> sqlite3.OperationalError | None:
    """The error of SQLite that another one came from, if it did."""
    while error is not None and not isinstance(error, sqlite3.OperationalError):
        error = error.__cause__ or error.__context__
    return error


def _refuse_unusable() -> None:
    """Ask SQLite, then MLflow, whether the store can be used; MLflow alone would print tracebacks.

    Raises:
        DeepmirError: when it cannot.
    """
    import mlflow

    if not DATABASE.exists():
        return
    try:
        with closing(sqlite3.connect(DATABASE, timeout=WAIT)) as store:
            store.execute("BEGIN IMMEDIATE")
            store.rollback()
        mlflow.search_experiments(max_results=1)
    except sqlite3.OperationalError as error:
        raise DeepmirError(
            f"{DATABASE} cannot be written ({error}): close what has it open, such as "
            "`make dashboard`, or make it writable, and run again"
        ) from None
    except (sqlite3.DatabaseError, mlflow.MlflowException) as error:
        raise DeepmirError(
            f"{DATABASE} cannot be used ({' '.join(str(error).split())}): delete {STORE} and run "
            f"`{paths.snakemake(str(RECORD))}`, which rebuilds it from the line's files"
        ) from None


def _end_killed() -> None:
    """Delete what an import left unfinished when it was killed: nobody else imports now."""
    import mlflow

    client = mlflow.MlflowClient()
    experiments = [one.experiment_id for one in client.search_experiments()]
    unfinished = f"attributes.status = 'RUNNING' and tags.`{IMPORTED}` = 'yes'"
    for run in client.search_runs(experiments, unfinished) if experiments else ():
        client.set_terminated(run.info.run_id, "KILLED")
        client.delete_run(run.info.run_id)


def _settings(name: str, groups: Sequence[Group]) -> dict[str, str]:
    """The tag of each sweep that an entry is in."""
    return {
        f"{SWEEP}{group.name}": group.title(setting)
        for group in groups
        for setting in group.settings
        if name in setting.members
    }


def _experiment(task: str) -> str:
    """The id of a task's experiment; its artifacts' address is absolute, as MLflow has it."""
    import mlflow

    wanted = (ARTIFACTS / task).resolve().as_uri()
    found = mlflow.get_experiment_by_name(task)
    if found is None:
        return str(mlflow.create_experiment(task, artifact_location=wanted))
    if found.artifact_location != wanted:
        raise DeepmirError(
            f"{STORE} was made in another folder ({found.artifact_location}): delete {STORE} and "
            f"run `{paths.snakemake(str(RECORD))}`, which rebuilds it from the line's files"
        )
    return str(found.experiment_id)


def _import(run: Run) -> bool:
    import mlflow

    experiment = _experiment(run.metrics["task"])
    there = mlflow.search_runs(
        [experiment], f"tags.fingerprint = '{run.fingerprint}'", max_results=1, output_format="list"
    )
    if there:
        _tag_again(there[0], run.sweeps)
        return False
    tags = {IMPORTED: "yes"}
    with mlflow.start_run(experiment_id=experiment, run_name=run.name, tags=tags):
        mlflow.log_params(_flat(run.metrics["declaration"]))
        mlflow.log_metrics({**_test_metrics(run.metrics), **_training_time(run.name)})
        mlflow.log_input(_data(run), context="test")
        mlflow.log_artifact(str(paths.scores(run.name)))
        if (run.folder / "history.csv").exists():
            _log_training(run)
        mlflow.set_tags(_tags(run))  # last: a run that was cut short has no fingerprint
    return True


def _tag_again(there: Any, sweeps: Mapping[str, str]) -> None:
    """Bring the tags of a run up to date with the sweeps: these may change while it does not."""
    import mlflow

    client, run_id, tags = mlflow.MlflowClient(), there.info.run_id, there.data.tags
    for name in tags:
        if name.startswith(SWEEP) and name not in sweeps:
            client.delete_tag(run_id, name)
    for name, setting in sweeps.items():
        if tags.get(name) != setting:
            client.set_tag(run_id, name, setting)


def _tags(run: Run) -> dict[str, str]:
    tags = {
        "fingerprint": run.fingerprint,
        "kind": run.metrics["kind"],
        "task": run.metrics["task"],
        "data_hash": run.metrics["data_hash"],
        "split_hash": run.metrics["split_hash"],
        "model": run.metrics.get("model", ""),
        "trained_on": run.metrics.get("trained_on", ""),
        "folds": str(run.metrics.get("folds", "")),
        "features_hash": run.training.get("features_hash", ""),
        "mlflow.source.git.commit": provenance.commit(),
        **run.sweeps,
    }
    return {name: value for name, value in tags.items() if value}


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested declarations as `training.epochs`."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


def _test_metrics(metrics: Mapping[str, Any]) -> dict[str, float]:
    return {
        f"test/{name}" if key == "mean" else f"test interval/{name} {key}": value
        for name, summary in metrics["metrics"].items()
        for key, value in summary.items()
    }


def _training_time(name: str) -> dict[str, float]:
    seconds = benchmarks.training_seconds(name)
    return {} if seconds is None else {"training seconds": seconds}


def _data(run: Run) -> Any:
    from mlflow.data.meta_dataset import MetaDataset
    from mlflow.data.sources import LocalArtifactDatasetSource

    name = run.metrics["dataset"]
    source = LocalArtifactDatasetSource(str(paths.raw(name)))
    return MetaDataset(source, name=name, digest=run.metrics["data_hash"])


def _log_training(run: Run) -> None:
    """Curves, figures, and the model with its signature."""
    import mlflow

    mlflow.log_metrics({f"best/{k}": v for k, v in run.training.get("best", {}).items()})
    for name in (CARD, "history.csv"):
        mlflow.log_artifact(str(run.folder / name))
    mlflow.log_figure(figures.learning_curves(run.folder / "history.csv"), "learning_curves.png")
    if (run.folder / "health.csv").exists():
        mlflow.log_artifact(str(run.folder / "health.csv"))
        mlflow.log_figure(figures.health(run.folder / "health.csv"), "health.png")
    if isinstance(run.entry, NetworkEntry):
        _log_history(run)
        _log_model(run)


def _log_history(run: Run) -> None:
    import mlflow
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    metrics = [
        Metric(name, float(value), now, int(row["epoch"]))
        for row in _rows(run.folder / "history.csv")
        for name, value in row.items()
        if name != "epoch" and value
    ]
    metrics += [
        Metric(f"health/{name}/layer {row['layer']}", float(value), now, int(row["epoch"]))
        for row in _rows(run.folder / "health.csv")
        for name, value in row.items()
        if name not in ("epoch", "layer", "name") and value
    ]
    active = mlflow.active_run()
    client = mlflow.MlflowClient()
    for start in range(0, len(metrics), 1000):  # the most that one batch may hold
        client.log_batch(active.info.run_id, metrics[start : start + 1000])


def _rows(table: Path) -> list[dict[str, str]]:
    """The rows of a table; none if it is not there."""
    if not table.exists():
        return []
    with table.open(newline="") as file:
        return list(csv.DictReader(file))


def _log_model(run: Run) -> None:
    """The model with the signature of its input and output; any batch and any length will do."""
    import mlflow
    import numpy as np
    from mlflow.models import ModelSignature
    from mlflow.types.schema import Schema, TensorSpec

    about = read_network_card(run.folder)
    representation, task = about.representation, task_of(about)
    features = (-1, representation.channels, representation.bins, -1)
    activations = (-1, len(about.labels), *([-1] if task.time_varying else []))
    signature = ModelSignature(
        Schema([TensorSpec(np.dtype(np.float32), features)]),
        Schema([TensorSpec(np.dtype(np.float32), activations)]),
    )
    mlflow.pyfunc.log_model(
        name="model",
        python_model=str(Path(__file__).with_name("mlflow_model.py")),
        artifacts={"model": str(run.folder)},
        signature=signature,
        pip_requirements=[f"deepmir=={VERSION}"],
    )

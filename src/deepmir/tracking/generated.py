"""Runs of generators, each completed with its judgement in the experiment of its kind."""

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from deepmir import paths
from deepmir.models.card import CARD
from deepmir.report.generated import Judged
from deepmir.tracking import experiments, sending
from deepmir.tracking.journal import Journal
from deepmir.workflow import benchmarks

if TYPE_CHECKING:
    from mlflow import MlflowClient


def complete(
    client: "MlflowClient", judged: Judged, source: Journal | None, sent: Mapping[str, str]
) -> bool:
    """Bring the run of a generator up to date; returns whether anything had to be done.

    Args:
        client: of the store.
        judged: the generator.
        source: the journal of its training; None if it was trained elsewhere.
        sent: the runs of journals, by name.
    """
    import mlflow

    experiment = experiments.get(client, judged.entry.kind)
    mark = fingerprint(judged)
    if client.search_runs([experiment], f"tags.fingerprint = '{mark}'", max_results=1):
        return False
    run, end = _run(client, judged, experiment, source, sent)
    scores = {f"test/{name}": each["mean"] for name, each in judged.raw["metrics"].items()}
    seconds = source.seconds if source else benchmarks.training_seconds(judged.name)
    with mlflow.start_run(run_id=run):
        mlflow.log_metrics(scores | ({} if seconds is None else {"training seconds": seconds}))
        mlflow.log_artifacts(str(paths.judgement(judged.name).parent), "judgement")
        mlflow.log_artifact(str(judged.entry.folder / CARD))
        mlflow.log_artifact(str(judged.entry.folder / "history.csv"))
        score = judged.score
        tags = {
            **{key: judged.raw[key] for key in ("dataset", "data_hash", "split_hash")},
            "task": judged.entry.kind,
            "kind": "generator",
            "score": f"{score['mean']:.3f} [{score['low']:.3f}, {score['high']:.3f}]",
            "fingerprint": mark,
        }
        mlflow.set_tags(tags)
    client.set_terminated(run, "FINISHED", end)
    return True


def fingerprint(judged: Judged) -> str:
    """Hash that identifies a run; the judgement names the weights."""
    return hashlib.sha256(json.dumps(judged.raw, sort_keys=True).encode()).hexdigest()[:16]


def _run(
    client: "MlflowClient",
    judged: Judged,
    experiment: str,
    source: Journal | None,
    sent: Mapping[str, str],
) -> tuple[str, int]:
    """The run of the journal unless it has a judgement, or a new one; and its end time."""
    if source and (end := source.ended):
        run = sent[source.name]
        if "fingerprint" in client.get_run(run).data.tags:
            run = sending.create(client, source)
            sending.log(client, run, source.values())
        return run, int(end["time"])
    time = int((judged.entry.folder / CARD).stat().st_mtime * 1000)
    tags = sending.origin(judged.name)
    made = client.create_run(experiment, start_time=time, run_name=judged.name, tags=tags)
    sending.log_parameters(client, made.info.run_id, judged.raw["declaration"])
    return str(made.info.run_id), time

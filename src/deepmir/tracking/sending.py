"""Sending of a journal to MLflow: as it grows, and once more at the end of the pipeline.

Sending twice changes nothing: a value has the time at which it was recorded, and MLflow removes
exact duplicates.
"""

import getpass
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deepmir.tracking import experiments, journal, store
from deepmir.tracking.journal import LOCK, Journal
from deepmir.workflow import provenance

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

JOURNAL = "deepmir.journal"  # the tag that identifies a run
SEARCH = "search."  # prefix of the tag of a search, whose value is the setting of a trial
BATCH = 1000  # maximum number of values per request to MLflow
LONGEST = 500  # characters of an error in a tag


class Sender:
    """Sends one journal, with its new values on each call."""

    def __init__(self, source: Journal) -> None:
        """Start with nothing sent."""
        self.journal = source
        self.run = ""
        self._sent: set[tuple[str, int]] = set()

    def send(self, alive: bool) -> None:
        """Send new values, and how the training ended if it has.

        Args:
            alive: whether the training is running; one that is not, and did not record its end, was
                killed.

        Raises:
            DeepmirError: when there is no store to send to.
        """
        with store.opened() as client:
            if not self.run:
                found = _run_of(client, self.journal)
                self.run = found.info.run_id if found else create(client, self.journal)
                if alive:
                    client.update_run(self.run, status="RUNNING")
            values = self.journal.values()
            log(client, self.run, [v for v in values if (v.name, v.step) not in self._sent])
            self._sent |= {(value.name, value.step) for value in values}
            if not alive:
                _end(client, self.run, self.journal)


def create(client: "MlflowClient", source: Journal) -> str:
    """Create a run for a journal, with what is known at the start; returns its id."""
    about = source.about
    tags = {key: about[key] for key in ("task", "dataset", "kind")}
    tags |= {f"{SEARCH}{name}": values for name, values in about.get("search", {}).items()}
    run = client.create_run(
        experiments.get(client, about["task"]),
        start_time=about["started"],
        run_name=about["name"],
        tags={**tags, **origin(about["name"]), JOURNAL: source.name},
    )
    log_parameters(client, run.info.run_id, about["declaration"])
    return str(run.info.run_id)


def origin(name: str) -> dict[str, str]:
    """The tags for the origin of a run, as set by MLflow's own functions."""
    return {
        "mlflow.source.name": f"deepmir train {name}",
        "mlflow.source.type": "LOCAL",
        "mlflow.source.git.commit": provenance.commit(),
        "mlflow.user": getpass.getuser(),
    }


def log(client: "MlflowClient", run: str, values: Sequence[journal.Value]) -> None:
    """Send values to a run."""
    from mlflow.entities import Metric

    metrics = [Metric(*value) for value in values]
    for start in range(0, len(metrics), BATCH):
        client.log_batch(run, metrics[start : start + BATCH])


def log_parameters(client: "MlflowClient", run: str, declaration: Mapping[str, Any]) -> None:
    """Send the declaration in params.yaml."""
    from mlflow.entities import Param

    client.log_batch(run, params=[Param(k, str(v)) for k, v in _flat(declaration).items()])


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested declarations with keys such as `training.epochs`."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


def _end(client: "MlflowClient", run: str, source: Journal) -> None:
    end = source.ended or {"time": source.last, "status": "KILLED", "error": ""}
    if end["error"]:
        client.set_tag(run, "error", end["error"][:LONGEST])
    client.set_terminated(run, end["status"], end["time"])


def send_all() -> dict[str, str]:
    """Send every journal of this pipeline that MLflow does not have completely.

    One that another process is sending, because its training is running, is left to that.

    Returns:
        The id of the run of each journal that has ended, by the name of the journal.
    """
    from filelock import FileLock, Timeout

    found = {}
    for each in journal.every():
        end, sender = each.ended, Sender(each)
        with store.opened() as client:
            run = _run_of(client, each)
        if run and end and (run.info.status, run.info.end_time) == (end["status"], end["time"]):
            found[each.name] = run.info.run_id
            continue
        try:
            # A training that has just ended may still be reporting it.
            with FileLock(each.folder / LOCK, timeout=60 if end else 0):
                sender.send(alive=False)
                found[each.name] = sender.run
        except Timeout:
            continue
    return found


def _run_of(client: "MlflowClient", source: Journal) -> "Run | None":
    """The first run of a journal, even if a person has deleted it: it stays deleted."""
    from mlflow.entities import ViewType

    found = client.search_runs(
        [experiments.get(client, source.about["task"])],
        f"tags.`{JOURNAL}` = '{source.name}'",
        run_view_type=ViewType.ALL,
        order_by=["attributes.start_time"],
    )
    return found[0] if found else None

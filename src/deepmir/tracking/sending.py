"""A journal sent to MLflow: as it grows, and once more when the line is done.

Sending the same twice changes nothing: a value has the time at which it was written down, and
MLflow keeps one of those that are the same in all.
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

JOURNAL = "deepmir.journal"  # the tag by which a run is found again
SEARCH = "search."  # start of the tag of a search, whose value is what a trial of it tries
BATCH = 1000  # the most values that MLflow takes at once
LONGEST = 500  # characters of an error in a tag


class Sender:
    """Sends one journal, each time what is new in it."""

    def __init__(self, source: Journal) -> None:
        """Nothing is sent yet."""
        self.journal = source
        self.run = ""
        self._sent: set[tuple[str, int]] = set()

    def send(self, alive: bool) -> None:
        """Send what is new, and how the training ended if it has.

        Args:
            alive: whether the training is at work: one that is not, and did not say how it ended,
                was killed.

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
    """A run for a journal, with what is known when a training begins; returns its id."""
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
    """The tags that say what made a run, as MLflow's own functions set them."""
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
    """Send what params.yaml declares."""
    from mlflow.entities import Param

    client.log_batch(run, params=[Param(k, str(v)) for k, v in _flat(declaration).items()])


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested declarations as `training.epochs`."""
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
    """Send every journal of this line that MLflow does not have to its end.

    One that another process is sending, since its training is at work, is left to that.

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
            # What has just ended may be in the middle of telling so.
            with FileLock(each.folder / LOCK, timeout=60 if end else 0):
                sender.send(alive=False)
                found[each.name] = sender.run
        except Timeout:
            continue
    return found


def _run_of(client: "MlflowClient", source: Journal) -> "Run | None":
    """The first run of a journal, even where a person has deleted it: it stays so."""
    from mlflow.entities import ViewType

    found = client.search_runs(
        [experiments.get(client, source.about["task"])],
        f"tags.`{JOURNAL}` = '{source.name}'",
        run_view_type=ViewType.ALL,
        order_by=["attributes.start_time"],
    )
    return found[0] if found else None

"""The MLflow experiment of a task, and its view on MLflow's page.

MLflow 3 treats an experiment of unknown kind as one of language models, and shows no tags or
metrics in the table of runs until somebody selects them. Tags of the experiment change that: its
kind, a note, and a saved view, in the format of the page's own "Save view".
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from deepmir import generators, paths, tasks
from deepmir.declarations.generators import KINDS
from deepmir.errors import DeepmirError
from deepmir.report import glossary
from deepmir.tasks import names
from deepmir.tasks.base import Metric
from deepmir.tracking import store

if TYPE_CHECKING:
    from mlflow import MlflowClient

SAVED = "mlflow.sharedViewState."  # prefix of the tag of a view
PAGE = "workflowType=machine_learning"  # by default MLflow 3 shows the page for language models
VIEW = "deepmir"  # name of the saved view in a URL
COLUMNS = {  # with widths in pixels; the duration of a run is its training time
    "attributes.`Duration`": 80,
    "tags.`score`": 160,
    "tags.`dataset`": 90,
    "tags.`task`": 80,
    "tags.`kind`": 80,
}


def get(client: "MlflowClient", name: str) -> str:
    """The id of the experiment of a task, which is created if necessary.

    Raises:
        DeepmirError: when the database of this pipeline was moved here from another folder.
    """
    found = client.get_experiment_by_name(name)
    if found is None:
        found = client.get_experiment(_create(client, name))
    # MLflow's paths of artifacts are absolute.
    if not store.shared() and found.artifact_location != _artifacts(name):
        raise DeepmirError(
            f"{store.STORE} was made in another folder ({found.artifact_location}): delete "
            f"{store.STORE} and run `{paths.snakemake(str(store.RECORD))}`, which rebuilds it "
            "from the line's files"
        )
    for key, value in _tags(_described(name)).items():
        if found.tags.get(key) != value:
            client.set_experiment_tag(found.experiment_id, key, value)
    return str(found.experiment_id)


class Described(Protocol):
    """A task, or a kind of generator."""

    @property
    def name(self) -> str:
        """As in `params.yaml`."""

    @property
    def primary(self) -> str:
        """The primary metric."""

    @property
    def measures(self) -> Mapping[str, Metric]:
        """The description of each metric."""


def _described(name: str) -> Described:
    return tasks.get(name) if name in names.NAMES else generators.get(name)


def _create(client: "MlflowClient", name: str) -> str:
    from mlflow import MlflowException

    try:
        place = None if store.shared() else _artifacts(name)  # a server decides itself
        return str(client.create_experiment(name, artifact_location=place))
    except MlflowException:
        found = client.get_experiment_by_name(name)  # another process was first
        if found is None:
            raise
        return str(found.experiment_id)


def _artifacts(name: str) -> str:
    return (store.ARTIFACTS / name).resolve().as_uri()


def addresses(server: str) -> dict[str, str]:
    """The URLs of each task's runs on a server, in the saved view."""
    with store.opened() as client:
        found = {one.name: one for one in client.search_experiments()}
    start, view = f"{server.rstrip('/')}/#/experiments", f"runs?{PAGE}&viewStateShareKey={VIEW}"
    return {
        name: f"{start}/{found[name].experiment_id}/{view}"
        for name in (*names.NAMES, *KINDS)
        if name in found and f"{SAVED}{VIEW}" in found[name].tags
    }


def _tags(task: Described) -> dict[str, str]:
    return {
        "mlflow.experimentKind": "custom_model_development",
        "mlflow.note.content": _note(task),
        f"{SAVED}{VIEW}": json.dumps(_view(task), sort_keys=True),
    }


def _note(task: Described) -> str:
    """The description of the task and its metrics, in Markdown."""
    named = glossary.task(task.name)
    lines = [f"{named.title}: {named.meaning}", ""]
    for name, measure in task.measures.items():
        term = glossary.metric(task.name, name, measure)
        mark = " (systems are ranked by it)" if name == task.primary else ""
        lines.append(f"- `test/{name}`: {term.title}{mark}. {term.meaning}".rstrip())
    lines += [
        "- `validation/...`: the same on the validation part, after every epoch.",
        "- `score`: mean over test tracks, with its bootstrap interval.",
        "- `health/...`: of every layer, by `training.health`.",
    ]
    return "\n".join(lines)


def _view(task: Described) -> dict[str, Any]:
    """Columns, order and charts of the page, in the format of its own "Save view"."""
    primary = f"test/{task.primary}"
    columns = [*COLUMNS, f"metrics.`{primary}`"]
    curves = [f"validation/{task.primary}", "validation/loss", "train/loss", "learning_rate"]
    charts = [_chart("curves", name, "LINE") for name in curves]
    charts += [_chart("test", f"test/{name}", "BAR") for name in task.measures]
    state = {
        "searchFilter": "",
        "orderByKey": f"metrics.`{primary}`",
        "orderByAsc": task.measures[task.primary].better == "less",
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
        "selectedColumns": columns,
        "columnOrder": columns,
        "columnWidths": COLUMNS,
        "runsHiddenMode": "SHOW_ALL",
        "compareRunCharts": charts,
        "compareRunSections": [
            _section("curves", "Learning curves"),
            _section("test", "Test scores"),
        ],
        "isAccordionReordered": True,
        "autoRefreshEnabled": True,
        "hideEmptyCharts": True,
    }
    return {"name": "Scores", "createdAt": 0, "updatedAt": 0, "state": json.dumps(state)}


def _section(identity: str, name: str) -> dict[str, Any]:
    fixed = {"display": True, "isReordered": True, "deleted": False, "isGenerated": False}
    return {"uuid": identity, "name": name, **fixed}


def _chart(section: str, metric: str, kind: str) -> dict[str, Any]:
    chart = {
        "uuid": f"{section}-{metric}",
        "type": kind,
        "runsCountToCompare": 100,
        "metricSectionId": section,
        "deleted": False,
        "isGenerated": False,
        "metricKey": metric,
    }
    if kind == "BAR":
        return chart
    return {
        **chart,
        "selectedMetricKeys": [metric],
        "xAxisKey": "step",
        "selectedXAxisMetricKey": "",
        "xAxisScaleType": "linear",
        "yAxisKey": "metric",
        "yAxisExpressions": [],
        "scaleType": "linear",
        "lineSmoothness": 0,
        "range": {},
        "ignoreOutliers": False,
        "useGlobalXaxisKey": False,
        "useGlobalLineSmoothing": True,
    }

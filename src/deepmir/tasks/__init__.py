"""The tasks of the tutorial's Table 1, one file each. See `tasks/base.py` for their five parts."""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from deepmir.errors import DeepmirError

if TYPE_CHECKING:
    from deepmir.declarations.schema import Baseline, Experiment
    from deepmir.tasks.base import Task


def get(name: str, labels: Sequence[str] = ()) -> "Task":
    """The task of a name; its module alone is imported, so that it alone is the code of a run.

    Args:
        name: one of :data:`deepmir.tasks.names.NAMES`.
        labels: another vocabulary, for a task whose data decide it (genre, tags, instruments).

    Raises:
        DeepmirError: when the task has the same labels always.
    """
    task: Task = importlib.import_module(f"deepmir.tasks.{name}").TASK
    if not labels:
        return task
    if "labels" not in {field.name for field in fields(task)}:  # type: ignore[arg-type]
        raise DeepmirError(f"labels: the task {name} has its own and takes no others")
    return replace(task, labels=tuple(labels))  # type: ignore[type-var]


def of(entry: "Experiment | Baseline") -> "Task":
    """The task of an experiment or baseline, with the labels and auxiliary tasks it declares."""
    return sharing(get(entry.task, entry.labels), getattr(entry, "auxiliary", {}))


def sharing(main: "Task", auxiliary: Mapping[str, float]) -> "Task":
    """A task and those that share its network, by name with the weights of their losses.

    Raises:
        DeepmirError: when the task is among those that share its network, or they cannot.
    """
    if not auxiliary:
        return main
    if main.name in auxiliary:
        raise DeepmirError(f"auxiliary.{main.name} is the task itself: leave it out")
    from deepmir.tasks.combined import Combined

    return Combined(main, tuple((get(name), weight) for name, weight in auxiliary.items()))

"""The tasks of the tutorial's Table 1, one file each. See `tasks/base.py` for their five parts."""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Protocol

from deepmir.errors import DeepmirError

if TYPE_CHECKING:
    from deepmir.tasks.base import Task


class Entry(Protocol):
    """The task-related declarations of an experiment or baseline, with any `auxiliary` tasks."""

    @property
    def task(self) -> str:
        """The name of the task."""

    @property
    def labels(self) -> Sequence[str]:
        """A custom vocabulary; empty for the task's own."""


def get(name: str, labels: Sequence[str] = ()) -> "Task":
    """The task with a name; only its module is imported, so only that is the code of a run.

    Args:
        name: one of :data:`deepmir.tasks.names.NAMES`.
        labels: a custom vocabulary, for a task that depends on the data (genre, tags, instruments).

    Raises:
        DeepmirError: when the file of the task is missing or lacks a part; when the labels of the
            task are fixed.
    """
    task = _registered(name)
    if not labels:
        return task
    if "labels" not in {field.name for field in fields(task)}:  # type: ignore[arg-type]
        raise DeepmirError(f"labels: the task {name} has its own and takes no others")
    return replace(task, labels=tuple(labels))  # type: ignore[type-var]


def _registered(name: str) -> "Task":
    """The `TASK` of the file of that name, which must be complete and have its name."""
    file = f"tasks/{name}.py"
    if not name.isidentifier():  # in a card that was edited
        raise DeepmirError(f"there is no task {name!r}")
    try:
        task: Task | None = getattr(importlib.import_module(f"deepmir.tasks.{name}"), "TASK", None)
    except ModuleNotFoundError as error:
        if error.name != f"deepmir.tasks.{name}":
            raise
        raise DeepmirError(f"there is no task {name}: {file} is missing") from None
    if task is None:
        raise DeepmirError(f"{file} does not end with `TASK = ...`, an instance of its class")
    if task.name != name:
        raise DeepmirError(f"{file}: the name of its task is {task.name!r}: it must be {name!r}")
    return task


def of(entry: Entry) -> "Task":
    """The task of an experiment or baseline, with the labels and auxiliary tasks it declares."""
    return sharing(get(entry.task, entry.labels), getattr(entry, "auxiliary", {}))


def sharing(main: "Task", auxiliary: Mapping[str, float]) -> "Task":
    """A task with those that share its network, by name with the weights of their losses.

    Raises:
        DeepmirError: when the task is one of those that share its network, or they cannot share it.
    """
    if not auxiliary:
        return main
    if main.name in auxiliary:
        raise DeepmirError(f"auxiliary.{main.name} is the task itself: leave it out")
    from deepmir.tasks.combined import Combined

    return Combined(main, tuple((get(name), weight) for name, weight in auxiliary.items()))


def parts(task: "Task") -> "dict[str, tuple[Task, slice]]":
    """A task with those that share its network, by name, each with its slice of the outputs."""
    from deepmir.tasks.combined import Combined

    if isinstance(task, Combined):
        return task.parts
    return {task.name: (task, slice(0, task.output.width))}

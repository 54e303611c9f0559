"""A task is one file and one name, and anything missing is reported at once."""

import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from deepmir import tasks
from deepmir.errors import DeepmirError
from deepmir.tasks import names
from deepmir.tasks.base import Task
from deepmir.tasks.mode import TASK as MODE

ABSTRACT = ("decoder", "deformations", "measures", "metrics", "name", "namespaces", "output")
ABSTRACT += ("primary", "target", "time_varying")
NOT_TASKS = {"__init__", "base", "output", "names", "combined"}


def test_every_file_is_a_task_and_every_task_has_a_file():
    files = {path.stem for path in Path(names.__file__).parent.glob("*.py")} - NOT_TASKS
    assert files == {*names.NAMES}


@pytest.mark.parametrize("part", ABSTRACT)
def test_a_task_without_a_part_is_refused_by_the_name_of_the_part(part):
    parts = {name: getattr(MODE, name) for name in ABSTRACT if name != part}
    with pytest.raises(DeepmirError, match=f"the task Waltz has no {part}: see"):
        dataclass(type("Waltz", (Task,), parts))()


def test_what_is_registered_and_not_there_is_named(monkeypatch):
    with pytest.raises(DeepmirError, match="there is no task waltz: tasks/waltz.py is missing"):
        tasks.get("waltz")
    empty = ModuleType("waltz")
    monkeypatch.setitem(sys.modules, "deepmir.tasks.waltz", empty)
    with pytest.raises(DeepmirError, match=r"tasks/waltz.py does not end with `TASK = ...`"):
        tasks.get("waltz")
    empty.TASK = MODE
    with pytest.raises(DeepmirError, match="is 'mode': it must be 'waltz'"):
        tasks.get("waltz")

"""A baseline is one file and one row, and anything missing is reported at once."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from deepmir import baselines
from deepmir.baselines import methods
from deepmir.errors import DeepmirError
from deepmir.tasks.names import NAMES

HELPERS = {"__init__", "methods"}


def test_every_file_has_a_row_and_every_row_a_file():
    files = {path.stem for path in Path(methods.__file__).parent.glob("*.py")} - HELPERS
    assert files == {*methods.TASKS}
    assert {task for of in methods.TASKS.values() for task in of} <= {*NAMES}


@pytest.mark.parametrize("name", methods.TASKS)
def test_a_method_learns_if_it_has_a_fit(name):
    assert methods.learns(name) == isinstance(baselines.get(name), baselines.Learned)


def test_what_is_registered_and_not_there_is_named(monkeypatch):
    with pytest.raises(DeepmirError, match="has the method hum, but there is no baselines/hum.py"):
        baselines.get("hum")
    monkeypatch.setitem(sys.modules, "deepmir.baselines.hum", ModuleType("hum"))
    with pytest.raises(DeepmirError, match=r"baselines/hum.py has no function annotator\("):
        baselines.get("hum")

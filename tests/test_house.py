"""The package structure: every package on its own level, no cycles, no upward imports."""

import functools
import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[1]


def script():
    """`scripts/structure.py` as a module."""
    spec = importlib.util.spec_from_file_location("structure", ROOT / "scripts/structure.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


structure = script()


@functools.cache
def imports():
    return structure.graph(ROOT / "src")


def test_every_room_has_its_floor():
    assert {*structure.rooms(imports())} == {*structure.FLOORS}


def test_no_module_imports_from_a_higher_floor():
    assert structure.upward(imports()) == []


def test_no_imports_go_in_a_circle():
    assert structure.circles(imports()) == []
    assert structure.circles(structure.rooms(imports())) == []


def test_a_circle_and_an_upward_import_are_found():
    crooked = {
        "deepmir.files.a": frozenset({"deepmir.tasks.b"}),
        "deepmir.tasks.b": frozenset({"deepmir.files.a"}),
        "deepmir.cli": frozenset({"deepmir.tasks.b"}),
    }
    assert structure.upward(crooked) == [("deepmir.files.a", "deepmir.tasks.b")]
    assert structure.circles(crooked) == [["deepmir.files.a", "deepmir.tasks.b"]]

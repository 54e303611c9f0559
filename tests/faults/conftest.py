import os
import shutil
from pathlib import Path

import faulty_line
import pytest


@pytest.fixture(scope="session")
def whole(prepared, tmp_path_factory):
    """The folder of a complete pipeline."""
    before = Path.cwd()
    root = tmp_path_factory.mktemp("whole") / "line"
    try:
        faulty_line.write(root, prepared)
    finally:
        os.chdir(before)
    return root


@pytest.fixture
def line(whole, tmp_path, monkeypatch):
    """A copy of it; MLflow stores the path of its folder, so its store is made again."""
    root = tmp_path / "line"
    shutil.copytree(whole, root, ignore=shutil.ignore_patterns("mlruns"))
    monkeypatch.chdir(root)
    return root

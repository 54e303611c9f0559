import functools
import os
import shutil

# Before any library counts the cores: workers share them, and threads that wait take them, too.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
from hypothesis import settings

# How long an example takes is a matter of the machine, not of the code. The same examples are drawn
# in every run, so that a change fails by what it changes; `pytest --hypothesis-profile random`
# looks for new ones, and what it finds becomes an `@example`.
settings.register_profile("deepmir", deadline=None, derandomize=True)
settings.register_profile("random", deadline=None, derandomize=False)
settings.load_profile("deepmir")


def pytest_collection_modifyitems(items):
    """Run the longest files first; the other worker runs the rest meanwhile."""
    marks = ("end_to_end", "slow")
    items.sort(key=lambda item: [item.get_closest_marker(mark) is None for mark in marks])


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@functools.cache
def _music(sample_rate, seconds):
    """Decaying harmonic notes and a little noise: transients, partials and silence between them."""
    rng = np.random.default_rng(2017)
    time = np.arange(int(sample_rate * seconds)) / sample_rate
    samples = 0.002 * rng.standard_normal(len(time))
    for onset in np.arange(0.1, seconds - 0.3, 0.3):
        fundamental = 440 * 2 ** ((rng.integers(36, 84) - 69) / 12)
        since = np.maximum(time - onset, 0)
        for partial in range(1, 9):
            if partial * fundamental < sample_rate / 2:
                tone = np.sin(2 * np.pi * partial * fundamental * since)
                samples += (time >= onset) * np.exp(-4 * since) * tone / partial
    samples = (0.9 * samples / np.abs(samples).max()).astype(np.float32)
    samples.setflags(write=False)
    return samples


@pytest.fixture(scope="session")
def music():
    return _music


@pytest.fixture(scope="session")
def error():
    """Relative L2 error."""
    return lambda got, wanted: np.linalg.norm(got - wanted) / np.linalg.norm(wanted)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """The folder of a tiny pipeline with indexed recordings and computed features."""
    import tiny

    root = tmp_path_factory.mktemp("tiny")
    with pytest.MonkeyPatch.context() as patch:
        tiny.write(root)
        patch.chdir(root)
        tiny.prepare(tiny.load())
    return root


@pytest.fixture
def root(prepared, tmp_path, monkeypatch):
    """A copy of the prepared pipeline, to work in."""
    shutil.copytree(prepared, tmp_path / "line")
    monkeypatch.chdir(tmp_path / "line")
    return tmp_path / "line"

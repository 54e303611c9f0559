import pytest
import untrained

import chromium


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    with chromium.started(tmp_path_factory.mktemp("chromium")) as driver:
        driver.set_script_timeout(30)
        yield driver


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return untrained.save_all(tmp_path_factory.mktemp("models"))


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for library in ("OPENBLAS", "OMP", "MKL"):  # the command sets them
        monkeypatch.setenv(f"{library}_NUM_THREADS", "1")
    return tmp_path

import mlflow_server
import pytest

import tiny
from deepmir.tracking import store


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """The URL of an MLflow server shared by all tests."""
    with mlflow_server.started(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def declared(tmp_path, monkeypatch):
    """A folder with only declarations."""
    (tmp_path / "params.yaml").write_text(tiny.DECLARED)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(store.ADDRESS, raising=False)
    return tmp_path

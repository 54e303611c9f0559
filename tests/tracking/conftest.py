import mlflow_server
import pytest

from deepmir.tracking import store


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """The address of an MLflow server: one for all tests."""
    with mlflow_server.started(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def server(shared, monkeypatch):
    """The server, named as a group names it."""
    monkeypatch.setenv(store.ADDRESS, shared)
    return shared

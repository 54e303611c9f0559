"""The store of the runs: the server in `MLFLOW_TRACKING_URI`, or a database of this pipeline."""

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from typing import TYPE_CHECKING

from deepmir import paths
from deepmir.errors import DeepmirError
from deepmir.files.writing import NO_ROOM, is_full

if TYPE_CHECKING:
    from mlflow import MlflowClient

STORE = paths.MLFLOW
DATABASE = STORE / "mlflow.db"
ARTIFACTS = STORE / "artifacts"
RECORD = STORE / "tracked.json"
ADDRESS = "MLFLOW_TRACKING_URI"
WAIT = 10.0  # seconds to wait for another process to finish writing


def shared() -> str:
    """The URI of the server in the environment; empty without one."""
    return os.environ.get(ADDRESS, "")


def address() -> str:
    """The URI of the store, as in MLflow."""
    return shared() or f"sqlite:///{DATABASE.resolve()}"


@contextmanager
def opened() -> Iterator["MlflowClient"]:
    """MLflow, ready for writing; a database of this pipeline, by one process at a time.

    Raises:
        DeepmirError: when the server does not answer, or the database cannot be used.
    """
    from filelock import FileLock

    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    # By default MLflow retries for minutes; all senders retry later anyway.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
    remote = shared()
    if not remote:
        STORE.mkdir(exist_ok=True)
    with nullcontext() if remote else FileLock(STORE / ".lock"):
        import mlflow

        logging.getLogger("mlflow").setLevel(logging.WARNING)
        mlflow.set_tracking_uri(address())
        if not remote:
            os.environ.pop(ADDRESS, None)  # MLflow has set it, as if a person had
        _refuse_unusable(remote)
        with _named():
            yield mlflow.MlflowClient()


@contextmanager
def _named() -> Iterator[None]:
    """Report errors of a database of this pipeline in one line."""
    try:
        yield
    except Exception as error:  # SQLAlchemy's own, among others
        if is_full(error):
            raise DeepmirError(f"{STORE}: {NO_ROOM}") from None
        if (reason := _of_sqlite(error)) is None:
            raise
        raise DeepmirError(
            f"{DATABASE} cannot be written ({reason}): free some space or make it writable, "
            "and run again"
        ) from None


def _of_sqlite(error: BaseException | None) -> sqlite3.OperationalError | None:
    """The SQLite error that caused another one, if any."""
    while error is not None and not isinstance(error, sqlite3.OperationalError):
        error = error.__cause__ or error.__context__
    return error


def _refuse_unusable(remote: str) -> None:
    """Ask SQLite, then MLflow, whether it can be used; MLflow alone would print tracebacks.

    Raises:
        DeepmirError: when it cannot.
    """
    import mlflow

    if not remote and not DATABASE.exists():
        return
    try:
        if not remote:
            with closing(sqlite3.connect(DATABASE, timeout=WAIT)) as store:
                store.execute("BEGIN IMMEDIATE")
                store.rollback()
        mlflow.search_experiments(max_results=1)
    except sqlite3.OperationalError as error:
        raise DeepmirError(
            f"{DATABASE} cannot be written ({error}): close whatever uses it, such as "
            "`make dashboard`, or make it writable, and run again"
        ) from None
    except (sqlite3.DatabaseError, mlflow.MlflowException) as error:
        said = " ".join(str(error).split())
        if remote:
            raise DeepmirError(
                f"{ADDRESS}: {remote} does not answer ({said[:200]}): all runs are kept "
                "in this folder; when it answers, send them with "
                f"`{paths.deepmir('track')}`"
            ) from None
        raise DeepmirError(
            f"{DATABASE} cannot be used ({said}): delete {STORE} and run "
            f"`{paths.snakemake(str(RECORD))}`, which rebuilds it from the line's files"
        ) from None

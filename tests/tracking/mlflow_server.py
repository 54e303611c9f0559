"""A real MLflow server, backed by PostgreSQL if that is installed."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from deepmir.tracking import store

POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
DRIVER = Path("/usr/lib/python3/dist-packages/psycopg2")  # of Debian


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def person():
    """PostgreSQL refuses to run as root: in a container it runs as nobody."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}


@contextmanager
def postgres():
    """The URL of a database in a private cluster on the loopback interface."""
    tools, port = POSTGRES[-1].parent, free_port()
    with tempfile.TemporaryDirectory() as place:  # pytest keeps its folders to itself
        if person():
            shutil.chown(place, "nobody", "nogroup")
        setting = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/", **person()}
        data = ["-D", f"{place}/data"]
        subprocess.run([tools / "initdb", *data, "-U", "mlflow", "-A", "trust", "-N"], **setting)
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {place} -c fsync=off"
        start = [tools / "pg_ctl", *data, "-w", "-o", options, "-l", f"{place}/log", "start"]
        subprocess.run(start, **setting)
        try:
            yield f"postgresql://mlflow@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([tools / "pg_ctl", *data, "-m", "immediate", "stop"], **setting)


@contextmanager
def database(folder):
    """PostgreSQL if installed, else SQLite; and the path of its Python driver."""
    known = importlib.util.find_spec("psycopg2")
    if POSTGRES and (known or DRIVER.is_dir()):
        drivers = folder / "drivers"
        drivers.mkdir()
        if not known:
            (drivers / "psycopg2").symlink_to(DRIVER)
        with postgres() as address:
            yield address, str(drivers)
    else:
        yield f"sqlite:///{folder}/shared.db", ""


def answers(address):
    try:
        with urllib.request.urlopen(address, timeout=5) as page:
            return page.status == 200
    except OSError:
        return False


def until(condition, seconds=60):
    """Wait for a condition, and return its value."""
    over = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < over
        time.sleep(0.1)
    return found


@contextmanager
def started(folder):
    """The URL of an MLflow server that stores artifacts, as for a group."""
    port = free_port()
    with database(folder) as (address, drivers), (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "mlflow", "server", "--workers", "1", "--serve-artifacts"]
        command += ["--host", "127.0.0.1", "--port", str(port), "--backend-store-uri", address]
        command += ["--artifacts-destination", str(folder / "artifacts")]
        light = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
        path = os.pathsep.join(filter(None, (drivers, os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, **light, "PYTHONPATH": path}
        environment.pop(store.ADDRESS, None)
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment)
        try:
            until(lambda: answers(f"http://127.0.0.1:{port}/health"), 600)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)

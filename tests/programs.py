"""Programs of the environment that start instantly, for tests that start many of them.

Half of the time of a short command is spent importing. Here one process imports the libraries and
`deepmir`, and each command is a fork of it, with its own arguments, folder, environment and files.
A command whose environment has other sources of `deepmir` imports these anew.

First-time user actions are tested by starting the real programs.
"""

import array
import atexit
import contextlib
import functools
import importlib
import json
import os
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SOURCES = Path(__file__).parent.parent / "src"
NAMES = ("deepmir", "snakemake", "dvc")
LIBRARIES = (
    *("numpy", "scipy.signal", "scipy.ndimage", "h5py", "pydantic", "yaml", "jinja2"),
    *("mir_eval", "torch", "lightning.pytorch", "mlflow", "matplotlib.figure"),
    *("snakemake.cli", "snakemake.api", "dvc.cli", "dvc.repo"),
)
OWN = (
    *("deepmir.cli", "deepmir.workflow.availability", "deepmir.workflow.stages"),
    *("deepmir.declarations.entries", "deepmir.declarations.generated", "deepmir.features.compute"),
    *("deepmir.features.duplicates", "deepmir.training.loop", "deepmir.training.fitting"),
    *("deepmir.evaluation.prediction", "deepmir.evaluation.scoring", "deepmir.report"),
    *("deepmir.report.sweep_page", "deepmir.tracking.runs"),
)
STANDARD = 3  # input, output, errors

CLIENT = """#!{python} -ISE
import array, json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
wanted = {{"program": {program!r}, "arguments": sys.argv[1:], "cwd": os.getcwd(),
          "environment": dict(os.environ)}}
files = array.array("i", [0, 1, 2])
server.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
server.sendall(json.dumps(wanted).encode() + b"\\n")
sys.exit(int(server.makefile().readline() or 1))
"""


def environment(sources: Path = SOURCES, imported: Path = SOURCES) -> dict[str, str]:
    """The environment in which `deepmir`, `snakemake` and `dvc` are such programs.

    Args:
        sources: the folder of the packages.
        imported: those shared by the commands; a command with others imports its own.
    """
    here = [str(_folder(imported)), str(Path(sys.executable).parent), os.environ["PATH"]]
    return {**os.environ, "PATH": os.pathsep.join(here), "PYTHONPATH": str(sources)}


def run(command: list[str], folder: Path, sources: Path = SOURCES, status: int = 0) -> str:
    """Run a command in that environment, check its exit status, and return its output."""
    done = subprocess.run(
        command, cwd=folder, env=environment(sources), capture_output=True, text=True, check=False
    )
    assert done.returncode == status, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@functools.cache
def _folder(imported: Path) -> Path:
    """The folder of the programs. They end with this process, and share one import."""
    folder = Path(tempfile.mkdtemp())  # the address of a socket has to be short
    address = str(folder / "socket")
    for name in NAMES:
        program = shutil.which(name, path=str(Path(sys.executable).parent))
        assert program is not None, name
        client = folder / name
        client.write_text(CLIENT.format(python=sys.executable, address=address, program=program))
        client.chmod(0o755)
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, __file__, address, str(imported)]
    process = subprocess.Popen(command, env=alone, stdin=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not Path(address).exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    return folder


def serve(address: str, imported: str) -> None:
    """Fork a process for every requested program."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who waits for a program is its own process
    asked = _next(listener)
    sys.path[0] = imported
    for name in (*LIBRARIES, *OWN):
        importlib.import_module(name)
    from deepmir.workflow import closure

    for path in Path(imported).rglob("*.py"):  # as every start of Snakemake does
        closure._read(path)
    assert threading.active_count() == 1, threading.enumerate()  # a fork would lose the others
    while True:
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _start(asked, imported)
        asked.close()
        asked = _next(listener)


def _next(listener: socket.socket) -> socket.socket:
    """Accept the next request; exits with the parent process, whose pipe then closes."""
    ready, _, _ = select.select([listener, sys.stdin], [], [])
    if sys.stdin in ready:
        shutil.rmtree(Path(listener.getsockname()).parent)
        os._exit(0)
    return listener.accept()[0]


def _start(asked: socket.socket, imported: str) -> None:
    """Act as the parent of one program, and report how it ended to the caller."""
    _, sent, _, _ = asked.recvmsg(1, socket.CMSG_SPACE(STANDARD * array.array("i").itemsize))
    files = array.array("i")
    files.frombytes(sent[0][2])
    stream = asked.makefile("rw")
    wanted = json.loads(stream.readline())
    child = os.fork()
    if child == 0:
        asked.close()
        for place, file in enumerate(files):
            os.dup2(file, place)
            os.close(file)
        if wanted["environment"].get("PYTHONPATH", "").split(os.pathsep)[0] != imported:
            _forget()
        os._exit(_run(**wanted))
    for file in files:
        os.close(file)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    with contextlib.suppress(BrokenPipeError):
        stream.write(f"{code if code >= 0 else 128 - code}\n")
        stream.flush()
    os._exit(0)


def _forget() -> None:
    """Reset to an interpreter that has only imported libraries."""
    for name in [*sys.modules]:
        if name.partition(".")[0] in ("deepmir", "deepmir_render"):
            del sys.modules[name]


def _run(program: str, arguments: list[str], cwd: str, environment: dict[str, str]) -> int:
    """Run the program as in a newly started interpreter; returns its exit status."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    own = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:] = [str(Path(program).parent), *own, *sys.path[1:]]
    sys.argv = [program, *arguments]
    code = 0
    try:
        runpy.run_path(program, run_name="__main__")
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    return code


if __name__ == "__main__":
    serve(*sys.argv[1:])

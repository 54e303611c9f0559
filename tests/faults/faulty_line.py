"""A tiny complete pipeline, and its stages, each run in its own process."""

import os
import resource
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

import tiny
from deepmir import cli, paths
from deepmir.declarations import entries

NAMES = ("key-tiny", "key-logistic", "key-krumhansl")


@dataclass(frozen=True)
class Stage:
    """A stage of the pipeline: its commands, and the patterns of its products."""

    commands: tuple[str, ...]
    products: tuple[str, ...]

    def run(self) -> int:
        """Exit status of the first command that fails, or 0."""
        return next((status for one in self.commands if (status := cli.main(one.split()))), 0)

    def made(self) -> dict[str, bytes]:
        """The bytes of every product."""
        found = (path for pattern in self.products for path in Path().glob(pattern))
        return {str(path): path.read_bytes() for path in found if path.is_file()}

    def clear(self) -> None:
        """Remove its products."""
        for name in self.made():
            Path(name).unlink()


STAGES = {
    "index": Stage(("render tiny 0",), ("data/raw/tiny/index/0000.json",)),
    "downmix": Stage(("downmix tiny 22050 0",), ("data/audio/tiny/*/0000.h5",)),
    "features": Stage(("features tiny cqt 0",), ("data/features/tiny/cqt-*/0000.h5",)),
    "train": Stage(("train key-tiny",), ("models/key-tiny/*",)),
    "fit": Stage(("train key-logistic",), ("models/key-logistic/*",)),
    "predict": Stage(("predict key-tiny",), ("data/predictions/key-tiny/**/*",)),
    "evaluate": Stage(
        ("evaluate key-krumhansl",), ("reports/scores/key-krum*", "reports/metrics/key-krum*")
    ),
    "report": Stage(("report",), ("reports/index.html", "reports/README.md", "reports/exp*/*")),
    "track": Stage(("track",), ("mlruns/tracked.json",)),
    "analyze": Stage(
        ("analyze one.wav --models analyzed --output analysis --format json --overwrite",),
        ("analysis/*",),
    ),
}


def write(root: Path, prepared: Path) -> None:
    """Make everything for and from two baselines and a network below `root`; changes to it."""
    shutil.copytree(prepared, root)
    os.chdir(root)
    raw = yaml.safe_load(Path("params.yaml").read_text())
    raw["experiments"] = {"key-tiny": raw["experiments"]["key-tiny"]}
    raw["baselines"] = {name: raw["baselines"][name] for name in NAMES[1:]}
    raw["representations"] = {"cqt": raw["representations"]["cqt"]}
    raw["training"]["epochs"] = 2
    Path("params.yaml").write_text(yaml.safe_dump(raw))
    shutil.copy(sorted(Path("recordings").glob("*.wav"))[0], "one.wav")
    for path in Path("data/features/tiny").iterdir():
        if not path.name.startswith("cqt-"):
            shutil.rmtree(path)
    made = [f"{verb} {name}" for verb in ("train", "predict", "evaluate") for name in NAMES]
    # In this process: what it has imported, each process has that it starts.
    assert Stage(tuple(made), ()).run() == 0
    shutil.copytree(paths.model("key-tiny"), "analyzed/key-tiny")
    for name in ("report", "track", "analyze"):
        assert STAGES[name].run() == 0


def entry(name: str) -> entries.Entry:
    """The declared entry with a name."""
    return entries.resolve(tiny.load(), name)


def apart(work: Callable[[], int]) -> tuple[int, str]:
    """Exit status of work done in another process, and its output to standard error.

    The status is negative if it was ended by a signal.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.dup2(writing, 2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.stderr, sys.stdout = os.fdopen(2, "w", closefd=False), os.fdopen(1, "w", closefd=False)
        status = 99
        try:
            status = work()
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said


def killed_at(stage: Stage, number: int, after: bool) -> Callable[[], int]:
    """Work that is killed as it replaces a file, before or after."""

    def work() -> int:
        original, seen = os.replace, []

        def replace(*args: object) -> None:
            seen.append(1)
            if len(seen) == number and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            original(*args)
            if len(seen) == number:
                os.kill(os.getpid(), signal.SIGKILL)

        os.replace = replace
        return stage.run()

    return work


def without_room(stage: Stage, limit: int) -> Callable[[], int]:
    """Work in which no file may exceed a limit, as on a full disk."""

    def work() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        return stage.run()

    return work

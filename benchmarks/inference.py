"""Networks by onnxruntime and by torch: import, inference and a whole command.

Run by hand: ``python benchmarks/inference.py song.flac``. The networks are deepmir's; for torch,
they are copied without their graphs. One thread unless noted; the two alternate, and the median
counts. The floor of a command is one that only prints the version.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path

import machine
import numpy as np
from analyze import STARTED, THREADS, commanded, repeated

from deepmir import paths
from deepmir.analysis import activations, models
from deepmir.files.writing import write_json

PROGRAMS = {"onnxruntime": paths.SHIPPED, "torch": Path()}
LEVELS = ("ORT_DISABLE_ALL", "ORT_ENABLE_BASIC", "ORT_ENABLE_EXTENDED", "ORT_ENABLE_ALL")


def median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def without_graphs(folder: Path) -> Path:
    """The networks that come with deepmir, for torch."""
    shutil.copytree(paths.SHIPPED, folder, ignore=shutil.ignore_patterns("*.onnx"))
    for path in folder.glob("*/card.json"):
        write_json(path, {**json.loads(path.read_text()), "graph_sha256": ""})
    return folder


def megabytes(distribution: str) -> float:
    """What a library takes on the disk, without what it requires."""
    files = metadata.files(distribution) or []
    there = (Path(str(file.locate())) for file in files)
    return sum(path.stat().st_size for path in there if path.exists()) / 2**20


def started(code: str) -> tuple[float, float]:
    """Wall and CPU seconds of a Python of its own."""
    begin = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{code} failed")
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime


def in_turns(runs: dict[str, Callable[[], object]], repeats: int) -> dict[str, list[object]]:
    """What each gives, time after time."""
    found: dict[str, list[object]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            found[name].append(run())
    return found


def imports(repeats: int) -> None:
    print("\n| library | MB | import, wall s | CPU s |\n|---|---|---|---|")
    code = {"Python alone": "pass"} | {name: f"import {name}" for name in PROGRAMS}
    runs = {name: (lambda text=text: started(text)) for name, text in code.items()}
    for name, times in in_turns(runs, repeats).items():
        wall, cpu = (median(column) for column in zip(*times, strict=True))
        size = f"{megabytes(name):.0f}" if name in PROGRAMS else ""
        print(f"| {name} | {size} | {wall:.2f} | {cpu:.2f} |")


def networks(repeats: int) -> None:
    """Each network on half a minute of noise, CPU milliseconds, and how far the two differ."""
    print("\n| network, 30 s | onnxruntime, ms | torch, ms | times | difference |")
    print("|---|---|---|---|---|")
    total = dict.fromkeys(PROGRAMS, 0.0)
    for path, served in served_by(paths.SHIPPED).items():
        loaded = {
            name: models.load({served[0]: folder / path.name})[0]
            for name, folder in PROGRAMS.items()
        }
        features = noise(loaded["torch"])
        said = [activations.decodable(trained, features) for trained in loaded.values()]
        runs = {name: (lambda one=one: spent(one)) for name, one in loaded.items()}
        times = {name: median(found) for name, found in in_turns(runs, repeats).items()}
        total = {name: total[name] + times[name] for name in PROGRAMS}
        row(" and ".join(served), times, f"{np.abs(said[0] - said[1]).max():.0e}")
    row("all", total, "")


def others(beside: Path, repeats: int) -> None:
    """The networks of another folder and those that come with deepmir, by onnxruntime."""
    print("\n| network, 30 s | beside, ms | shipped, ms | times |\n|---|---|---|---|")
    loaded = {
        (when, " and ".join(served)): models.load({served[0]: path})[0]
        for when, folder in (("beside", beside), ("shipped", paths.SHIPPED))
        for path, served in served_by(folder).items()
    }
    runs = {key: (lambda one=one: spent(one)) for key, one in loaded.items()}
    times = {key: median(found[1:]) for key, found in in_turns(runs, repeats + 1).items()}
    for name in {name: None for _, name in times}:
        a, b = (times.get((when, name)) for when in ("beside", "shipped"))
        cells = ["" if one is None else f"{one:.1f}" for one in (a, b)]
        print(f"| {name} | {' | '.join(cells)} | {f'{a / b:.1f}' if a and b else ''} |")
    a, b = (sum(t for (w, _), t in times.items() if w == when) for when in ("beside", "shipped"))
    print(f"| all | {a:.1f} | {b:.1f} | {a / b:.1f} |")


def served_by(folder: Path) -> dict[Path, list[str]]:
    """The tasks of each network."""
    found: dict[Path, list[str]] = {}
    for task, path in models.find(folder).items():
        found.setdefault(path, []).append(task)
    return found


def noise(trained: models.Trained) -> np.ndarray:
    """Half a minute of features."""
    one = trained.representation
    shape = (round(STARTED * one.frame_rate), one.bins, one.channels)
    return np.random.default_rng(0).normal(-3, 2, shape).astype(np.float32)


def spent(trained: models.Trained) -> float:
    """CPU milliseconds of a network on that."""
    features = noise(trained)
    begin = time.process_time()
    activations.decodable(trained, features)
    return 1e3 * (time.process_time() - begin)


def row(name: str, times: dict[str, float], more: str) -> None:
    a, b = times.values()
    print(f"| {name} | {a:.1f} | {b:.1f} | {b / a:.1f} | {more} |")


def options(repeats: int) -> None:
    """What onnxruntime can be told, over all networks."""
    import onnxruntime

    print("\n| onnxruntime: optimisation | threads | to load, ms | to run 30 s, wall ms | CPU ms |")
    print("|---|---|---|---|---|")
    for level in LEVELS:
        for threads in (1, 2):
            told = onnxruntime.SessionOptions()
            told.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
            told.intra_op_num_threads = threads
            told.add_session_config_entry("session.intra_op.allow_spinning", "0")
            begin = time.perf_counter()
            sessions = {
                path.parent.name: onnxruntime.InferenceSession(path, told)
                for path in paths.SHIPPED.glob("*/model.onnx")
            }
            loaded = 1e3 * (time.perf_counter() - begin)
            spent = [passed(sessions) for _ in range(repeats + 1)][1:]
            wall, cpu = (median(column) for column in zip(*spent, strict=True))
            print(f"| {level} | {threads} | {loaded:.0f} | {wall:.0f} | {cpu:.0f} |")


def passed(sessions: dict[str, object]) -> tuple[float, float]:
    """Wall and CPU milliseconds of half a minute through every network."""
    wall = cpu = 0.0
    for name, path in models.find().items():
        if name == path.name:
            one = models.load({name: path})[0].representation
            frames = round(STARTED * one.frame_rate)
            features = np.zeros((1, frames, one.bins, one.channels), np.float32) - 3
            clocks = time.perf_counter(), time.process_time()
            sessions[name].run(None, {"features": features})
            wall += 1e3 * (time.perf_counter() - clocks[0])
            cpu += 1e3 * (time.process_time() - clocks[1])
    return wall, cpu


def commands(recording: Path, repeats: int) -> None:
    """The whole command, start-up included."""
    import soundfile

    floor = median(
        [started("from deepmir.cli import main; main(['results', '-h'])")[0] for _ in range(3)]
    )
    print(f"A command that does nothing: {floor:.2f} s.\n")
    print("| command | by | wall s | CPU s | times real time, CPU | peak MB |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        short = repeated(recording, STARTED, Path(folder) / "short.flac")
        for name, path, tasks in (
            ("beat, 30 s", short, ["beat"]),
            ("all tasks, 30 s", short, [*models.find()]),
            ("all tasks, whole", recording, [*models.find()]),
        ):
            runs = {
                by: (lambda p=path, t=tasks, m=where: commanded(p, t, m))
                for by, where in PROGRAMS.items()
            }
            seconds = soundfile.info(path).duration
            for by, times in in_turns(runs, repeats + 1).items():
                wall, cpu, peak = (median(column) for column in zip(*times[1:], strict=True))
                print(
                    f"| {name} | {by} | {wall:.2f} | {cpu:.2f} | {seconds / cpu:.0f} | {peak:.0f} |"
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--beside", type=Path, help="other networks: these two alone")
    given = parser.parse_args()
    os.environ.update(dict.fromkeys(THREADS, "1"))
    if given.beside:
        print(machine.processor())
        others(given.beside, given.repeats)
        return
    with tempfile.TemporaryDirectory() as folder:
        PROGRAMS["torch"] = without_graphs(Path(folder) / "models")
        print(f"{machine.processor()}; {given.recording.name}\n")
        commands(given.recording, given.repeats)  # a process begins as large as this one
        imports(given.repeats)
        networks(given.repeats)
        options(given.repeats)


if __name__ == "__main__":
    main()

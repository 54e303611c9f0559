"""How fast a recording is analysed, beside beat trackers of other programs where installed.

Run by hand: ``python benchmarks/analyze.py song.mp3 --models models``. Every system is a separate
process with one thread, decodes the file itself, and runs once to warm up and then several times;
the median of the CPU seconds counts. Start-up is the wall time of the whole command.

``--hours 2`` repeats the recording and measures the peak memory instead; ``--copies 60`` analyses
that many copies of it, one after another and on all cores (wall times, so use an idle machine).
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import machine

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
STARTED = 30.0  # seconds of the recording that start-up is measured with


def deepmir_tasks(recording: Path, models: Path, tasks: list[str] | None) -> Callable[[], object]:
    import deepmir

    return lambda: deepmir.analyze(recording, tasks=tasks, models=models)


def librosa_beats(recording: Path) -> Callable[[], object]:
    import librosa

    return lambda: librosa.beat.beat_track(y=librosa.load(recording)[0], sr=22050)


def essentia_beats(recording: Path) -> Callable[[], object]:
    import essentia
    import essentia.standard

    essentia.log.infoActive = essentia.log.warningActive = False
    track = essentia.standard.RhythmExtractor2013(method="multifeature")
    return lambda: track(essentia.standard.MonoLoader(filename=str(recording))())


def madmom_beats(recording: Path) -> Callable[[], object]:
    from madmom.features import downbeats

    network = downbeats.RNNDownBeatProcessor()
    track = downbeats.DBNDownBeatTrackingProcessor(beats_per_bar=[3, 4], fps=100)
    return lambda: track(network(str(recording)))


def sonara_beats(recording: Path) -> Callable[[], object]:
    import sonara

    return lambda: sonara.analyze_file(str(recording))


def decoded(recording: Path) -> Callable[[], object]:
    """The floor: nothing but decoding."""
    from deepmir.files import decoding

    return lambda: [len(block) for block in decoding.decode(recording).blocks]


PEERS = {
    "soundfile": ("decoding alone", decoded),
    "sonara": ("sonara: tempo, beats, loudness", sonara_beats),
    "librosa": ("librosa.beat.beat_track", librosa_beats),
    "essentia": ("essentia RhythmExtractor2013", essentia_beats),
    "madmom": ("madmom RNN and DBN downbeats", madmom_beats),
}


def cpu_seconds(run: Callable[[], object], repeats: int) -> float:
    """Median of some runs, after one that loads and compiles."""
    run()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return sorted(times)[len(times) // 2]


def measured(system: str, options: argparse.Namespace) -> float:
    """CPU seconds of a system, in a process of its own with one thread."""
    command = [sys.executable, __file__, str(options.recording), "--system", system]
    command += ["--models", str(options.models)] if options.models else []
    command += ["--repeats", str(options.repeats)]
    done = subprocess.run(
        command, env=os.environ | dict.fromkeys(THREADS, "1"), stdout=subprocess.PIPE, check=True
    )
    return float(json.loads(done.stdout.splitlines()[-1]))


def run_system(options: argparse.Namespace) -> float:
    if options.system in PEERS:
        return cpu_seconds(PEERS[options.system][1](options.recording), options.repeats)
    tasks = None if options.system == "all" else [options.system]
    run = deepmir_tasks(options.recording, options.models, tasks)
    return cpu_seconds(run, options.repeats)


def commanded(recording: Path, tasks: list[str], models: Path | None) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak megabytes of the whole command."""
    with tempfile.TemporaryDirectory() as folder:
        program = "from deepmir.cli import main; raise SystemExit(main())"
        command = [sys.executable, "-c", program, "analyze", str(recording), "--output", folder]
        command += ["--models", str(models)] if models else []
        command += ["--tasks", ",".join(tasks)]
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def repeated(recording: Path, seconds: float, out: Path) -> Path:
    """A recording as long as wanted, as FLAC, by repeating one."""
    import soundfile

    samples, rate = soundfile.read(recording, dtype="int16", always_2d=True)
    with soundfile.SoundFile(out, "w", rate, samples.shape[1], format="FLAC") as file:
        left = round(seconds * rate)
        while left > 0:
            file.write(samples[:left])
            left -= len(samples)
    return out


def copies(options: argparse.Namespace) -> None:
    """Many recordings one after another, and as many at a time as there are cores."""
    print("| threads | recordings | wall s | CPU s | times as fast |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.copies):
            copy = Path(folder) / f"{number}{options.recording.suffix}"
            copy.write_bytes(options.recording.read_bytes())
        alone = 0.0
        for threads in (1, os.cpu_count() or 1):
            out = tempfile.mkdtemp(dir=folder)
            program = "from deepmir.cli import main; raise SystemExit(main())"
            command = [sys.executable, "-c", program, "analyze", folder, "--output", out]
            command += ["--threads", str(threads)]
            start, before = time.perf_counter(), os.times()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            wall, after = time.perf_counter() - start, os.times()
            cpu = sum(after[2:4]) - sum(before[2:4])
            alone = alone or wall
            print(f"| {threads} | {options.copies} | {wall:.1f} | {cpu:.1f} | {alone / wall:.2f} |")


def table(options: argparse.Namespace, tasks: list[str]) -> None:
    import soundfile

    duration = soundfile.info(options.recording).duration
    print(f"{machine.processor()}; {options.recording.name}, {duration:.0f} s\n")
    print("| system | CPU s | times real time |\n|---|---|---|")
    ours = {name: measured(name, options) for name in ["all", *tasks]}
    there = [name for name in PEERS if importlib.util.find_spec(name)]
    rows = [("deepmir, all tasks" if k == "all" else f"deepmir, {k}", s) for k, s in ours.items()]
    rows += [(PEERS[name][0], measured(name, options)) for name in there]
    for name, seconds in rows:
        print(f"| {name} | {seconds:.2f} | {duration / seconds:.0f} |")
    with tempfile.TemporaryDirectory() as folder:
        short = repeated(options.recording, STARTED, Path(folder) / "short.flac")
        commanded(short, tasks[:1], options.models)  # reads the disk, compiles
        print(f"\n| command on {STARTED:.0f} s | wall s | CPU s | peak MB |\n|---|---|---|---|")
        for wanted in (*([task] for task in tasks), tasks):
            name = "all tasks" if wanted == tasks else wanted[0]
            wall, cpu, megabytes = commanded(short, wanted, options.models)
            print(f"| {name} | {wall:.2f} | {cpu:.2f} | {megabytes:.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording", type=Path)
    parser.add_argument("--models", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--hours", type=float, help="measure the peak memory of so long a file")
    parser.add_argument("--copies", type=int, help="analyse so many at a time")
    parser.add_argument("--system", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.system:
        print(json.dumps(run_system(options)))
        return
    if options.copies:
        copies(options)
        return
    from deepmir.analysis import models

    tasks = list(models.find(options.models))
    if not options.hours:
        table(options, tasks)
        return
    with tempfile.TemporaryDirectory() as folder:
        long = repeated(options.recording, 3600 * options.hours, Path(folder) / "long.flac")
        _, cpu, megabytes = commanded(long, tasks, options.models)
        ratio = 3600 * options.hours / cpu
        times = f"{cpu:.0f} s of CPU time ({ratio:.0f} times real time)"
        print(f"{options.hours:g} h: {times}, peak {megabytes:.0f} MB")


if __name__ == "__main__":
    main()

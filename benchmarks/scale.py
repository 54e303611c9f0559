"""The cost of the pipeline for 100, 1,000 and 10,000 tracks, stage by stage, and for a million.

Run by hand: ``OMP_NUM_THREADS=1 python benchmarks/scale.py``. Tracks are three seconds of a chord
in noise, each different, because duplicates are searched for. Every job is a separate process, as
in the pipeline, and the jobs of a stage run one after the other; the system reports their CPU time
and peak memory, including those of their child processes. A stage takes a seconds a job and b a
track, by least squares. The plan needs no tracks: Snakemake plans data sets with growing numbers of
shards, and sweeps with growing numbers of experiments.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import yaml
from machine import processor

from deepmir.datasets import splits
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.shared.keys import LABELS

ROOT = Path(__file__).parents[1]
RATE, SECONDS = 11025, 3.0
SHARD = 500  # tracks
MILLION = 1_000_000

STAGES = ["render", "downmix", "duplicates", "features", "train", "predict", "evaluate", "report"]
ONCE = STAGES[STAGES.index("train") :]
"""Stages of one job for each system, whatever the shards."""

DECLARED = """
datasets:
  many: {source: folder, path: recordings}
representations:
  mel: {kind: mel, sample_rate: 11025, hop: 441, window: 1024, bins: 40, conditioning: [{kind: log}]}
training: {epochs: 1, batch_size: 32, patch_seconds: 2, learning_rate: 0.01, device: cpu, health: no}
experiments:
  small: {dataset: many, task: key, representation: mel, network: "c2(8,3x3) - p2(4x4) - c2(8,3x3) - d1"}
"""  # noqa: E501


@dataclass(frozen=True)
class Cost:
    """What the jobs of a stage took: CPU and clock seconds together, megabytes of the largest."""

    jobs: int
    cpu: float
    wall: float
    peak: float
    written: float


def declare(folder: Path, shards: int, experiments: int = 1) -> None:
    """Write the declarations of a line."""
    raw = yaml.safe_load(DECLARED)
    raw["datasets"]["many"]["shards"] = shards
    if experiments > 1:
        seeds = [*range(1, experiments + 1)]
        raw["sweeps"] = {"seeds": {"of": "small", "vary": {"training.seed": seeds}}}
    (folder / "params.yaml").write_text(yaml.safe_dump(raw))


def record(folder: Path, count: int) -> None:
    """Write recordings, annotations and the split."""
    (folder / "recordings").mkdir(exist_ok=True)
    time_ = np.arange(int(SECONDS * RATE)) / RATE
    parts = {}
    for number in range(count):
        rng = np.random.default_rng(number)
        path = folder / f"recordings/{number:06d}.wav"
        parts[path.stem] = ("train", "train", "validation", "test")[number % 4]
        tonic = number % 12
        chord = sum(np.sin(2 * np.pi * 220 * 2 ** ((tonic + i) / 12) * time_) for i in (0, 4, 7))
        noise = rng.standard_normal(time_.size)
        # Noise that comes and goes has another fingerprint in every track.
        level = np.interp(time_, np.arange(0, SECONDS + 0.1, 0.1), rng.uniform(0, 0.2, 31))
        soundfile.write(path, 0.1 * chord + level * noise, RATE)
        key = Annotation("key_mode", (Observation(0.0, SECONDS, LABELS[2 * tonic]),))
        annotations.write(path.with_suffix(".jams"), Jams(SECONDS, (key,)))
    splits.write(folder / "data/splits/many.csv", parts)


def jobs(stage: str, shards: int) -> Iterator[list[str]]:
    """The commands of a stage."""
    of_a_shard = {
        "render": ["many", "{}"],
        "downmix": ["many", str(RATE), "{}"],
        "features": ["many", "mel", "{}"],
    }
    whole = {"duplicates": [str(RATE), "many"], "report": []}
    if stage in of_a_shard:
        for shard in range(shards):
            yield [stage, *(word.format(shard) for word in of_a_shard[stage])]
    else:
        yield [stage, *whole.get(stage, ["small"])]


def measured(command: Sequence[str], folder: Path) -> tuple[float, float, float]:
    """CPU and clock seconds of a command, and its peak memory in megabytes."""
    start = time.perf_counter()
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{(folder / 'log').read_text()[-2000:]}")
    wall = time.perf_counter() - start
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def size(folder: Path) -> float:
    """Megabytes of all files."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 1e6


def cost(stage: str, folder: Path, shards: int) -> Cost:
    """Run a stage."""
    before = size(folder)
    each = [measured(["deepmir", *job], folder) for job in jobs(stage, shards)]
    cpu, wall, peak = zip(*each, strict=True)
    return Cost(len(each), sum(cpu), sum(wall), max(peak), size(folder) - before)


def fitted(counts: Sequence[int], costs: Sequence[Cost]) -> tuple[float, float]:
    """Seconds a job and a track, by least squares of relative errors."""
    weights = np.array([1 / each.cpu for each in costs])
    rows = np.array([[each.jobs, count] for each, count in zip(costs, counts, strict=True)])
    found = np.linalg.lstsq(rows * weights[:, None], np.ones(len(costs)), rcond=None)[0]
    return float(found[0]), float(found[1])


Found = dict[str, tuple[list[int], list[Cost]]]
"""The numbers of tracks, and what they took, by stage."""


def stages(counts: Sequence[int], folder: Path, most: int) -> Found:
    """Print what every stage takes; the stages from training on up to `most` tracks alone."""
    found: Found = {stage: ([], []) for stage in STAGES}
    print("| tracks | stage | jobs | CPU s | clock s | peak MB | ms CPU a track | written MB |")
    print("|---|---|---|---|---|---|---|---|")
    for count in counts:
        place = folder / str(count)
        place.mkdir()
        shards = max(1, count // SHARD)
        declare(place, shards)
        record(place, count)
        for stage in STAGES:
            if stage in ONCE and count > most:
                continue
            one = cost(stage, place, shards)
            found[stage][0].append(count)
            found[stage][1].append(one)
            print(
                f"| {count} | {stage} | {one.jobs} | {one.cpu:.1f} | {one.wall:.1f} | "
                f"{one.peak:.0f} | {1000 * one.cpu / count:.2f} | {one.written:.2f} |",
                flush=True,
            )
    return found


def million(found: Found) -> None:
    """Print the fit of every stage, and what it says of a million tracks."""
    print("\n| stage | s a job | ms a track | jobs | CPU hours | GB | peak MB of a job |")
    print("|---|---|---|---|---|---|---|")
    for stage, (counts, costs) in found.items():
        if len(counts) < 2:
            continue
        a, b = fitted(counts, costs)
        number = MILLION // SHARD if costs[-1].jobs > 1 else 1
        hours = (a * number + b * MILLION) / 3600
        peak = costs[-1].peak
        if number == 1:
            peak = float(np.polyval(np.polyfit(counts, [each.peak for each in costs], 1), MILLION))
        written = costs[-1].written / counts[-1] * MILLION / 1e3
        print(
            f"| {stage} | {a:.2f} | {1000 * b:.2f} | {number} | {hours:.1f} | {written:.1f} | "
            f"{peak:.0f} |"
        )


def planned(folder: Path, shards: int, experiments: int) -> None:
    """Print what Snakemake takes to plan a line of which nothing is made."""
    declare(folder, shards, experiments)
    command = ["snakemake", "-n", "--snakefile", str(ROOT / "Snakefile"), "--directory", "."]
    command += ["--profile", str(ROOT / "profiles/default")]
    (folder / "log").unlink(missing_ok=True)
    cpu, wall, peak = measured(command, folder)
    lines = (folder / "log").read_text().splitlines()
    total = next(line.split()[1] for line in lines if line.startswith("total"))
    print(
        f"| {shards} | {experiments} | {total} | {cpu:.1f} | {wall:.1f} | {peak:.0f} |", flush=True
    )


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 1000, 10_000])
    parser.add_argument("--most", type=int, default=10_000, help="tracks of training and after it")
    parser.add_argument("--shards", type=int, nargs="*", default=[1, 10, 100, 1000])
    parser.add_argument("--experiments", type=int, nargs="*", default=[10, 100, 300])
    options = parser.parse_args()
    print(f"{processor()}; {SECONDS:g} s a track, {SHARD} tracks a shard\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.sizes:
            million(stages(options.sizes, folder, options.most))
        record(folder, 4)
        print("\n| shards | experiments | jobs | CPU s | clock s | peak MB |")
        print("|---|---|---|---|---|---|")
        for shards in options.shards:
            planned(folder, shards, 1)
        for experiments in options.experiments:
            planned(folder, 10, experiments)


if __name__ == "__main__":
    main()

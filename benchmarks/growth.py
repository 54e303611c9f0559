"""How time and memory of the features stage grow with the number of tracks.

Run by hand with one thread: ``OMP_NUM_THREADS=1 python benchmarks/growth.py``. Every size runs in a
separate process, whose peak memory the system reports. Tracks are links to a few recordings of
three seconds made here: this measures the stage, not music. All of them are one shard, the worst
case: a data set cut into shards holds a part of it at a time.
"""

import argparse
import resource
import tempfile
import time
from multiprocessing import Queue, get_context
from pathlib import Path

import numpy as np
import soundfile
from machine import processor

from deepmir.datasets.index import Track, write_index
from deepmir.features import compute as features
from deepmir.features import downmix
from deepmir.representations import Log, Mel

RATE, SECONDS, DISTINCT = 22050, 3.0, 10


def tracks(folder: Path, count: int) -> list[Track]:
    """Links to a few recordings of noise that fades."""
    rng = np.random.default_rng(0)
    fade = np.linspace(1, 0, int(SECONDS * RATE))[:, None]
    found = []
    for number in range(count):
        original = folder / f"original-{number % DISTINCT}.wav"
        if not original.exists():
            soundfile.write(original, 0.5 * fade * rng.uniform(-1, 1, (len(fade), 2)), RATE)
        path = folder / f"{number:06d}.wav"
        path.hardlink_to(original)
        found.append(Track(path.stem, path.stem, "", str(path), "", "", "", ""))
    return found


def stage(folder: Path, results: "Queue[tuple[float, float, float]]") -> None:
    """Both jobs of one shard, in this process; reports seconds and megabytes."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    downmix.compute(folder / "index.json", folder / "audio.h5", RATE, 1.0, workers=1)
    features.compute(folder / "audio.h5", folder / "mel.h5", Mel(conditioning=(Log(),)), workers=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    results.put((time.perf_counter() - start, before / 1024, peak / 1024))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300, 1000, 3000, 10000])
    context = get_context("spawn")
    print(f"{processor()}; log-mel 128, {SECONDS:g} s a track\n")
    print("| tracks | seconds | ms a track | MB at the start | MB at the peak | HDF5, MB |")
    print("|---|---|---|---|---|---|")
    for size in parser.parse_args().sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_index(folder / "index.json", tracks(folder, size))
            results = context.Queue()
            process = context.Process(target=stage, args=(folder, results))
            process.start()
            took, before, peak = results.get()
            process.join()
            stored = sum(p.stat().st_size for p in folder.glob("*.h5")) / 1e6
            print(
                f"| {size} | {took:.1f} | {1000 * took / size:.2f} | {before:.0f} | {peak:.0f} | "
                f"{stored:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()

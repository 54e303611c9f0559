"""What detuning costs: the test tracks of data sets, played a little faster.

Run by hand in the folder of a study: ``python benchmarks/detuned.py NAME ...``. Each test track is
resampled, so that everything sounds some cents higher or lower than before, and its times are
scaled to match; its chords, keys and notes keep their labels. Prints the primary metric of each
task for each number of cents, as a mean over tracks.
"""

import argparse
from dataclasses import replace

import numpy as np
import soxr
from agreement import tested

from deepmir import tasks
from deepmir.analysis import engine
from deepmir.files import audio
from deepmir.files.annotations import Jams, Observation

CENTS = (-45, -30, -15, 0, 15, 30, 45)
TASKS = ("chord", "chord_large", "key", "notes")
RATE = 44_100  # Hz


def faster(jams: Jams, ratio: float) -> Jams:
    """The annotations of a recording that is played faster."""

    def moved(one: Observation) -> Observation:
        return replace(one, time=one.time / ratio, duration=one.duration / ratio)

    annotations = tuple(
        replace(a, observations=tuple(map(moved, a.observations)))
        for a in jams.annotations
        if a.namespace in {space for name in TASKS for space in tasks.get(name).namespaces}
    )
    return replace(jams, duration=jams.duration / ratio, annotations=annotations)


def main() -> None:
    """Print a row for each number of cents."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="+", help="names of data sets")
    parser.add_argument("--every", type=int, default=1, help="take each so many of the tracks")
    options = parser.parse_args()
    networks = engine.load_networks(TASKS, None)
    scores: dict[tuple[int, str], list[float]] = {}
    for path, jams in tested(options.data)[:: options.every]:
        samples = audio.load(path, RATE)
        for cents in CENTS:
            ratio = 2 ** (cents / 1200)
            played = soxr.resample(samples, RATE * ratio, RATE).astype(np.float32)
            found = engine.analyze_source(audio.from_samples(played, RATE), networks).jams
            truth = faster(jams, ratio)
            for task in map(tasks.get, TASKS):
                measured = task.metrics(truth, found)
                if task.primary in measured:
                    scores.setdefault((cents, task.name), []).append(measured[task.primary])
    print("cents  " + "  ".join(f"{name} ({tasks.get(name).primary})" for name in TASKS))
    for cents in CENTS:
        cells = [scores.get((cents, name), []) for name in TASKS]
        print(f"{cents:+5}  " + "  ".join(f"{np.mean(c):.3f} ({len(c)})" for c in cells if c))


if __name__ == "__main__":
    main()

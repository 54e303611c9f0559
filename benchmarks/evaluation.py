"""How the time of evaluation and of the report's comparisons grows with the number of test tracks.

Run by hand with one thread: ``OMP_NUM_THREADS=1 python benchmarks/evaluation.py``. Annotations and
predictions of every task but the two for teaching are made here, written as JAMS, read again and
scored as the stage does; then 20 systems (10 networks, each beside 10 baselines) are compared as
the report does. The floor is reading the two JAMS files of each track. CPU milliseconds a track:
where a row is constant, the stage is linear.
"""

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from machine import processor

from deepmir import tasks
from deepmir.declarations.schema import Evaluation
from deepmir.evaluation import scoring
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Task
from deepmir.tasks.names import NAMES

SECONDS, SYSTEMS = 30.0, 10
LABELS = ("calm", "dance", "loud", "march", "reel")
OPEN = ("genre", "tagging", "instrument")
KINDS = {
    **{"genre": "genre", "tagging": "tags", "instrument": "instrument"},
    **{"singing": "voice", "mood_quadrant": "mood"},
}
SPACES = {"mood_quadrant": "tag_open"} | dict.fromkeys(("notes", "offset", "chroma"), "note_midi")
TEACHING = ("mode", "pitch_class")


def made(name: str, track: int, off: float) -> Jams:
    """What is annotated of a track, or predicted where it is off by some seconds."""
    rng = np.random.default_rng(track)
    steps = np.arange(0.5, SECONDS - 1, 0.5)
    times = [float(t + off * rng.normal()) for t in steps]
    confident = (1 - off) * rng.uniform(0.5, 1) + off * rng.uniform(0, 1, len(LABELS))
    tonic, label = "CDEFGAB"[track % 7], LABELS[track % len(LABELS)]
    observed = {
        "beat": [Observation(t, 0.0, 1 + i % 4) for i, t in enumerate(times)],
        "onset": [Observation(t) for t in times],
        "tempo": [Observation(0, SECONDS, 60 + track % 90 + 10 * off, 1.0)],
        "key": [Observation(0, SECONDS, f"{tonic}:major", 0.9)],
        "chord": [Observation(2 * k, 2, f"{'CDEFGAB'[(track + k) % 7]}:min") for k in range(15)],
        "structure": [Observation(6 * k, 6, "ABCAB"[k]) for k in range(5)],
        "notes": [Observation(t, 0.4, 60 + i % 12) for i, t in enumerate(times)],
        "melody": [
            Observation(k / 50, 0.0, {"frequency": 220 + k % 100, "index": 0, "voiced": k % 9 > 0})
            for k in range(int(50 * SECONDS))
        ],
        "singing": [Observation(4.0 + off, 6.0, "voice")],
        "instrument": [Observation(0, 9, label), Observation(9 + off, 9, LABELS[0])],
        "genre": [Observation(0, SECONDS, label, float(confident[track % len(LABELS)]))],
        "tagging": [Observation(0, SECONDS, label, float(confident[0]))],
        "mood": [Observation(0, SECONDS, [float(rng.normal() + off), float(rng.normal())])],
    }
    quadrants = tasks.get("mood_quadrant").output.labels
    observed["mood_quadrant"] = [Observation(0, SECONDS, quadrants[track % 4], 0.9)]
    observed |= {
        "chord_large": observed["chord"],
        **dict.fromkeys(("offset", "chroma"), observed["notes"]),
    }
    space = SPACES.get(name) or of(name).namespaces[0]
    about = {"task": name} | ({"kind": KINDS[name]} if name in KINDS else {})
    found = [Annotation(space, tuple(observed[name]), "made here", about)]
    if name == "chroma":
        vectors = [Observation(k / 10, 0.0, rng.uniform(0, 1, 12).tolist()) for k in range(300)]
        found.append(Annotation("vector", tuple(vectors), "made here", about))
    return Jams(SECONDS, tuple(found))


def of(name: str) -> Task:
    return tasks.get(name, LABELS if name in OPEN else ())


def cpu(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def measured(name: str, folder: Path, count: int) -> list[float]:
    """CPU seconds of reading, of scoring with intervals, and of all comparisons."""
    task, options = of(name), Evaluation()
    pairs = [(folder / f"{i}.jams", folder / f"{i}.predicted.jams") for i in range(count)]
    for number, pair in enumerate(pairs):
        for path, off in zip(pair, (0.0, 0.03), strict=True):
            annotations.write(path, made(name, number, off))
    read: list[tuple[Jams, Jams]] = []
    floor = cpu(lambda: read.extend((annotations.read(a), annotations.read(b)) for a, b in pairs))
    per_track: scoring.PerTrack = {}
    rows: scoring.Rows = {}

    def score() -> None:
        for number, (truth, said) in enumerate(read):
            per_track[str(number)] = task.metrics(truth, said)
            row = task.row(truth, said)
            if row is not None:
                rows[str(number)] = row
        scoring.summarise(per_track, options)
        scoring.summarise_rows(task, rows, options)

    def compare() -> None:
        of_tracks = task.measures[task.primary].of == "track"
        for network, baseline in itertools.product(systems[:SYSTEMS], systems[SYSTEMS:]):
            if of_tracks:
                scoring.difference(per_track, per_track, task.primary, options)
            else:
                scoring.difference_of_rows(task, network, baseline, task.primary, options)

    scored = cpu(score)
    # No two systems say the same: what is computed of each is computed as often.
    systems = [
        {track: (*row[:-1], row[-1] + system * 1e-6) for track, row in rows.items()}
        for system in range(2 * SYSTEMS)
    ]
    return [floor, scored, cpu(compare)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[125, 250, 500, 1000])
    parser.add_argument(
        "--tasks", nargs="+", default=[name for name in NAMES if name not in TEACHING]
    )
    arguments = parser.parse_args()
    print(f"{processor()}; {SECONDS:g} s a track; CPU ms a track\n")
    columns = " | ".join(f"{n}" for n in arguments.sizes)
    print(f"| task | what | {columns} |\n|---|---|{'---|' * len(arguments.sizes)}")
    for name in arguments.tasks:
        found = []
        for size in arguments.sizes:
            with tempfile.TemporaryDirectory() as folder:
                found.append([1000 * t / size for t in measured(name, Path(folder), size)])
        for what, times in zip(
            ("JAMS read", "scored", "20 systems compared"), zip(*found, strict=True), strict=True
        ):
            print(f"| {name} | {what} | {' | '.join(f'{t:.2f}' for t in times)} |", flush=True)


if __name__ == "__main__":
    main()

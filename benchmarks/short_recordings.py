"""Excerpts of 4 to 13 s against the same passages of whole recordings.

Run by hand: ``python benchmarks/short_recordings.py FOLDER ...``, folders of recordings with JAMS
beside them. The output for an excerpt by itself is compared with the output for the same seconds of
the whole: the activations in the first second, in the last and in between, and, where the recording
is annotated, the scores. So is the output for an excerpt continued beyond its ends by its mirror
image or by itself, which is cut off again.

At a shift of whole frames a representation gives the same frames, so that only the edges differ:
the start of PCEN's smoother, and the zeros beyond the ends.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.analysis import activations
from deepmir.analysis.models import Trained
from deepmir.files import annotations, audio
from deepmir.files.annotations import Annotation, Jams, Observation

Samples = npt.NDArray[np.float32]
Array = npt.NDArray[np.float32]

RATE = 22050
HOP = 441  # divides that of every network here
BEYOND = 200 * HOP  # samples to each side: four seconds
SHORTEST, LONGEST = 4.0, 13.0  # s, of an excerpt
EACH = 16  # excerpts of a recording
QUIET = 1e-3  # peak of an excerpt that is left out
CONTINUED = {"alone": "", "mirrored": "reflect", "repeated": "wrap"}


def said(network: Trained, samples: Samples, how: str = "") -> Array:
    """Activations of samples that are continued beyond their ends, shape (frames, V)."""
    hop, beyond = network.representation.hop, BEYOND if how else 0
    given = np.pad(samples, beyond, how) if how else samples  # type: ignore[call-overload]
    features = network.representation(given).astype(network.representation.storage)
    first = beyond // hop
    return activations.decodable(network, features)[first : first + 1 + len(samples) // hop]


def levelled(samples: Samples) -> Samples:
    """As a recording of its own is heard: at the loudness of all."""
    return np.concatenate([block.copy() for block in audio.from_samples(samples, RATE).blocks])


def cut(reference: Jams, start: float, end: float) -> Jams:
    """The annotations of some seconds."""

    def inside(o: Observation) -> Observation | None:
        first, last = max(o.time, start), min(o.time + o.duration, end)
        if first >= end or last < start or (o.duration and last <= first):
            return None
        return replace(o, time=first - start, duration=last - first)

    def shorter(annotation: Annotation) -> Annotation:
        kept = (inside(o) for o in annotation.observations)
        return replace(annotation, observations=tuple(o for o in kept if o is not None))

    return Jams(end - start, tuple(map(shorter, reference.annotations)))


def score(network: Trained, values: Array, reference: Jams) -> float:
    task = network.task
    estimate = Jams(reference.duration, tuple(network.decode(values)))
    return task.metrics(reference, estimate).get(task.primary, np.nan)


def recordings(folders: list[Path]) -> Iterator[tuple[str, Samples, Jams]]:
    """Name of the folder, samples and annotations of every recording that is annotated."""
    for folder in folders:
        for path in sorted(folder.glob("*.jams")):
            sound = next(p for p in folder.glob(f"{path.stem}.*") if p.suffix != ".jams")
            yield folder.name, audio.load(sound, RATE), annotations.read(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--tasks", default="singing,onset")
    options = parser.parse_args()
    networks = activations.models_of(options.tasks.split(","), None)
    rng = np.random.default_rng(0)
    rows = defaultdict(list)
    for folder, samples, reference in recordings(options.folders):
        for network in networks:
            if network.task.metrics(reference, reference):
                for row in excerpts(network, samples, reference, rng):
                    for mode, values in row.items():
                        rows[network.task.name, folder, mode].append(values)
    print("task, recordings, excerpt: change of activations in the first second, between, in the")
    print("last; score; excerpts")
    for (task, folder, mode), values in rows.items():
        start, middle, end, mean = np.nanmean(values, axis=0)
        text = f"{task:10}{folder:16}{mode:10}{start:8.3f}{middle:8.3f}{end:8.3f}"
        print(f"{text}{mean:8.3f}{len(values):6}")


def excerpts(
    network: Trained, samples: Samples, reference: Jams, rng: np.random.Generator
) -> Iterator[dict[str, tuple[float, ...]]]:
    """For each excerpt, what :func:`main` prints of each way to continue it, and of the whole."""
    whole, hop = said(network, samples), network.representation.hop
    second = RATE // hop
    for _ in range(EACH):
        frames = round(rng.uniform(SHORTEST, LONGEST) * RATE / hop)
        first = int(rng.integers(0, len(whole) - frames - 1))
        part = samples[first * hop : (first + frames) * hop]
        if np.abs(part).max() < QUIET:
            continue
        here = cut(reference, first * hop / RATE, (first + frames) * hop / RATE)
        there = whole[first : first + frames + 1]
        row = {"of whole": (0.0, 0.0, 0.0, score(network, there, here))}
        for mode, how in CONTINUED.items():
            values = said(network, levelled(part), how)
            change = np.abs(values - there).mean(axis=1)
            parts = change[:second], change[second:-second], change[-second:]
            row[mode] = (*(float(p.mean()) for p in parts), score(network, values, here))
        yield row


if __name__ == "__main__":
    main()

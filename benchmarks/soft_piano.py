"""Chords of a solo piano, as played and softly, and of mixes: how much of the time is called none.

Run by hand: ``python benchmarks/soft_piano.py POP909`` (the folder of songs), with FluidR3_GM;
``--network`` uses another folder than deepmir's networks, ``--task chord_large`` outputs sevenths.
From every fourth song on which studies/recordings does not train, 40 s of the piano part from 20 s
on, with its velocities as they are and an eighth of that; from every twelfth the first 40 s of all
parts. Played by TinySoundFont.
"""

import argparse
from pathlib import Path

import numpy as np
import pretty_midi
import sung_notes
from sung_notes import RATE, SAMPLE_RATE, played, song

from deepmir.analysis import activations
from deepmir.datasets import splits
from deepmir.files import audio
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.files.samples import Samples

SECONDS = sung_notes.SECONDS = 40
SOFT = 0.12
COSTS = (0.0, 1.0, 2.0, 3.0)
SPLIT = Path(__file__).parents[1] / "studies/recordings/data/splits/rendered.csv"


def unheard() -> list[int]:
    """The numbers of songs that no network of studies/recordings is trained on."""
    groups = [group for group, part in splits.read(SPLIT).items() if part != "train"]
    return [int(group.split("-")[1]) for group in groups if group.startswith("pop909-")]


def chords(folder: Path, number: int, begin: float) -> Jams:
    """Those of the song's own file, from some second on."""
    rows = (folder / f"{number:03}" / "chord_midi.txt").read_text().split("\n")
    spans = []
    for start, end, label in (row.split("\t") for row in rows if row.strip()):
        first, last = max(float(start) - begin, 0), min(float(end) - begin, SECONDS)
        spans += [Observation(first, last - first, label)] if last > first else []
    return Jams(float(SECONDS), (Annotation("chord", tuple(spans)),))


def excerpt(midi: pretty_midi.PrettyMIDI, names: set[str], begin: float, force: float) -> Samples:
    """Some parts of a song on a piano, their velocities times a force."""
    total = np.zeros(SECONDS * SAMPLE_RATE, np.float32)
    for part in midi.instruments:
        notes = [n for n in part.notes if begin <= n.start < begin + SECONDS and part.name in names]
        for note in notes:
            note.velocity = max(4, round(force * note.velocity))
        total += played([sung_notes.replace_times(n, begin) for n in notes])
    return audio.resample(total, SAMPLE_RATE, RATE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--network", type=Path, help="its folder")
    parser.add_argument("--task", default="chord")
    arguments = parser.parse_args()
    folder, another, name_of_task = arguments.folder, arguments.network, arguments.task
    (network,) = activations.models_of([name_of_task], another and {name_of_task: another})
    task, rate = network.task, network.representation.frame_rate
    songs = unheard()
    everything = {"MELODY", "BRIDGE", "PIANO"}
    sets = {
        "as played": (songs[::4], {"PIANO"}, 20.0, 1.0),
        "soft": (songs[::4], {"PIANO"}, 20.0, SOFT),
        "mixes": (songs[::12], everything, 0.0, 1.0),
    }
    for name, (numbers, parts, begin, force) in sets.items():
        rows = []
        for number in numbers:
            samples = excerpt(song(folder, number), parts, begin, force)
            heard = [block.copy() for block in audio.from_samples(samples, RATE).blocks]
            features = network.representation(np.concatenate(heard))
            values = activations.decodable(network, features.astype(network.representation.storage))
            reference = chords(folder, number, begin)
            for cost in COSTS:
                options = {**network.card.options(name_of_task), "none_cost": cost}
                estimate = Jams(float(SECONDS), tuple(task.decoder(rate, **options)(values)))
                none = [o.duration for o in estimate.annotations[0].observations if o.value == "N"]
                score = task.metrics(reference, estimate)["majmin"]
                rows.append((cost, score, sum(none) / SECONDS))
        for cost in COSTS:
            _, score, none = np.mean([row for row in rows if row[0] == cost], axis=0)
            print(f"{name:10}none_cost {cost:g}: majmin {score:.3f}, none {none:.3f} of the time")


if __name__ == "__main__":
    main()

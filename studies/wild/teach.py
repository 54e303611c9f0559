"""A teacher's annotations of unannotated recordings, in the format of `own-folder`.

Run by hand, in the folder of the study: ``python teach.py``. deepmir's networks analyse the pieces
of `kml` that are in its training and validation parts. For each, what they are confident of for the
whole piece is written beside a link to it; a piece without any is left out, and so are beats that
contradict the author's tempo.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.analysis import activations
from deepmir.analysis.models import Trained
from deepmir.files import annotations, audio
from deepmir.files.annotations import Annotation, Jams

SOURCE = Path("../../data/sources/recordings/kml")
SPLIT = Path("../recordings/data/splits/kml.csv")
TAUGHT = Path("../../data/sources/taught")
TAUGHT_SPLIT = Path("data/splits/taught.csv")
NEAR = 2  # frames from an event to the peak of its activation

# The mean activation at the events that are decoded; for singing, the highest over half a second.
SURE = {"beat": 0.65, "onset": 0.7, "singing": 0.3}
FEWEST = 20  # beats, or onsets
SAME = 0.04  # share by which two tempi that are the same may differ

Array = npt.NDArray[np.float32]


def sureness(task: str, values: Array, rate: float, said: list[Annotation]) -> float:
    """How sure a network is of what it says, from its activations, shape (frames, V)."""
    if task == "singing":
        width = round(0.5 * rate)
        return float(np.convolve(values[:, 0], np.ones(width) / width, "valid").max())
    frames = np.rint(np.array([o.time for o in said[0].observations]) * rate).astype(int)
    if len(frames) < FEWEST:
        return 0.0
    around = (frames[:, None] + np.arange(-NEAR, NEAR + 1)).clip(0, len(values) - 1)
    return float(values[around, 0].max(axis=1).mean())


def is_sure(task: str, sure: float) -> bool:
    """Of singing, that there is none: what is taken for a voice may be an instrument."""
    return sure < SURE[task] if task == "singing" else sure >= SURE[task]


def contradicts(task: str, said: Annotation, known: Jams) -> bool:
    """Whether beats are not at the tempo of the author."""
    tempo = known.first("tempo")
    if task != "beat" or tempo is None:
        return False
    found = 60 / np.median(np.diff([o.time for o in said.observations]))
    return bool(abs(found / float(tempo.observations[0].value) - 1) > SAME)


def pieces(parts: dict[str, str]) -> Iterator[tuple[dict[str, str], Path]]:
    """The rows of the metadata whose piece is not tested on, each with its recording."""
    with (SOURCE / "metadata.csv").open() as file:
        for row in csv.DictReader(file):
            if parts[row["group"]] != "test":
                yield row, SOURCE / row["file"]


def answers(networks: list[Trained], path: Path) -> Iterator[tuple[str, float, Annotation]]:
    """Task, how sure, and what is said."""
    computed = activations.features(audio.from_file(path), networks)
    for one in networks:
        values = activations.decodable(one, computed.features[one.representation.digest])
        said = list(one.decode(values))
        rate = one.representation.frame_rate
        yield one.task.name, sureness(one.task.name, values, rate, said), said[0]


def main() -> None:
    """Ask the teacher about every piece, and write what it is sure of."""
    with SPLIT.open() as file:
        parts = {row["group"]: row["part"] for row in csv.DictReader(file)}
    networks = activations.models_of(list(SURE), None)
    TAUGHT.mkdir(parents=True, exist_ok=True)
    kept = []
    for row, path in pieces(parts):
        known = annotations.read(path.with_suffix(".jams"))
        sure_of = tuple(
            said
            for task, sure, said in answers(networks, path)
            if is_sure(task, sure) and not contradicts(task, said, known)
        )
        print(row["file"], *(said.namespace for said in sure_of), flush=True)
        if not sure_of:
            continue
        kept.append(row)
        link = TAUGHT / row["file"]
        link.unlink(missing_ok=True)
        link.symlink_to(path.resolve())
        annotations.write(link.with_suffix(".jams"), Jams(known.duration, sure_of))
    with (TAUGHT / "metadata.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(kept[0]))
        table.writeheader()
        table.writerows(kept)
    groups = sorted({row["group"] for row in kept})
    lines = ["group,part", *(f"{group},{parts[group]}" for group in groups)]
    TAUGHT_SPLIT.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

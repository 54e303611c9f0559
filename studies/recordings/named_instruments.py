"""The data set `named-instruments`: when each instrument sounds that a composer names.

Run when `instrument-rendered` is trained, from this folder: ``python named_instruments.py``. A
catalogue says which instruments a piece of `kml` has, not when. Where a named family sounds is what
that network finds likeliest in the piece (self-training within what people know); no other family
sounds at all.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from own_folder import ABOUT, SOURCES, TABLE, read_table, write_table

from deepmir.analysis import activations
from deepmir.decoders.median import runs
from deepmir.files import annotations, audio
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.instrument import FAMILIES, LABELS
from deepmir.tasks.shared import tags

SOURCE = SOURCES / "kml"
MADE = Path("../../data/sources/named-instruments")
TEACHER = Path("models/instrument-rendered")
# The catalogue's words that are neither a family nor in `tasks/instrument.py`.
GENERAL = {"woodwinds": "reeds", "electric guitar": "plucked"}
SMOOTHED = 1.0  # s
LIKELY = 0.5  # of the highest activation of the piece


def main() -> None:
    """Write a link to every piece whose instruments are named, and when they sound."""
    shutil.rmtree(MADE, ignore_errors=True)
    MADE.mkdir()
    (teacher,) = activations.models_of(["instrument"], {"instrument": TEACHER})
    rows = []
    for row in read_table(SOURCE / TABLE):
        path = SOURCE / row["file"]
        known = annotations.read(path.with_suffix(".jams"))
        named = families(tags.words(known, "instrument") or {}) & set(LABELS)
        if not named:
            continue
        computed = activations.features(audio.from_file(path), [teacher])
        heard = activations.decodable(teacher, computed.features[teacher.representation.digest])
        said = when(heard, teacher.representation.frame_rate, named)
        (MADE / row["file"]).symlink_to(path.resolve())
        about = Jams(known.duration, (said,), known.title, known.artist)
        annotations.write((MADE / row["file"]).with_suffix(".jams"), about)
        rows.append(tuple(row[key] for key in ABOUT))
    write_table(MADE, rows)
    print(f"{len(rows)} pieces")


def families(names: Iterable[str]) -> set[str]:
    """Those of instruments as the catalogue calls them, and names that have none."""
    return {FAMILIES.get(name, GENERAL.get(name, name)) for name in names}


def when(heard: npt.NDArray[np.float32], rate: float, named: set[str]) -> Annotation:
    """When named families sound, from a network's activations, shape (frames, labels)."""
    width = round(SMOOTHED * rate)
    found = []
    for index, label in enumerate(LABELS):
        if label in named:
            smooth = np.convolve(heard[:, index], np.ones(width) / width, "same")
            sounds = runs(smooth >= LIKELY * smooth.max()) / rate
            found += [Observation(a, b - a, label) for a, b in sounds.tolist()]
    return tags.annotation("instrument", sorted(found, key=lambda o: (o.time, o.value)))


if __name__ == "__main__":
    main()

"""The data set `named-instruments`: when each instrument sounds that a composer names.

Run when `instrument-rendered` is trained, from this folder: ``python named_instruments.py``. A
catalogue says which instruments a piece of `kml` has, not when. A named family sounds where that
network finds it most probable in the piece (self-training constrained by human knowledge); no other
family sounds at all.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from own_folder import SOURCES, Heard, taught

from deepmir.decoders.median import runs
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.instrument import FAMILIES, LABELS
from deepmir.tasks.shared import tags

MADE = Path("../../data/sources/named-instruments")
TEACHER = Path("models/instrument-rendered")
# The catalogue's words that are neither a family nor in `tasks/instrument.py`.
GENERAL = {"woodwinds": "reeds", "electric guitar": "plucked"}
SMOOTHED = 1.0  # s
LIKELY = 0.5  # of the highest activation of the piece


def main() -> None:
    """Write a link to every piece whose instruments are named, and when they sound."""
    print(taught(SOURCES / "kml", MADE, {"instrument": TEACHER}, named_in, when))


def named_in(known: Jams) -> set[str] | None:
    """The families that are named; None where there is none."""
    return families(tags.words(known, "instrument") or {}) & set(LABELS) or None


def families(names: Iterable[str]) -> set[str]:
    """Those of instruments as the catalogue calls them, and names that have none."""
    return {FAMILIES.get(name, GENERAL.get(name, name)) for name in names}


def when(heard: Mapping[str, Heard], named: set[str]) -> Annotation:
    """When named families sound, from a network's activations, shape (frames, labels)."""
    values, rate = heard["instrument"].values, heard["instrument"].rate
    width = round(SMOOTHED * rate)
    found = []
    for index, label in enumerate(LABELS):
        if label in named:
            smooth = np.convolve(values[:, index], np.ones(width) / width, "same")
            sounds = runs(smooth >= LIKELY * smooth.max()) / rate
            found += [Observation(a, b - a, label) for a, b in sounds.tolist()]
    return tags.annotation("instrument", sorted(found, key=lambda o: (o.time, o.value)))


if __name__ == "__main__":
    main()

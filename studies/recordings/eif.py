"""The data sets `eif` and `eif_stems`: five songs of Everything is remixed, and their voices.

Run before snakemake, from this folder: ``python eif.py``. The songs are published as stems (CC0),
with their tempo and key; their sum is the song, and the level of the stems that have VOX in their
names shows where there is singing.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from from_git import files
from own_folder import SILENT, SOURCES, Piece, instants, sounding, write
from scipy.ndimage import median_filter

from deepmir.decoders.median import runs
from deepmir.files import decoding
from deepmir.files.annotations import Annotation, Observation
from deepmir.tasks import singing

REPOSITORY = "ichbinsoftware/everythingisremixed"
COMMIT = "6a6fbe3a634871fba7efe298dee048f394aa0f18"
SONGS = {  # folder, BPM and key, as its README says
    "src/1.Hydrogen": (132.0, "D:major"),
    "src/2.Lithium": (124.0, "G:minor"),
    "src/3.Sodium": (140.0, "G:minor"),
    "src/5.Rubidium": (132.0, "G:major"),
    "src/7.Francium": (128.0, "Bb:major"),
}
ARTIST, LICENCE = "Software-Entwicklungskit", "CC0 1.0"
LEVEL, STEP, SMOOTHED = 0.05, 0.01, 0.2  # s: of the level, between two of them, of the median
SUNG = 0.03  # of the highest level


def added(stems: Sequence[np.ndarray]) -> np.ndarray:
    """The sum of stems, each silent after its end, shape (S,)."""
    mix = np.zeros(max(map(len, stems)))
    for stem in stems:
        mix[: len(stem)] += stem
    return mix


def sung(voice: np.ndarray, rate: int) -> Annotation:
    """Where a vocal stem is loud."""
    hop, window = round(STEP * rate), round(LEVEL * rate)
    power = np.convolve(voice**2, np.ones(window) / window, "same")[::hop]
    is_sung = np.sqrt(power) > SUNG * np.sqrt(power.max())
    steady = median_filter(is_sung, round(SMOOTHED / STEP) | 1)
    return singing.annotation(runs(steady) * hop / rate)


def beats(samples: np.ndarray, rate: int, tempo: float) -> Annotation:
    """The beats of a steady grid from the beginning on, where something sounds."""
    times = np.arange(0.0, len(samples) / rate, 60 / tempo)
    return instants("beat", sounding(samples, rate, times))


def song(folder: Path, tempo: float, key: str) -> tuple[Piece, Piece, Piece]:
    """A song, its voices and its accompaniment."""
    parts: dict[bool, list[np.ndarray]] = {True: [], False: []}
    for path in sorted(folder.glob("*_mobile.m4a")):
        if "Master" not in path.name:
            samples, rate = decoding.whole(path)
            parts["VOX" in path.name].append(samples.mean(axis=1))
    everything = added(parts[True] + parts[False])
    end = min(np.flatnonzero(abs(everything) > SILENT)[-1] + rate, len(everything))
    mix, voices, rest = (
        np.pad(part, (0, max(0, end - len(part))))[:end]
        for part in (everything, added(parts[True]), added(parts[False]))
    )
    title = folder.name.split(".")[-1]
    seconds = end / rate
    grid = (
        Annotation("tempo", (Observation(0.0, seconds, tempo, 1.0),)),
        Annotation("key_mode", (Observation(0.0, seconds, key),)),
    )
    voice = sung(voices, rate)
    nobody = singing.annotation(np.zeros((0, 2)))
    about = (title, ARTIST, f"eif {title}", LICENCE)
    said = {
        "": (mix, (*grid, beats(mix, rate, tempo), voice)),
        "_vocals": (voices, (voice,)),
        "_accompaniment": (rest, (*grid, beats(rest, rate, tempo), nobody)),
    }
    made = [
        Piece(title + name, samples, rate, said, *about) for name, (samples, said) in said.items()
    ]
    return made[0], made[1], made[2]


def main() -> None:
    """Write songs and stems, each a folder of its own, with the tables of their groups."""
    home = files(REPOSITORY, COMMIT, list(SONGS))
    made = [song(home / folder, tempo, key) for folder, (tempo, key) in SONGS.items()]
    write(SOURCES / "eif", [mix for mix, *_ in made])
    write(SOURCES / "eif_stems", [stem for _, *stems in made for stem in stems])


if __name__ == "__main__":
    main()

"""Onsets at the words of real songs, the only onsets that JamendoLyrics annotates.

Run by hand: ``python benchmarks/words.py data/sources/jamendolyrics`` (the folder with
JamendoLyrics.csv). A word is found if there is an onset within 50 ms of its start. A system with
more onsets finds more words by chance, so the same is counted for the same words shifted by some
tenths of a second: ``beyond chance`` is (found - chance) / (1 - chance). The number of false onsets
is unknown, because no other notes are annotated.
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
from systems import systems

from deepmir.datasets.recordings import words
from deepmir.datasets.recordings.jamendolyrics import JamendoLyrics
from deepmir.tasks.onset import TASK as ONSET

Floats = npt.NDArray[np.float64]

WINDOW = 0.05  # seconds
MOVED = (-0.35, -0.2, 0.2, 0.35)  # seconds


def found(onsets: Floats, starts: Floats) -> float:
    """Share of the starts that have an onset."""
    places = np.searchsorted(onsets, starts)
    edged = np.concatenate([[-np.inf], onsets, [np.inf]])
    nearest = np.minimum(starts - edged[places], edged[places + 1] - starts)
    return float((nearest <= WINDOW).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    declared = JamendoLyrics(source="jamendolyrics", home=parser.parse_args().home)
    songs = [
        (song.audio, np.array([start for start, _ in words.read(song.words, np.inf)]))
        for song in declared.songs()
        if song.audio is not None
    ]
    print("mean over songs    onsets a second    words found    by chance    beyond chance")
    for name, answer in systems(ONSET).items():
        rows = []
        for recording, starts in songs:
            said = answer(recording)
            onsets = np.array([]) if said is None else said.times
            hit = found(onsets, starts)
            chance = float(np.mean([found(onsets, starts + by) for by in MOVED]))
            span = onsets[-1] - onsets[0]
            rows.append((len(onsets) / span, hit, chance, (hit - chance) / (1 - chance)))
        rate, hit, chance, beyond = np.mean(rows, axis=0)
        print(f"{name:10}{rate:24.2f}{hit:15.3f}{chance:13.3f}{beyond:17.3f}")


if __name__ == "__main__":
    main()

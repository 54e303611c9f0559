"""Onsets at the words of real songs, which are the only onsets that JamendoLyrics knows.

Run by hand: ``python benchmarks/words.py data/sources/jamendolyrics10`` (the folder with
JamendoLyrics.csv). A word is found where there is an onset within 50 ms of its start. Whoever
says more onsets finds more words by chance, so the same is counted for the same words moved by
some tenths of a second: ``beyond chance`` is (found - chance) / (1 - chance). How many of the
onsets are false cannot be said, as no other notes are annotated.
"""

import argparse
import importlib.util
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

import deepmir
from deepmir import audio
from deepmir.baselines import essentia_onsets, librosa_onsets, superflux
from deepmir.datasets.recordings import jamendolyrics, words
from deepmir.params import JamendoLyrics
from deepmir.tasks.onset import TASK as ONSET

Floats = npt.NDArray[np.float64]
Detector = Callable[[Path], Floats]

WINDOW = 0.05  # seconds
MOVED = (-0.35, -0.2, 0.2, 0.35)  # seconds
BASELINES = {
    "librosa": (librosa_onsets, 22050),
    "SuperFlux": (superflux, 44100),
    "Essentia": (essentia_onsets, 44100),
}


def network(recording: Path) -> Floats:
    onsets = deepmir.analyze(recording, tasks=["onset"]).onsets
    return np.array([]) if onsets is None else onsets


def baseline(name: str) -> Detector:
    method, rate = BASELINES[name]
    annotate = method.annotator(Path(tempfile.gettempdir()), ONSET, rate)
    return lambda recording: annotate(audio.load(recording, rate))[0].times


def found(onsets: Floats, starts: Floats) -> float:
    """Share of the starts that have an onset."""
    places = np.searchsorted(onsets, starts)
    edged = np.concatenate([[-np.inf], onsets, [np.inf]])
    nearest = np.minimum(starts - edged[places], edged[places + 1] - starts)
    return float((nearest <= WINDOW).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    options = parser.parse_args()
    songs = jamendolyrics.songs(JamendoLyrics(source="jamendolyrics", home=options.home))
    detectors = {"deepmir": network, "librosa": baseline("librosa")}
    detectors["SuperFlux"] = baseline("SuperFlux")
    if importlib.util.find_spec("essentia"):
        detectors["Essentia"] = baseline("Essentia")
    print("mean over songs    onsets a second    words found    by chance    beyond chance")
    for name, detect in detectors.items():
        rows = []
        for song in songs:
            if song.audio is None:
                continue
            onsets = detect(song.audio)
            starts = np.array([start for start, _ in words.read(song.words, np.inf)])
            hit = found(onsets, starts)
            chance = float(np.mean([found(onsets, starts + by) for by in MOVED]))
            span = onsets[-1] - onsets[0]
            rows.append((len(onsets) / span, hit, chance, (hit - chance) / (1 - chance)))
        rate, hit, chance, beyond = np.mean(rows, axis=0)
        print(f"{name:10}{rate:24.2f}{hit:15.3f}{chance:13.3f}{beyond:17.3f}")


if __name__ == "__main__":
    main()

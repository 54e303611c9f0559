"""The data set `kml-beats`: the beats of pieces whose composer gives the tempo.

Run when `beat-solo` is trained, from this folder: ``python kml_beats.py``. The network gives the
beats, the catalogue the tempo: a piece is used if its beats are a steady pulse of exactly that
tempo, of twice as much or of half (self-training constrained by human knowledge). Downbeats are not
annotated.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from own_folder import SOURCES, Heard, instants, taught

from deepmir.decoders.bar_pointer import BarPointer, Beats
from deepmir.files.annotations import Annotation, Jams
from deepmir.tasks.tempo import tempi

MADE = Path("../../data/sources/kml-beats")
TEACHER = Path("models/beat-solo")
EXACT = 1e-3  # share by which the tempo may differ
FEWEST = 16  # beats
STEADY = 0.1  # of a beat, by which the distance of two beats may differ from that of all


def main() -> None:
    """Write a link to every piece whose tempo is found just as its composer gives it."""
    print(taught(SOURCES / "kml", MADE, {"beat": TEACHER}, tempo_of, beats_of))


def tempo_of(known: Jams) -> float | None:
    """The composer's tempo, BPM; None where he gives none."""
    bpm, _ = tempi(known)
    return float(bpm[0]) if bpm.size else None


def beats_of(heard: Mapping[str, Heard], bpm: float) -> Annotation | None:
    """The beats at a tempo, BPM, from a network's activations; None where they are not steady."""
    beat = heard["beat"]
    times = at_tempo(BarPointer(frame_rate=beat.rate)(beat.values), bpm)
    return None if times is None else instants("beat", times)


def at_tempo(beats: Beats, bpm: float) -> np.ndarray | None:
    """The beats at a tempo, BPM, if they go steadily at it, twice or half as fast; in seconds.

    Of beats that are twice as fast, those are kept that the downbeat is among.
    """
    times = beats.times
    if len(times) < FEWEST:
        return None
    pace = beats.tempo / bpm
    if abs(pace / 2 - 1) <= EXACT and beats.metre == 4:
        times = times[beats.positions % 2 == 1]
    elif abs(pace * 2 - 1) <= EXACT:
        times = np.interp(np.arange(0, len(times) - 0.5, 0.5), np.arange(len(times)), times)
    elif abs(pace - 1) > EXACT:
        return None
    steps = np.diff(times) * bpm / 60
    return times if (abs(steps - 1) < STEADY).all() else None


if __name__ == "__main__":
    main()

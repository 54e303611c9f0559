"""The data set `games-beats`: pieces of `games` in which two networks agree on one steady pulse.

Run when `games` exists and `beat-solo` and `tempo` are trained, from this folder: ``python
games_beats.py`` (self-training). The decoder, which sees a whole piece, corrects local errors of
the network: a piece is used if one steady pulse explains it, if the network is confident in most of
its beats, and if the tempo network gives the same tempo. Downbeats are annotated where those of the
whole piece stand out.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from own_folder import Heard, instants, taught

from deepmir.decoders.bar_pointer import BarPointer
from deepmir.decoders.tempo_peak import DISTANCE
from deepmir.files.annotations import Annotation
from deepmir.tasks import tempo

SOURCE = Path("../../data/sources/games")
MADE = Path("../../data/sources/games-beats")
TEACHERS = {"beat": Path("models/beat-solo"), "tempo": Path("models/tempo")}
FEWEST = 16  # beats
SURE = 0.5  # activation at the beats, in the mean
STANDS_OUT = 0.15  # by which downbeats are more active than the beats at any other place
REACH = 2  # frames from a beat within which its activation may be


def main() -> None:
    """Write a link to every piece that is taken, and its beats."""
    print(taught(SOURCE, MADE, TEACHERS, lambda known: True, beats_of))


def beats_of(heard: Mapping[str, Heard], _: bool) -> Annotation | None:
    """The beats of a piece, and downbeats where they are clear; None where networks are unsure."""
    values, rate = heard["beat"].values, heard["beat"].rate
    path = BarPointer(frame_rate=rate, in_phase=1)(values)
    beats = BarPointer(frame_rate=rate)(values)
    bpm = float(tempo.TASK.decoder(1.0)(heard["tempo"].values)[0].observations[0].value)
    is_steady = not np.array_equal(path.times, beats.times)
    if len(beats.times) < FEWEST or not is_steady or abs(beats.tempo / bpm - 1) > DISTANCE / 2:
        return None
    near = np.rint(beats.times * rate).astype(int)[:, None] + np.arange(-REACH, REACH + 1)
    active = values[near.clip(0, len(values) - 1)].max(axis=1)
    if active.max(axis=1).mean() < SURE:
        return None
    positions = beats.positions.tolist() if stand_out(active[:, 1], beats.positions) else ()
    return instants("beat", beats.times, positions)


def stand_out(active: npt.NDArray[np.float32], positions: npt.NDArray[np.int64]) -> bool:
    """Whether downbeats are clearly more active than the beats at any other place of the bar."""
    first, *others = (float(active[positions == p].mean()) for p in np.unique(positions))
    return first - max(others) > STANDS_OUT


if __name__ == "__main__":
    main()

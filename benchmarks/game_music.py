"""Excerpts of the music of free games: varied recordings that nobody has annotated.

Run by hand: ``python benchmarks/game_music.py GAMES FOLDER``. GAMES is the output of
``studies/recordings/games.py``. Up to a given number of pieces of each package are drawn, and a
minute of each is written as FLAC.
"""

import argparse
import csv
import random
from collections import defaultdict
from pathlib import Path

import soundfile

from deepmir.files import audio, decoding

# Pieces of each package. Rock, electronic and orchestral music, most of it without singing.
PACKAGES = {
    "asc-music": 3,
    "drascula-music": 8,
    "hedgewars-data": 14,
    "hyperrogue-music": 10,
    "singularity-music": 10,
    "supertuxkart-data": 22,
    "warzone2100-music": 10,
    "nexuiz-music": 10,
    "ufoai-music": 8,
    "wesnoth-1.16-music": 10,
}
LONG = 85.0  # s: of longer pieces the begin is left out
LENGTH, BEGIN = 60.0, 20.0  # s
RATE = 44_100  # Hz


def drawn(games: Path) -> list[Path]:
    """Pieces of the packages."""
    pieces = defaultdict(list)
    with (games / "metadata.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            pieces[row["artist"]].append(games / row["file"])
    draws = random.Random(1)
    return [
        piece
        for package, count in PACKAGES.items()
        for piece in draws.sample(pieces[package], min(count, len(pieces[package])))
    ]


def cut(piece: Path, excerpt: Path) -> None:
    """Write a minute of a piece: after its begin, or from the middle of a short one."""
    seconds = decoding.seconds(piece)
    begin = BEGIN if seconds > LONG else max(0.0, (seconds - LENGTH) / 2)
    samples = audio.load(piece, RATE, begin, LENGTH)
    soundfile.write(excerpt, samples.clip(-1, 1), RATE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("games", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for piece in drawn(options.games):
        cut(piece, options.folder / f"{piece.stem[:60]}.flac")


if __name__ == "__main__":
    main()

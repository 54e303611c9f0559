"""Excerpts of the music of free games, as recordings of many kinds that nobody has annotated.

Run by hand, on Debian, with ffmpeg: ``python benchmarks/game_music.py FOLDER``. Packages are
downloaded (1.1 GB) and unpacked beside the folder, not installed; up to 22 pieces of each are
drawn, and a minute of each is written as FLAC: 100 of them, 1 GB. Each has the licence that its
package names.
"""

import argparse
import random
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

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
AUDIO = {".mp3", ".ogg", ".opus"}
LEAST = 800_000  # bytes: what is smaller is a sound effect
LONG = 85.0  # s: of longer pieces the begin is left out
SHORTEST, LENGTH, BEGIN = 45.0, 60, 20.0  # s


def unpacked(package: str, work: Path) -> Path:
    """The folder of a package, its archives unpacked as well."""
    root = work / package
    if not root.exists():
        subprocess.run(["apt-get", "download", package], cwd=work, check=True)
        (archive,) = work.glob(f"{package}_*.deb")
        subprocess.run(["dpkg-deb", "-x", archive, root], check=True)
        for path in sorted(root.rglob("*.pk3")):
            with zipfile.ZipFile(path) as packed:
                music = [name for name in packed.namelist() if name.lower().endswith(".ogg")]
                packed.extractall(root / "un", music)
    return root


def drawn(work: Path) -> Iterator[tuple[str, Path]]:
    """Packages and pieces of them."""
    draws = random.Random(1)
    for package, count in PACKAGES.items():
        found = (p for p in unpacked(package, work).rglob("*") if p.suffix.lower() in AUDIO)
        pieces = sorted(str(p) for p in found if p.stat().st_size > LEAST)
        draws.shuffle(pieces)
        yield from ((package, Path(piece)) for piece in pieces[:count])


def cut(piece: Path, excerpt: Path) -> None:
    """Write a minute of a piece: after its begin, or from the middle of a short one."""
    ask = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", piece]
    asked = subprocess.run(ask, capture_output=True, text=True, check=False)
    if asked.returncode:
        print(f"skipped, ffprobe does not read it: {piece}")
        return
    seconds = float(asked.stdout)
    if seconds < SHORTEST:
        return
    begin = BEGIN if seconds > LONG else max(0.0, (seconds - LENGTH) / 2)
    times = ["-ss", str(begin), "-t", str(LENGTH)]
    form = ["-vn", "-ac", "2", "-ar", "44100", "-sample_fmt", "s16", excerpt]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *times, "-i", piece, *form], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    work = folder.parent / "packages"
    for path in (folder, work):
        path.mkdir(parents=True, exist_ok=True)
    for package, piece in drawn(work):
        cut(piece, folder / f"{package}-{piece.stem.replace(' ', '_')[:40]}.flac")


if __name__ == "__main__":
    main()

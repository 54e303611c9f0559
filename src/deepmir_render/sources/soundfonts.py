"""The soundfonts that songs are played with: where they are, and what was measured of them.

`soundfonts.csv` is written by `benchmarks/soundfonts.py`, with the programs of each soundfont that
sound and are in tune where they are played. No soundfont is part of this project: one comes with a
Python package that deepmir needs, the others with packages of Debian.
"""

import csv
import os
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from deepmir.errors import DeepmirError, MissingDataError
from deepmir_render.instruments import INSTRUMENTS, Instrument
from deepmir_render.sources.corpus import package_folder

FOLDERS = ("/usr/share/sounds/sf2", "/usr/share/sounds/sf3", "/usr/share/soundfonts")
VARIABLE = "SOUNDFONTS"  # more folders, separated as in PATH; they are searched first
TABLE = Path(__file__).with_name("soundfonts.csv")


@dataclass(frozen=True)
class Source:
    """Where a soundfont comes from: its file, its package and its licence."""

    file: str
    package: str
    licence: str


KNOWN = {
    "TimGM6mb": Source("TimGM6mb.sf2", "pretty_midi", "GPL-2"),
    "FluidR3_GM": Source("FluidR3_GM.sf2", "fluid-soundfont-gm", "MIT"),
    "FluidR3Mono_GM": Source("FluidR3Mono_GM.sf3", "fluidr3mono-gm-soundfont", "MIT"),
    "MuseScore_General": Source("MuseScore_General_Full.sf3", "musescore-general-soundfont", "MIT"),
    "OPL-3_FM_128M": Source("OPL-3_FM_128M.sf2", "opl3-soundfont", "CC-BY-SA-4.0"),
}


@dataclass(frozen=True)
class SoundFont:
    """A soundfont that is installed.

    Attributes:
        name: one of `KNOWN`.
        path: of its file.
        licence: of the soundfont.
    """

    name: str
    path: Path
    licence: str


@dataclass(frozen=True)
class Measured:
    """What an instrument sounds like in one soundfont: median over its range at velocity 90.

    Attributes:
        instrument: which was measured, with the range in which it sounds and is in tune.
        level: greatest RMS of 50 ms at full channel volume, in dB relative to full scale.
        tuning: cents that notes are above A4 = 440 Hz.
        latency: samples from a note's start until 1 % of its peak, which playing makes up for, to
            the nearest block of the player.
        rise: milliseconds from a note's start until 10 % of its greatest energy.
        sustained: whether a held note lasts, rather than decaying by 20 dB in two seconds.
    """

    instrument: Instrument
    level: float
    tuning: float
    latency: int
    rise: float
    sustained: bool


def find(name: str) -> SoundFont:
    """The soundfont that is called `name`.

    Raises:
        DeepmirError: when no such soundfont is known, or it is not installed.
    """
    source = KNOWN.get(name)
    if source is None:
        raise DeepmirError(f"there is no soundfont {name}: choose from {', '.join(KNOWN)}")
    for folder in _folders():
        path = folder / source.file
        if path.is_file():
            return SoundFont(name, path, source.licence)
    installer = "pip" if source.package == "pretty_midi" else "apt"
    raise MissingDataError(
        f"the soundfont {name} ({source.file}) is missing: `{installer} install {source.package}`,"
        f" or name the folder that it is in with the environment variable {VARIABLE}"
    )


def installed() -> tuple[str, ...]:
    """Names of the known soundfonts that are there, in the order of `KNOWN`."""
    folders = _folders()
    return tuple(
        name
        for name, source in KNOWN.items()
        if any((folder / source.file).is_file() for folder in folders)
    )


@cache
def measured(name: str) -> dict[str, Measured]:
    """The programs that a known soundfont plays well, by their names."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["font"] == name]
    return {
        row["name"]: Measured(
            instrument=replace(
                INSTRUMENTS[row["name"]], low=int(row["low"]), high=int(row["high"])
            ),
            level=float(row["level"]),
            tuning=float(row["tuning"]),
            latency=int(row["latency"]),
            rise=float(row["rise"]),
            sustained=row["sustained"] == "yes",
        )
        for row in rows
    }


def _folders() -> list[Path]:
    own = [Path(each) for each in os.environ.get(VARIABLE, "").split(os.pathsep) if each]
    return [*own, package_folder("pretty_midi"), *map(Path, FOLDERS)]

"""The soundfonts: their locations, and the measurements of their programs.

`soundfonts.csv` is written by `benchmarks/soundfonts.py`, with the programs of each soundfont that
sound and are in tune in their range. No soundfont is part of this project: one comes with a
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
VARIABLE = "SOUNDFONTS"  # further folders, separated as in PATH, searched first
TABLE = Path(__file__).with_name("soundfonts.csv")


@dataclass(frozen=True)
class Source:
    """The origin of a soundfont: its file, package and licence."""

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
    """An installed soundfont.

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
    """The measurements of an instrument in one soundfont: medians over its range at velocity 90.

    Attributes:
        instrument: with the range in which it sounds and is in tune.
        level: maximum RMS of 50 ms at full channel volume, in dB relative to full scale.
        tuning: deviation of notes from A4 = 440 Hz in cents.
        latency: samples from a note's start to 1 % of its peak, compensated in playing to the
            nearest block of the player.
        rise: milliseconds from a note's start to 10 % of its maximum energy.
        sustained: whether a held note is sustained, rather than decaying by 20 dB in two seconds.
    """

    instrument: Instrument
    level: float
    tuning: float
    latency: int
    rise: float
    sustained: bool


def find(name: str) -> SoundFont:
    """The soundfont with the name `name`.

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
    """Names of the known soundfonts that are installed, in the order of `KNOWN`."""
    folders = _folders()
    return tuple(
        name
        for name, source in KNOWN.items()
        if any((folder / source.file).is_file() for folder in folders)
    )


@cache
def measured(name: str) -> dict[str, Measured]:
    """The programs that a known soundfont plays well, by name."""
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

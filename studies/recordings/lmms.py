"""The data set `lmms`: demo projects of the LMMS workstation, with the beats of their grid.

Run before snakemake, from this folder: ``python lmms.py``, after ``apt install lmms``. A project
gives its tempo and its metre; LMMS plays it from the first beat on.
"""

import os
import subprocess
import tempfile
import zlib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import soundfile
from own_folder import SOURCES, Piece, instants, sounding, write

from deepmir.files.annotations import Annotation, Observation

MADE = SOURCES / "lmms"
PROJECTS = Path("/usr/share/lmms/projects")
ARTISTIC = "Artistic-2.0"
# Those of one steady tempo, with the licences that the package states.
LICENCES = {
    "demos/Alf42red-Mauiwowi.mmpz": "CC BY-SA 3.0",
    "demos/CapDan/CapDan-ReggaeTry.mmpz": ARTISTIC,
    "demos/CapDan/CapDan-ReggaetonTry.mmpz": ARTISTIC,
    "demos/CapDan/CapDan-TwilightArea-OriginalByAlf42red.mmpz": "CC BY-SA 3.0",
    "demos/CapDan/CapDan-ZeroSumGame-OriginalByZakarra.mmpz": ARTISTIC,
    "demos/EsoXLB-CPU.mmpz": ARTISTIC,
    "demos/Impulslogik-Zen.mmpz": ARTISTIC,
    "demos/Jousboxx-BuzzerBeater.mmpz": "CC BY-SA 4.0",
    "demos/Momo64-esp.mmpz": ARTISTIC,
    "demos/Saber-FinalStep.mmpz": "BSD-2-Clause",
    "demos/Settel-InnerRecreation.mmpz": ARTISTIC,
    "demos/Shovon-ProgressiveHousePluckDemo.mmpz": "GPL-2+",
    "demos/Socceroos-Progress.mmpz": ARTISTIC,
    "demos/StrictProduction-DearJonDoe.mmp": "GPL-2+",
    "demos/TameAnderson-MakeMe.mmpz": ARTISTIC,
    "shorties/DirtyLove.mmpz": "GPL-2+",
    "shorties/Greshz-CoolSnip.mmpz": ARTISTIC,
    "shorties/Surrender-Main.mmpz": ARTISTIC,
}
GROUPS = {"Alf42red": "CapDan"}  # who plays a piece of the other
RATE, LONGEST = 44_100, 90.0  # Hz, s


def head(path: Path) -> tuple[float, int]:
    """Tempo, BPM, and beats in a bar of a project."""
    content = path.read_bytes()
    if path.suffix == ".mmpz":  # qCompress: four bytes of length, then zlib
        content = zlib.decompress(content[4:])
    said = ElementTree.fromstring(content).find("head")
    assert said is not None
    # An automated value has an element of its own.
    inner = said.find("bpm")
    tempo = said.get("bpm") or (inner.get("value") if inner is not None else None)
    assert tempo is not None, path
    return float(tempo), int(said.get("timesig_numerator", 4))


def rendered(path: Path) -> np.ndarray:
    """What LMMS plays, mono, shape (S,), at `RATE`."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made.wav"
        command = ["lmms", "render", str(path), "-f", "wav", "-s", str(RATE), "-o", str(made)]
        # It needs no screen, and must not read the settings of who runs this.
        alone = os.environ | {"QT_QPA_PLATFORM": "offscreen", "HOME": folder}
        subprocess.run([*command, "--allowroot"], env=alone, check=True, capture_output=True)
        samples, _ = soundfile.read(made, frames=round(LONGEST * RATE), dtype="float32")
    return samples.mean(axis=1)


def piece(path: Path, licence: str) -> Piece:
    """A project as it is played, with its beats."""
    samples = rendered(path)
    tempo, bar = head(path)
    seconds = len(samples) / RATE
    heard = sounding(samples, RATE, np.arange(0.0, seconds, 60 / tempo))
    said = (
        Annotation("tempo", (Observation(0.0, seconds, tempo, 1.0),)),
        instants("beat", heard, [round(time * tempo / 60) % bar + 1 for time in heard]),
    )
    artist = path.stem.split("-")[0]
    group = f"lmms {GROUPS.get(artist, artist)}"
    name = path.stem.replace("-", "_")
    return Piece(name, samples, RATE, said, path.stem, artist, group, licence)


def main() -> None:
    """Write every project, and the table of their groups."""
    pieces = []
    for name, licence in LICENCES.items():
        pieces.append(piece(PROJECTS / name, licence))
        print(pieces[-1].name, flush=True)
    write(MADE, pieces)


if __name__ == "__main__":
    main()

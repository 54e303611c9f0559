"""The data set `modules`: tracker music of Debian's games, with the times at which its rows begin.

Run before snakemake, from this folder: ``python modules.py``, after ``apt install libopenmpt0`` and
the packages below. A module is a score with its sounds: libopenmpt plays it, and reports every few
samples which row it has reached. A beat is every fourth row, as trackers count; an onset is a row
that starts an audible note.
"""

import ctypes
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from own_folder import SOURCES, Piece, instants, write

from deepmir.files.annotations import Annotation, Observation

MADE = SOURCES / "modules"
PACKAGES = {  # and the licences that they state
    "biniax2-data": "Zlib",
    "circuslinux-data": "GPL",
    "heroes-sound-tracks": "GPL-2+",
    "madbomber-data": "GPL-2",
    "njam-data": "GPL-2+",
    "pingus-data": "GPL-2+",
    "rafkill-data": "LGPL-2",
    "tecnoballz-data": "GPL-3+",
}
KINDS = (".it", ".mod", ".s3m", ".xm")
# For other tests.
LEFT_OUT = ("area1-game2", "gd-giirm", "heroes02", "heroes07", "menu", "pingus-1")
UNSURE = ("heroes01", "bizjung")  # attacks are elsewhere than on every fourth row
RATE, STEP = 44_100, 64  # Hz; samples between two looks at the row: 1.5 ms
SKIPPED, KEPT = 10.0, 90.0  # s
SHORT = 30.0  # s: nothing is skipped of less
SHORTEST = 20.0  # s: jingles
LOUD = 10 ** (-30 / 20)  # of a channel, so that its note is heard
ATTACK = 0.02  # s in which it has to be that loud
FASTEST = 200.0  # BPM of a beat; above it, a beat is twice as many rows
ROWS = (4, 8, 16)
EVEN, STEADY = 0.05, 0.9  # intervals of beats that are so near their median, and how many have to


@dataclass
class Row:
    """A row that was played: when it began, s, its number, and whether a note of it was heard."""

    start: float
    number: int
    is_heard: bool = False


class Player:
    """A module as libopenmpt plays it (https://lib.openmpt.org)."""

    def __init__(self, path: Path) -> None:
        """Open a module.

        Raises:
            OSError: when libopenmpt is missing, or does not read the file.
        """
        self._library = ctypes.CDLL("libopenmpt.so.0")
        create = self._library.openmpt_module_create_from_memory2
        create.restype = ctypes.c_void_p
        self._library.openmpt_module_get_current_channel_vu_mono.restype = ctypes.c_float
        self._library.openmpt_module_read_float_mono.restype = ctypes.c_size_t
        content = path.read_bytes()
        nothing = (None,) * 7
        self._module = ctypes.c_void_p(create(content, ctypes.c_size_t(len(content)), *nothing))
        if not self._module:
            raise OSError(f"libopenmpt does not read {path}")

    def close(self) -> None:
        """Give its memory back."""
        self._library.openmpt_module_destroy(self._module)

    def play(self, seconds: float) -> tuple[np.ndarray, list[Row]]:
        """Samples at `RATE`, mono, shape (S,), and the rows that were played."""
        blocks: list[np.ndarray] = []
        rows: list[Row] = []
        at, waiting = (-1, -1), list[int]()
        for block in self._blocks(round(seconds * RATE / STEP)):
            now = len(blocks) * STEP / RATE
            blocks.append(block)
            here = (self._asked("current_order"), self._asked("current_row"))
            if here != at:
                at, waiting = here, self._notes(here[1])
                rows.append(Row(now, here[1]))
            elif now - rows[-1].start > ATTACK:
                waiting = []
            if any(self._loudness(channel) > LOUD for channel in waiting):
                rows[-1].is_heard, waiting = True, []
        return np.concatenate(blocks), rows

    def _blocks(self, number: int) -> Iterator[np.ndarray]:
        buffer = (ctypes.c_float * STEP)()
        read = self._library.openmpt_module_read_float_mono
        for _ in range(number):
            if not (count := read(self._module, RATE, ctypes.c_size_t(STEP), buffer)):
                return
            yield np.array(buffer[:count], dtype=np.float32)

    def _asked(self, what: str) -> int:
        return int(getattr(self._library, f"openmpt_module_get_{what}")(self._module))

    def _notes(self, row: int) -> list[int]:
        """The channels in which a row starts a note."""
        pattern = self._asked("current_pattern")
        command = self._library.openmpt_module_get_pattern_row_channel_command
        return [
            channel
            for channel in range(self._asked("num_channels"))
            if 1 <= command(self._module, pattern, row, channel, 0) & 0xFF <= 120
        ]

    def _loudness(self, channel: int) -> float:
        return float(
            self._library.openmpt_module_get_current_channel_vu_mono(self._module, channel)
        )


def beats(rows: list[Row]) -> tuple[float, np.ndarray]:
    """Tempo, BPM, and times of the beats, s; 0 and none where they are not steady."""
    for every in ROWS:
        times = np.array([row.start for row in rows if row.number % every == 0])
        gaps = np.diff(times)
        near = gaps[abs(gaps / np.median(gaps) - 1) < EVEN] if len(gaps) else gaps
        if len(near) < STEADY * len(gaps) or not len(gaps):
            break
        if 60 / near.mean() <= FASTEST:
            return 60 / float(near.mean()), times
    return 0.0, np.zeros(0)


def piece(path: Path, package: str, licence: str) -> Piece | None:
    """What is kept of a module; None of a jingle, or where libopenmpt plays no numbers."""
    player = Player(path)
    samples, rows = player.play(SKIPPED + KEPT)
    player.close()
    seconds = len(samples) / RATE
    if seconds < SHORTEST or not np.isfinite(samples).all():
        return None
    start = SKIPPED if seconds >= SHORT else 0.0
    samples = samples[round(start * RATE) : round((start + KEPT) * RATE)]
    end = start + len(samples) / RATE
    rows = [
        Row(row.start - start, row.number, row.is_heard) for row in rows if start <= row.start < end
    ]
    tempo, times = beats(rows)
    said = [instants("onset", [row.start for row in rows if row.is_heard])]
    if tempo:
        said.append(Annotation("tempo", (Observation(0.0, end - start, tempo, 1.0),)))
    if tempo and path.stem not in UNSURE:
        said.append(instants("beat", times))
    name = f"{package.removesuffix('-data')}_{path.stem}".replace("-", "_")
    return Piece(
        name, samples, RATE, tuple(said), path.stem, package, f"modules {package}", licence
    )


def main() -> None:
    """Write every module of the packages, and the table of their groups."""
    pieces = []
    for package, licence in PACKAGES.items():
        listed = subprocess.run(
            ["dpkg", "-L", package], capture_output=True, text=True, check=True
        ).stdout
        for path in sorted(map(Path, listed.splitlines())):
            is_kept = path.suffix in KINDS and path.stem not in LEFT_OUT
            made = piece(path, package, licence) if is_kept else None
            if made is not None:
                pieces.append(made)
                print(made.name, flush=True)
    write(MADE, pieces)


if __name__ == "__main__":
    main()

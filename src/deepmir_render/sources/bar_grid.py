"""The bar lines of a POP909 song, and the bar of its structure labels that each corresponds to.

POP909-CL counts beats, but in many of its songs the first bar line is not at the start of the file,
and ballads have half bars, where its bars and those of the structure labels diverge. The structure
data (see human_sections.py) has its own chords, in beats from the first bar line. So each of its
bars is aligned with the chords of POP909-CL where they agree best, in order (a Viterbi search over
the offset between the two), and the offset changes where a bar was dropped or added.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError

Floats = npt.NDArray[np.float64]

EARLIEST, LATEST = -12, 88  # beats: range of the first bar of the structure
CHANGES = (-3, -2, -1, 1, 2, 3, 4, 5, 6, 8)  # beats: possible changes of the offset from bar to bar
CHANGE, CHANGE_AT_PHRASE = 8.0, 6.0  # cost of a change, in beats with agreeing chords
SILENT = 0.5  # agreement where the structure data has no chord
LEAST_ON_BARS = 0.8  # minimum ratio of chords that start with a bar to those on another beat
LEAST = 0.75  # mean agreement below which the two are taken for different songs
_ROW = re.compile(r"(\S+)\s+\[(.*)\]\s+(-?\d+)\s+(\d+)\s*")


@dataclass(frozen=True)
class BarGrid:
    """Bars in beats of POP909-CL.

    Attributes:
        starts: of each bar of the structure data, and the end of the last one.
        agreement: of the chords, from 0 to 1.
    """

    starts: tuple[int, ...]
    agreement: float


def read_chords(path: Path) -> Floats:
    """The chords of the structure data: pitch classes of each beat, shape (beats, 12).

    Raises:
        DeepmirError: when the file is missing or damaged.
    """
    beats: list[Floats] = []
    try:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip():
                match = _ROW.fullmatch(line.strip() + " ")
                if match is None and not line.startswith("N"):
                    raise ValueError(f"line {number} is not a chord with its beats")
                classes = match[2] if match else ""
                chord = np.zeros(12)
                chord[[int(pitch) % 12 for pitch in classes.split(",") if pitch.strip()]] = 1
                beats += [chord] * int(line.split()[-1])
    except (OSError, ValueError) as error:
        raise DeepmirError(f"{path}: the chords cannot be read ({error})") from None
    return np.array(beats).reshape(-1, 12)


def find(chords: Floats, structure: Floats, beats: int, phrases: Sequence[int]) -> BarGrid:
    """Align the bars of the structure data with the chords of the song.

    Args:
        chords: pitch classes of each beat of the song, shape (beats, 12).
        structure: of each beat of the structure data, which starts with a bar; shape (beats, 12).
        beats: per bar.
        phrases: bars at which phrases start, where a change of the offset is more likely.

    Raises:
        DeepmirError: when the chords do not agree.
    """
    bars = -(-len(structure) // beats)
    if not bars:
        raise DeepmirError("its structure data has no chords")
    scores = _scores(chords, structure, beats)
    offsets = _best_path(scores, set(phrases))
    agreement = float(scores[np.arange(bars), offsets].sum() / len(structure))
    if agreement < LEAST:
        raise DeepmirError(
            f"its chords agree with those of its structure data in {agreement:.0%} of the beats"
        )
    starts = [int(bar * beats + offsets[bar] + EARLIEST) for bar in range(bars)]
    return BarGrid((*starts, starts[-1] + beats), agreement)


def _scores(chords: Floats, structure: Floats, beats: int) -> Floats:
    """Agreement of each bar at each offset in beats, shape (bars, offsets)."""
    offsets = np.arange(EARLIEST, LATEST)
    agreement = _unit(structure) @ _unit(chords).T
    agreement[structure.sum(axis=1) == 0] = SILENT
    rows = np.arange(len(structure))[:, None]
    columns = rows + offsets[None]
    inside = (columns >= 0) & (columns < len(chords))
    placed = np.where(inside, agreement[rows, np.clip(columns, 0, len(chords) - 1)], 0.0)
    return np.asarray(np.add.reduceat(placed, np.arange(0, len(structure), beats), axis=0))


def _unit(chords: Floats) -> Floats:
    lengths: Floats = np.linalg.norm(chords, axis=1, keepdims=True)
    return chords / np.maximum(lengths, 1.0)


def _best_path(scores: Floats, phrases: set[int]) -> npt.NDArray[np.int64]:
    """The index of the offset of each bar."""
    bars, count = scores.shape
    best = scores[0]
    back = np.tile(np.arange(count), (bars, 1))
    for bar in range(1, bars):
        cost = CHANGE_AT_PHRASE if bar in phrases else CHANGE
        reached = best
        for change in CHANGES:
            origin = np.arange(count) - change
            valid = (origin >= 0) & (origin < count)
            other = np.where(valid, best[np.clip(origin, 0, count - 1)], -np.inf) - cost
            back[bar] = np.where(other > reached, origin, back[bar])
            reached = np.maximum(other, reached)
        best = reached + scores[bar]
    path = [int(best.argmax())]
    for bar in range(bars - 1, 0, -1):
        path.append(int(back[bar, path[-1]]))
    return np.array(path[::-1])


def metres(grid: BarGrid, beats: int) -> list[tuple[int, int]]:
    """Start and length of each bar, in beats: a longer one of the structure data is split in two.

    Raises:
        DeepmirError: when a bar is neither one nor half a bar long.
    """
    lengths = {beats, *(() if beats % 2 else (beats // 2,))}
    bars = []
    for start, end in pairwise(grid.starts):
        at = start
        while at < end:
            length = min(beats, end - at)
            if length not in lengths:
                raise DeepmirError(f"a bar of {end - start} beats where {beats} were expected")
            bars.append((at, length))
            at += length
    return bars


def refuse_upbeats(chords: Sequence[float], bars: Sequence[tuple[int, int]]) -> None:
    """Refuse a song in which more chords start on another beat than with the bars.

    Args:
        chords: starts of the chords, in beats.
        bars: start and length of each bar, in beats.

    Raises:
        DeepmirError: when the chords contradict the bar lines.
    """
    starts = np.array([start for start, _ in bars])
    struck = np.unique(np.round(chords).astype(int))
    inside = struck[(struck >= starts[0]) & (struck < sum(bars[-1]))]
    beats = inside - starts[np.searchsorted(starts, inside, side="right") - 1]
    counts = np.bincount(beats, minlength=2)
    if counts[0] < LEAST_ON_BARS * counts[1:].max():
        beat = int(counts[1:].argmax()) + 2
        raise DeepmirError(f"its chords start on beat {beat} rather than with its bars")

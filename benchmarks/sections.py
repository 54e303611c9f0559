"""Sections of songs beside their lyrics: whether they begin where repeated lines begin.

Run by hand: ``python benchmarks/sections.py JAMENDOLYRICS``, a clone of JamendoLyrics
(annotations/lines has the time of every line); ``--models`` adds more networks, each by itself,
without the beats. Nobody annotated the sections. One is assumed to begin with each line that begins
two or more lines that are sung again elsewhere, and with the first line after 8 s without any.
Prints the share of these with a boundary near them, and the share of the pairs of equal lines whose
sections have one letter; each beside its chance level: the same boundaries rotated round the song,
any two instants.
"""

import argparse
import csv
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from itertools import combinations, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from agreement import Floats, said

import deepmir
from deepmir.analysis.results import Span
from deepmir.datasets.recordings.jamendolyrics import JamendoLyrics

ALIKE = 0.8  # of two lines: the ratio of difflib from which they are the same
PAUSE = 8.0  # s without a line, and the least time between the beginnings of two sections
WORDS = 8  # in the lines that are sung again, at least
NEAR = (3.0, 1.5)  # s


class Line(NamedTuple):
    """A line of lyrics, in seconds."""

    start: float
    end: float
    text: str

    @property
    def middle(self) -> float:
        """Of the line."""
        return (self.start + self.end) / 2


def lines(path: Path) -> list[Line]:
    """The lines of a song."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        Line(float(r["start_time"]), float(r["end_time"]), r["lyrics_line"].lower().strip())
        for r in rows
    ]


def same(one: Line, other: Line) -> bool:
    """Whether two lines have nearly the same words."""
    return SequenceMatcher(None, one.text, other.text).ratio() > ALIKE


def begins(sung: Sequence[Line]) -> Floats:
    """Where sections begin by the lyrics, in seconds."""
    found = {b.start for a, b in pairwise(sung) if b.start - a.end > PAUSE}
    for i, j in combinations(range(len(sung)), 2):
        if j < i + 2 or not same(sung[i], sung[j]) or (i and same(sung[i - 1], sung[j - 1])):
            continue
        length = 1
        while i + length < j and j + length < len(sung):
            if not same(sung[i + length], sung[j + length]):
                break
            length += 1
        words = sum(len(line.text.split()) for line in sung[i : i + length])
        if length > 1 and words >= WORDS:
            found |= {sung[i].start, sung[j].start}
    kept: list[float] = []
    for time in sorted(found):
        if not kept or time - kept[-1] > PAUSE:
            kept.append(time)
    return np.array(kept)


def near(boundaries: Floats, at: Floats, within: float, end: float) -> tuple[float, float]:
    """The share of some instants that a boundary is near, and what the song moved round gives."""
    shifts = np.arange(0.0, end)
    apart = np.abs((boundaries + shifts[:, None] - at[:, None, None]) % end)
    hit = (np.minimum(apart, end - apart) <= within).any(axis=-1).mean(axis=0)
    return float(hit[0]), float(hit.mean())


def one_letter(sung: Sequence[Line], spans: Sequence[Span], end: float) -> tuple[float, float]:
    """The share of pairs of equal lines with one letter, and that of any two instants."""
    starts = np.array([span.start for span in spans])
    letters = np.array([span.label for span in spans])

    def of(times: Floats) -> npt.NDArray[np.str_]:
        return letters[np.maximum(np.searchsorted(starts, times, "right") - 1, 0)]

    pairs = [
        (one.middle, other.middle)
        for one, other in combinations(sung, 2)
        if other.middle - one.middle > 2 * PAUSE and same(one, other)
    ]
    if not pairs:
        return np.nan, np.nan
    one, other = (of(np.array(times)) for times in zip(*pairs, strict=True))
    all_of = of(np.arange(0.5, end))
    return float((one == other).mean()), float((all_of[:, None] == all_of).mean())


def heard(
    recording: Path, sung: Sequence[Line], at: Floats, models: Mapping[str, Path] | None
) -> Floats:
    """Shares and chances of the tables for one song with beginnings, shape (tables, 2)."""
    analysis = deepmir.analyze(recording, tasks=["structure"], models=models)
    sections = analysis.sections
    assert sections is not None
    end = sections[-1].end
    inner = np.array([span.start for span in sections[1:]])
    rows = [near(inner, at, within, end) for within in NEAR]
    return np.array([*rows, one_letter(sung, sections, end)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--models", nargs="*", default=[], type=Path, help="more networks")
    options = parser.parse_args()
    songs = []
    for song in JamendoLyrics(source="jamendolyrics", home=options.home).recordings():
        assert song.audio is not None
        sung = lines(options.home / "annotations" / "lines" / f"{song.audio.stem}.csv")
        songs.append((song.audio, sung, begins(sung)))
    systems = {"deepmir": None} | {str(f): {"structure": f} for f in options.models}
    scores = {
        name: np.array([heard(*song, models) for song in songs]) for name, models in systems.items()
    }
    what = [f"begins within {within} s" for within in NEAR] + ["equal lines, one letter"]
    for i, row in enumerate(what):
        ours = np.diff(scores["deepmir"][:, i])[:, 0]
        print(f"{row}: share, by chance; share less chance; less that of deepmir")
        for name, of_songs in scores.items():
            values = of_songs[:, i]
            counted = np.isfinite(values).all(axis=1)
            beyond = -np.diff(values[counted])[:, 0]
            share, chance = values[counted].mean(axis=0)
            more = said(beyond + ours[counted])
            print(f"{name:32}{counted.sum():3} {share:.3f} {chance:.3f} {said(beyond)} {more}")


if __name__ == "__main__":
    main()

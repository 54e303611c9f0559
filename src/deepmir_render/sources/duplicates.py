"""Songs of POP909 that are excluded, with the reason.

The table `left_out.csv` is made from the data sets, whose versions are fixed, by

    python -m deepmir_render.sources.duplicates data/sources

so that listing the songs does not require reading them. Some are duplicates.
"""

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import combinations, pairwise
from pathlib import Path

from deepmir.errors import DeepmirError
from deepmir_render.song import Song
from deepmir_render.sources import pop909

LENGTH = 8  # notes per melodic figure
SAME = 0.3  # share of figures that two versions of the same song have in common


def find(home: Path) -> dict[str, str]:
    """Read every song, and find those that cannot be used, with the reason.

    Args:
        home: the folder with the three data sets.
    """
    songs: dict[str, Song] = {}
    reasons: dict[str, str] = {}
    for number in pop909.published(home):
        try:
            songs[number] = pop909.read(home, number)
        except DeepmirError as error:
            reasons[number] = str(error).partition(": ")[2].replace(f"{home}/", "")
    return dict(sorted((reasons | again(songs)).items()))


def again(songs: Mapping[str, Song]) -> dict[str, str]:
    """Songs whose melody is also that of a song with a lower number."""
    figures = {number: _figures(song) for number, song in songs.items()}
    owners: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for number in sorted(figures):
        for figure in figures[number]:
            owners[figure].append(number)
    shared = Counter(pair for numbers in owners.values() for pair in combinations(numbers, 2))
    return {
        later: f"the same song as {earlier}"
        for (earlier, later), count in sorted(shared.items())
        if count > SAME * min(len(figures[earlier]), len(figures[later]))
    }


def _figures(song: Song) -> set[tuple[int, ...]]:
    """All n-grams of melodic steps in semitones: the same in all keys."""
    steps = [after.pitch - before.pitch for before, after in pairwise(song.melody)]
    return {tuple(steps[i : i + LENGTH]) for i in range(len(steps) - LENGTH + 1)}


if __name__ == "__main__":
    with pop909.LEFT_OUT.open("w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(["number", "reason"])
        writer.writerows(find(Path(sys.argv[1])).items())

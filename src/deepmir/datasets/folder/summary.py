"""The report of `deepmir check <folder>`, line by line."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from deepmir.datasets.folder.conventions import endings
from deepmir.datasets.folder.examination import OPEN, Examined
from deepmir.datasets.folder.files import Folder
from deepmir.datasets.folder.problems import Problem
from deepmir.tasks.names import NAMES

SHOWN = 3  # problems of one kind and file; how many others there are, is told
WORDS = 12  # of a vocabulary

# What is different in problems of one kind: numbers, and words of the file.
PARTICULAR = re.compile(r"'[^']*'|-?\d+(\.\d+)?(e[-+]\d+)?")


def summary(
    folder: Path, found: Folder, examined: Sequence[Examined], problems: Sequence[Problem]
) -> Iterator[str]:
    """What is there, what each task can use, and every problem.

    Args:
        folder: that was checked.
        found: its files.
        examined: its recordings.
        problems: sorted.
    """
    yield from _there(folder, found, examined)
    yield ""
    yield from _usable(examined)
    for severity in ("error", "warning"):
        chosen = [problem for problem in problems if problem.severity == severity]
        yield ""
        yield counted(len(chosen), severity)
        yield from _listed(folder, chosen)


def counted(count: int, what: str) -> str:
    """A number of things in words, `no` for none."""
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def _there(folder: Path, found: Folder, examined: Sequence[Examined]) -> Iterator[str]:
    sounds = [each.sound for each in examined if each.sound is not None]
    seconds = sum(sound.seconds for sound in sounds)
    length = f"{seconds / 3600:.1f} hours" if seconds >= 3600 else f"{seconds / 60:.1f} minutes"
    bad = len(found.recordings) - len(sounds)
    told = f", {bad} of them not usable" if bad else ""
    yield f"{folder}: {counted(len(found.recordings), 'recording')}{told}, {length}"
    yield _row("formats", Counter(sound.format for sound in sounds))
    yield _row("sample rates", Counter(f"{sound.rate} Hz" for sound in sounds))
    yield _row("channels", Counter(str(sound.channels) for sound in sounds))
    yield _row("annotations", Counter(_kinds(found)))
    rows = ((path.relative_to(folder), n) for path, n in found.tables.rows.items())
    yield _row("tables", {f"{path}:": counted(n, "row") for path, n in rows})


def _kinds(found: Folder) -> Iterator[str]:
    by_ending = endings()
    for recording in found.recordings:
        yield from ["JAMS"] if recording.jams else []
        yield from sorted({by_ending[ending].kind for ending in recording.beside})


def _row(name: str, values: Mapping[str, object]) -> str:
    return f"  {name:<14}{', '.join(f'{key} {values[key]}' for key in sorted(values)) or 'none'}"


def _usable(examined: Sequence[Examined]) -> Iterator[str]:
    yield "tracks that a task can use"
    counts = Counter(name for each in examined for name in each.usable)
    for name in NAMES:
        words = sorted({w for e in examined for w in e.words.get(OPEN.get(name, ""), ())})
        more = ", ..." if len(words) > WORDS else ""
        labels = f"  labels: [{', '.join(words[:WORDS])}{more}]" if words else ""
        yield f"  {name:<14}{counts[name]:>5}{labels}"


def _listed(folder: Path, problems: Iterable[Problem]) -> Iterator[str]:
    """Every problem, of many of one kind in one file the first ones."""
    for path, group in groupby(problems, key=lambda problem: problem.path):
        short = path.relative_to(folder)
        of_kind: Counter[str] = Counter()
        last: dict[str, Problem] = {}
        for problem in group:
            kind = PARTICULAR.sub("#", problem.text)
            of_kind[kind] += 1
            last[kind] = problem
            if of_kind[kind] <= SHOWN:
                yield f"  {problem.told(short)}"
        for kind, count in of_kind.items():
            if count > SHOWN:
                place = f"{last[kind].unit or 'line'} {last[kind].line}"
                yield f"  {short}: {count - SHOWN} more like that, the last in {place}"

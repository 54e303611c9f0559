"""`deepmir check <folder>`: the contents, what each task can use, and every problem."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from deepmir.datasets.folder.conventions import endings
from deepmir.datasets.folder.examination import OPEN, Examined, examine
from deepmir.datasets.folder.files import Scan, scan
from deepmir.datasets.folder.problems import Problem
from deepmir.datasets.index import each_track
from deepmir.datasets.matching import matches
from deepmir.errors import DeepmirError
from deepmir.files.folders import spelled
from deepmir.files.store import Failure
from deepmir.tasks.names import NAMES

TOGETHER = 0.02  # seconds: a smaller shift is not mentioned
SHOWN = 3  # problems of one kind in one file; the others are counted
WORDS = 12  # of a vocabulary

# What differs between problems of one kind: numbers, and quoted words.
PARTICULAR = re.compile(r"'[^']*'|-?\d+(\.\d+)?(e[-+]\d+)?")


def run(folder: Path) -> None:
    """Print the contents, what each task can use, and every problem with its file and line.

    Raises:
        DeepmirError: when the folder is missing or contains no audio; when there are errors, with
            their number.
    """
    folder = spelled(folder)
    found = scan(folder)
    examined, problems = check(found)
    print("\n".join(summary(folder, found, examined, problems)))
    errors = sum(problem.severity == "error" for problem in problems)
    if errors:
        raise DeepmirError(f"{folder}: {counted(errors, 'error')}")


def check(found: Scan) -> tuple[list[Examined], list[Problem]]:
    """Examine all recordings of a folder; every problem once, errors first, then by file and line.

    On a terminal it shows its progress.
    """
    from tqdm import tqdm

    recordings = found.recordings
    results = each_track(examine, recordings, lambda r: r.id, os.cpu_count() or 1)
    by_id = {recording.id: recording.audio for recording in recordings}
    examined: list[Examined] = []
    problems = set(found.problems)
    for result in tqdm(results, total=len(recordings), unit="file", disable=None, leave=False):
        if isinstance(result, Failure):
            problems.add(Problem("error", by_id[result.track], 0, result.reason))
        else:
            examined.append(result)
            problems.update(result.problems)
    problems.update(_same(examined))
    return examined, sorted(problems)


def _same(examined: Sequence[Examined]) -> Iterator[Problem]:
    """Recordings that are the same audio as one before them."""
    sounding = [(each, each.sound) for each in examined if each.sound is not None]
    reported: set[int] = set()
    first_of: dict[str, int] = {}
    for index, (each, sound) in enumerate(sounding):
        first = first_of.setdefault(sound.sha256, index)
        if first != index:
            reported.add(index)
            yield _twin(sounding[first][0], each, "byte for byte")
    for match in matches([sound for _, sound in sounding], lambda sound: sound.fingerprint):
        if match.second not in reported:
            reported.add(match.second)
            later = "later" if match.shift > 0 else "earlier"
            yield _twin(
                sounding[match.first][0],
                sounding[match.second][0],
                f"here {abs(match.shift):.2f} s {later}" if abs(match.shift) > TOGETHER else "",
            )


def _twin(first: Examined, second: Examined, how: str) -> Problem:
    """In two groups it is an error: one could be for training, the other one for testing."""
    path = second.recording.audio
    name = os.path.relpath(first.recording.audio, path.parent)
    text = f"the same audio as {name}" + (f", {how}" if how else "")
    if first.group == second.group:
        return Problem("warning", path, 0, text)
    return Problem("error", path, 0, f"{text}: keep one, or put them in one group")


def summary(
    folder: Path, found: Scan, examined: Sequence[Examined], problems: Sequence[Problem]
) -> Iterator[str]:
    """The contents, what each task can use, and every problem.

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
    """A number of things, `no` for none."""
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def _there(folder: Path, found: Scan, examined: Sequence[Examined]) -> Iterator[str]:
    sounds = [each.sound for each in examined if each.sound is not None]
    seconds = sum(sound.seconds for sound in sounds)
    length = f"{seconds / 3600:.1f} hours" if seconds >= 3600 else f"{seconds / 60:.1f} minutes"
    bad = len(found.recordings) - len(sounds)
    unusable = f", {bad} of them not usable" if bad else ""
    yield f"{folder}: {counted(len(found.recordings), 'recording')}{unusable}, {length}"
    yield _row("formats", Counter(sound.format for sound in sounds))
    yield _row("sample rates", Counter(f"{sound.rate} Hz" for sound in sounds))
    yield _row("channels", Counter(str(sound.channels) for sound in sounds))
    yield _row("annotations", Counter(_kinds(found)))
    rows = ((path.relative_to(folder), n) for path, n in found.tables.rows.items())
    yield _row("tables", {f"{path}:": counted(n, "row") for path, n in rows})


def _kinds(found: Scan) -> Iterator[str]:
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
                yield f"  {problem.shown(short)}"
        for kind, count in of_kind.items():
            if count > SHOWN:
                place = f"{last[kind].unit or 'line'} {last[kind].line}"
                yield f"  {short}: {count - SHOWN} more like that, the last in {place}"

"""`deepmir check <folder>`: what is there, what each task can use, and every problem."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from deepmir.datasets.folder import duplicates
from deepmir.datasets.folder.examination import Examined, examine
from deepmir.datasets.folder.files import Folder, scan
from deepmir.datasets.folder.problems import Problem
from deepmir.datasets.folder.summary import counted, summary
from deepmir.datasets.index import each_track
from deepmir.errors import DeepmirError
from deepmir.files.store import Failure

TOGETHER = 0.02  # seconds: of recordings that are apart by less, no shift is told


def run(folder: Path) -> None:
    """Print what is there, what each task can use, and every problem with its file and line.

    Raises:
        DeepmirError: when the folder is missing or holds no audio; with their number, when there
            are errors.
    """
    found = scan(folder)
    examined, problems = check(found)
    print("\n".join(summary(folder, found, examined, problems)))
    errors = sum(problem.severity == "error" for problem in problems)
    if errors:
        raise DeepmirError(f"{folder}: {counted(errors, 'error')}")


def check(found: Folder) -> tuple[list[Examined], list[Problem]]:
    """Examine all recordings of a folder; every problem once, errors first, then by file and line.

    On a terminal it tells how far it is.
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
    heard = [(each, each.sound) for each in examined if each.sound is not None]
    told: set[int] = set()
    first_of: dict[str, int] = {}
    for index, (each, sound) in enumerate(heard):
        first = first_of.setdefault(sound.sha256, index)
        if first != index:
            told.add(index)
            yield _twin(heard[first][0], each, "byte for byte")
    for match in duplicates.matches([sound.fingerprint for _, sound in heard]):
        if match.second not in told:
            told.add(match.second)
            later = "later" if match.shift > 0 else "earlier"
            yield _twin(
                heard[match.first][0],
                heard[match.second][0],
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

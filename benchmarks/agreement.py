"""How far systems agree on recordings that nobody has annotated.

Run by hand: ``python benchmarks/agreement.py FOLDER ...``. Compares the output of deepmir, the
baselines and, where installed, Essentia on the recordings in folders, and annotation files beside
them, such as those that ``annotate_with_madmom.py`` writes. Where the others agree with each other
and deepmir does not, deepmir is probably wrong: agreement is not a score, but it shows what breaks
on recordings. In the folder of a study, ``--data NAME ...`` uses the test parts of data sets that
are indexed there, with their annotations. The tables show the mean of each task's primary metric,
or of ``--metric``, with the row's system as the reference. Where annotations lie beside the
recordings, each system's agreement with them comes first, with 95 % bootstrap intervals and the
difference from deepmir.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from systems import METHODS, System, network, statement, systems

from deepmir.datasets.folder import files, reading
from deepmir.declarations import loading
from deepmir.declarations.data import files_of
from deepmir.declarations.schema import Evaluation
from deepmir.errors import DeepmirError
from deepmir.evaluation.scoring import interval
from deepmir.files import annotations, decoding
from deepmir.files.annotations import Annotation, Jams
from deepmir.models.card import read_card
from deepmir.tasks.base import Task

BESIDE = "beside"
SUMMARY = Evaluation()

Answers = dict[str, Annotation | None]
Floats = npt.NDArray[np.float64]


def recordings(folders: Sequence[Path]) -> list[tuple[Path, Jams]]:
    """The recordings in folders, each with what stands beside it."""
    found = []
    for recording in (r for folder in folders for r in files.scan(folder).recordings):
        try:
            known = reading.read(recording, decoding.seconds(recording.audio))
            reading.refuse(known.problems)
            found.append((recording.audio, known.jams))
        except DeepmirError as error:
            print(error)
    return found


def tested(names: Sequence[str]) -> list[tuple[Path, Jams]]:
    """The test tracks of declared data sets, each with its annotations."""
    tracks = [t for name in names for t in files_of(loading.load(), name).read().divided.test]
    return [(Path(t.audio), annotations.read(Path(t.annotations))) for t in tracks]


def written(task: Task, folder: Path) -> System:
    """What stands beside the recordings of the same names in another folder."""
    answers = {path.stem: jams for path, jams in recordings([folder])}

    def answer(recording: Path) -> Annotation | None:
        return statement(task, answers[recording.stem])

    return answer


def ask(task: Task, asked: dict[str, System], known: Sequence[tuple[Path, Jams]]) -> list[Answers]:
    """What the systems say of every recording that they can read; of the others it is told."""
    answers = []
    for path, jams in known:
        try:
            beside = {BESIDE: statement(task, jams)}
            answers.append(beside | {name: answer(path) for name, answer in asked.items()})
        except DeepmirError as error:
            print(error)
    return answers


def agreement(task: Task, one: Annotation | None, other: Annotation | None) -> float:
    """A metric, the task's primary one, with what one system says for the truth."""
    if one is None or other is None:
        return 0.0
    end = max(o.time + o.duration for o in one.observations) if one.observations else 1.0
    return task.metrics(Jams(end, (one,)), Jams(end, (other,))).get(task.primary, np.nan)


def said(values: Floats) -> str:
    """A mean with its interval."""
    low, high = interval(values, SUMMARY)
    return f"{values.mean():.3f} [{low:.3f}, {high:.3f}]"


def beside(task: Task, scores: Mapping[str, Floats]) -> None:
    """Print how far each system agrees with what stands beside the recordings."""
    counted = np.isfinite(scores[BESIDE])
    print(f"{task.name}, {task.primary}, {counted.sum()} recordings with something beside them")
    ours = scores["deepmir"][counted]
    for name in (n for n in scores if n != BESIDE):
        values = scores[name][counted]
        print(f"{name:16}{said(values)}   {said(values - ours)}")


def table(task: Task, answers: Sequence[Answers]) -> None:
    """Print how far each system agrees with each other one."""
    names = [name for name in answers[0] if any(a[name] is not None for a in answers)]
    scores = {}
    for one in names:
        rows = [a for a in answers if a[one] is not None]
        scores[one] = {n: np.array([agreement(task, a[one], a[n]) for a in rows]) for n in names}
    if BESIDE in names:
        beside(task, scores[BESIDE])
    print(f"{task.name}, {task.primary}, {len(answers)} recordings")
    print(" " * 16 + "".join(f"{name:>16}" for name in names))
    for one in names:
        means = (np.nanmean(values) for values in scores[one].values())
        print(f"{one:16}" + "".join(f"{mean:16.3f}" for mean in means))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--data", nargs="*", default=[], help="data sets")
    parser.add_argument("--tasks", help="such as beat,key; by default all")
    parser.add_argument("--metric", help="such as f_05; by default the primary one of each task")
    parser.add_argument("--models", nargs="*", default=[], type=Path, help="more networks")
    parser.add_argument(
        "--answers", nargs="*", default=[], type=Path, help="copies with a system's answers beside"
    )
    options = parser.parse_args()
    known = recordings(options.folders) + tested(options.data)
    for task in METHODS:
        if options.tasks is None or task.name in options.tasks.split(","):
            more = [f for f in options.models if read_card(f).task == task.name]
            asked = systems(task) | {f.name: network(task, f) for f in more}
            asked |= {f.name: written(task, f) for f in options.answers}
            metric = options.metric or task.primary
            table(replace(task, primary=metric), ask(task, asked, known))


if __name__ == "__main__":
    main()

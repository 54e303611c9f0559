"""How far systems agree about recordings that nobody has annotated.

Run by hand: ``python benchmarks/agreement.py FOLDER ...``. The key and the beats of every recording
in the folders, by deepmir, by baselines and, where installed, by Essentia. Where the others agree
with each other and deepmir does not, deepmir is probably wrong: agreement is no score, but it shows
what breaks on recordings. The tables are the mean weighted score of one key against another, and
the mean F-measure of one system's beats against another's.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from systems import System, systems

from deepmir.analysis.recordings import expand
from deepmir.annotations import Annotation, Jams
from deepmir.errors import DeepmirError
from deepmir.tasks.base import Task
from deepmir.tasks.beat import TASK as BEAT
from deepmir.tasks.key import TASK as KEY

KEYS = {
    "Krumhansl": ("krumhansl", 22050),
    "Temperley": ("temperley", 22050),
    "Essentia": ("essentia_key", 44100),
}
BEATS = {"librosa": ("librosa_beats", 22050), "Essentia": ("essentia_rhythm", 44100)}

Answers = dict[str, Annotation | None]


def ask(asked: dict[str, System], folders: Sequence[Path]) -> list[Answers]:
    """What the systems say of every recording that they can read; of the others it is told."""
    answers = []
    for found in expand(map(str, folders)):
        try:
            if isinstance(found, DeepmirError):
                raise found
            answers.append({name: answer(found.path) for name, answer in asked.items()})
        except DeepmirError as error:
            print(error)
    return answers


def agreement(task: Task, one: Annotation | None, other: Annotation | None) -> float:
    """The task's primary metric, with what one system says for the truth."""
    if one is None or other is None:
        return 0.0
    return task.metrics(Jams(1.0, (one,)), Jams(1.0, (other,))).get(task.primary, 0.0)


def table(task: Task, answers: Sequence[Answers]) -> None:
    """Print how far each system agrees with each other one."""
    names = list(answers[0])
    print(f"{task.name}, {len(answers)} recordings")
    print(" " * 12 + "".join(f"{name:>12}" for name in names))
    for one in names:
        means = [np.mean([agreement(task, a[one], a[other]) for a in answers]) for other in names]
        print(f"{one:12}" + "".join(f"{mean:12.3f}" for mean in means))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    folders = parser.parse_args().folders
    for task, methods in ((KEY, KEYS), (BEAT, BEATS)):
        table(task, ask(systems(task, methods), folders))


if __name__ == "__main__":
    main()

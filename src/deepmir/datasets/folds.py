"""Cross-validation: which group of tracks is in which of k folds.

A file of folds gives each *group* the number of its fold, as a split file gives it its part
(splits.py). When fold k is tested, the next one validates and the others train, so that in k
trainings every track is tested once, by a network that was not trained on its group.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from deepmir import paths
from deepmir.datasets import splits
from deepmir.datasets.index import Member
from deepmir.datasets.splits import Part
from deepmir.errors import DeepmirError

LEAST = 3


def path(dataset: str, folds: int) -> Path:
    """The fold of every group of a data set."""
    return paths.split(f"{dataset}-{folds}-folds")


def deal(dataset: str, members: Iterable[Member], folds: int, seed: int) -> str:
    """Make the file of folds of a data set, or assign its new groups; returns a report.

    Raises:
        DeepmirError: when there are fewer than three folds, or fewer groups than folds.
    """
    file = path(dataset, folds)
    before = read(dataset, folds) if file.exists() else {}
    members = list(members)
    dealt = make(members, folds, seed) | before
    write(file, dealt)
    counts = ", ".join(str(list(dealt.values()).count(fold)) for fold in range(folds))
    lines = [f"{file}: folds of {counts} groups, {len(dealt) - len(before)} of them new"]
    return "\n".join([*lines, *splits.without_tracks(before, members)])


def make(members: Iterable[Member], folds: int, seed: int) -> dict[str, int]:
    """Divide groups into folds of equal size, stratum by stratum.

    Args:
        members: every track; a group's stratum is that of its first track. The parts defined by
            the authors of a data set do not matter: every group is tested once.
        folds: how many, at least 3: one to test, one to validate, the rest to train.
        seed: for the order within a stratum.

    Returns:
        The fold of each group, from 0.

    Raises:
        DeepmirError: when there are fewer than three folds, or fewer groups than folds.
    """
    if folds < LEAST:
        raise DeepmirError(
            f"{folds} folds: at least {LEAST} are needed, to train, validate and test"
        )
    rng = np.random.default_rng(seed)
    order = [
        groups[index] for groups in splits.strata(members) for index in rng.permutation(len(groups))
    ]
    if len(order) < folds:
        raise DeepmirError(f"{len(order)} groups cannot be divided into {folds} folds")
    return {group: place % folds for place, group in enumerate(order)}


def write(file: Path, dealt: Mapping[str, int]) -> None:
    """Write a file of folds, sorted by group."""
    splits.write_table(file, "fold", dealt)


def read(dataset: str, folds: int) -> dict[str, int]:
    """Read the file of folds of a data set.

    Raises:
        DeepmirError: when it is missing, malformed, or gives a group to two folds (a leak).
    """
    numbers = {str(fold): fold for fold in range(folds)}
    command = paths.deepmir(f"split {dataset} --folds {folds}")
    return splits.read_table(path(dataset, folds), "fold", numbers, command)


def parts(dealt: Mapping[str, int], folds: int, tested: int) -> dict[str, Part]:
    """The part of every group when one fold is tested: the next validates, the others train."""
    part_of: dict[int, Part] = {tested: "test", (tested + 1) % folds: "validation"}
    return {group: part_of.get(fold, "train") for group, fold in dealt.items()}

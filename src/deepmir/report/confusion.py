"""The confusion matrix of a task with one label out of several."""

from dataclasses import dataclass

from deepmir import tasks
from deepmir.evaluation.results import Result
from deepmir.tasks.shared.classes import Tagged


@dataclass(frozen=True)
class Confusion:
    """How many tracks of each class were predicted as each class.

    Attributes:
        labels: of the classes.
        counts: by true class, then by predicted class; the last column is for no prediction.
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def of(result: Result) -> Confusion | None:
    """The confusion matrix of a result, or None for a task that has none."""
    if not isinstance(tasks.get(result.task), Tagged):
        return None  # its rows are not pairs of a truth and a guess
    labels = tuple(result.raw["labels"])
    counts = [[0] * (len(labels) + 1) for _ in labels]
    for truth, guess in result.raw["rows"].values():
        counts[int(truth)][int(guess)] += 1  # -1, nothing predicted, is the last column
    return Confusion(labels, tuple(map(tuple, counts)))

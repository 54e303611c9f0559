"""Means over several trainings of one network with different seeds.

Means are taken before tracks are resampled, so their intervals are over tracks only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deepmir.tasks.base import Task

PerTrack = Mapping[str, Mapping[str, float]]
Rows = Mapping[str, Sequence[float]]


def per_track(trainings: Sequence[PerTrack]) -> dict[str, dict[str, float]]:
    """The mean of each metric for each track that all trainings have."""
    first, *others = trainings
    return {
        track: {
            metric: float(np.mean([each[track][metric] for each in trainings]))
            for metric in metrics
            if all(metric in each[track] for each in others)
        }
        for track, metrics in first.items()
        if all(track in each for each in others)
    }


def rows(trainings: Sequence[Rows]) -> dict[str, tuple[float, ...]]:
    """The rows of each track, one training after the other, as :class:`Mean` wants them."""
    first, *others = trainings
    return {
        track: tuple(value for each in trainings for value in each[track])
        for track in first
        if all(track in each for each in others)
    }


@dataclass(frozen=True)
class Mean:
    """Metrics of a whole part as means over the trainings that :func:`rows` joins.

    Attributes:
        task: of the trainings.
        width: of the row that a track has of one training.
    """

    task: Task
    width: int

    @classmethod
    def of(cls, task: Task, rows: Rows) -> "Mean":
        """For rows as one training has them."""
        return cls(task, len(next(iter(rows.values()), ())))

    def corpus_metrics(self, rows: npt.NDArray[np.float64]) -> dict[str, float]:
        """The mean of each metric that all trainings have of these tracks."""
        starts = range(0, rows.shape[1], self.width)
        found = [self.task.corpus_metrics(rows[:, i : i + self.width]) for i in starts]
        names = [name for name in found[0] if all(name in each for each in found)]
        return {name: float(np.mean([each[name] for each in found])) for name in names}

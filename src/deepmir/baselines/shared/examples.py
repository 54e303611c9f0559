"""What a baseline learns from: features and targets of a part, each recording read once."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from deepmir.baselines.shared import mfcc
from deepmir.baselines.shared.lesson import Lesson
from deepmir.errors import DeepmirError
from deepmir.files.annotations import Jams
from deepmir.files.samples import Samples
from deepmir.tasks.base import Array, Grid, Task

Floats = npt.NDArray[np.float64]


class Examples(NamedTuple):
    """The recordings of a part that have a target.

    Attributes:
        features: of each, shape (frames, 80), or (1, 80) for a task of long decision time scale.
        targets: of each, shape (frames, V) or (1, V).
        references: the annotations of each.
    """

    features: list[Floats]
    targets: list[Array]
    references: list[Jams]


def features_of(samples: Samples, task: Task, sample_rate: int) -> Floats:
    """MFCC features at the decision time scale of a task, shape (frames, 80) or (1, 80)."""
    if task.time_varying:
        return mfcc.contexts(samples, sample_rate)
    return mfcc.summary(samples, sample_rate)[None]


def read(lesson: Lesson) -> tuple[Examples, Examples]:
    """Compute features and targets of the training and the validation part.

    Raises:
        DeepmirError: when no recording of a part has a target.
    """
    task, sample_rate = lesson.task, lesson.sample_rate
    return (
        _read(lesson.parts["train"], task, sample_rate),
        _read(lesson.parts["validation"], task, sample_rate),
    )


def _read(part: Iterable[tuple[Samples, Jams]], task: Task, sample_rate: int) -> Examples:
    examples = Examples([], [], [])
    for samples, jams in part:
        features = features_of(samples, task, sample_rate)
        grid = Grid(0.0, 1 / mfcc.context_rate(sample_rate), len(features))
        target = task.target(jams, grid)
        if target is None:
            continue
        examples.features.append(features)
        examples.targets.append(target.reshape(len(features), -1))
        examples.references.append(jams)
    if not examples.targets:
        raise DeepmirError(f"no recording has an annotation for the task {task.name}")
    return examples

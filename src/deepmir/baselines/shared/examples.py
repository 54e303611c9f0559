"""Training data of baselines: features and targets of a part, each recording read once."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from deepmir.baselines.shared import mfcc
from deepmir.baselines.shared.lesson import Lesson
from deepmir.baselines.shared.mfcc import context_rate
from deepmir.errors import DeepmirError
from deepmir.files.annotations import Jams
from deepmir.files.samples import Samples
from deepmir.tasks.base import Array, Grid, Task

Floats = npt.NDArray[np.float64]
Measure = Callable[[Samples], Floats]


class Examples(NamedTuple):
    """The recordings of a part that have a target.

    Attributes:
        features: of each, shape (frames, 80), or (1, 80) for a task of long decision time scale;
            with the bins of the representation, if there is one.
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


def of_frames(frames: Samples, task: Task, frame_rate: float) -> Floats:
    """Frames of a representation at the decision time scale of a task: all, or their mean.

    Args:
        frames: shape (frames, bins) or (frames, bins, channels).
        task: to learn.
        frame_rate: of the frames.
    """
    flat = frames.reshape(len(frames), -1).astype(np.float64)
    return flat if task.time_varying else flat.mean(axis=0, keepdims=True)


def read(lesson: Lesson) -> tuple[Examples, Examples]:
    """Compute MFCC features and targets of the training and validation parts.

    Raises:
        DeepmirError: when no recording of a part has a target.
    """
    rate = int(lesson.sample_rate)
    return _both(
        lesson, lambda samples: features_of(samples, lesson.task, rate), context_rate(rate)
    )


def read_frames(lesson: Lesson) -> tuple[Examples, Examples]:
    """The same for a lesson whose recordings are frames of a representation.

    Raises:
        DeepmirError: when no recording of a part has a target.
    """
    rate = lesson.sample_rate
    return _both(lesson, lambda frames: of_frames(frames, lesson.task, rate), rate)


def _both(lesson: Lesson, measure: Measure, rate: float) -> tuple[Examples, Examples]:
    train, validation = (lesson.parts[part] for part in ("train", "validation"))
    return _read(train, lesson.task, measure, rate), _read(validation, lesson.task, measure, rate)


def _read(
    part: Iterable[tuple[Samples, Jams]], task: Task, measure: Measure, rate: float
) -> Examples:
    examples = Examples([], [], [])
    for samples, jams in part:
        features = measure(samples)
        grid = Grid(0.0, 1 / rate, len(features)) if task.time_varying else whole(jams)
        target = task.target(jams, grid)
        if target is None:
            continue
        examples.features.append(features)
        examples.targets.append(target.reshape(len(features), -1))
        examples.references.append(jams)
    if not examples.targets:
        raise DeepmirError(f"no recording has an annotation for the task {task.name}")
    return examples


def whole(jams: Jams) -> Grid:
    """A recording as one frame, for the target of a task of long decision time scale."""
    return Grid(0.0, jams.duration or 1.0, 1)

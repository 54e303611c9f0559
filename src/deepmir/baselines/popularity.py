"""The same answer for every recording: the frequency of each tag or genre in the training part.

It ignores the audio: any improvement over it comes from the audio.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from deepmir.baselines.shared import examples
from deepmir.baselines.shared.lesson import Lesson
from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation
from deepmir.files.samples import Samples
from deepmir.tasks.base import Task


def fit(lesson: Lesson) -> None:
    """Count the labels of the training part; nothing is chosen on the validation part.

    Raises:
        DeepmirError: when the training part has no annotation for the task.
    """
    task = lesson.task
    found = [task.target(jams, examples.whole(jams)) for _, jams in lesson.parts["train"]]
    targets = [target for target in found if target is not None]
    if not targets:
        raise DeepmirError(f"no recording has an annotation for the task {task.name}")
    shares = np.mean(targets, axis=0).astype(np.float32)
    lesson.save("shares of the labels", {"shares": shares}, shares.size)


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Read the shares from `folder`; the task's decoder always gives the same result for them."""
    from deepmir.models.model import read_weights

    shares = read_weights(folder)["shares"].numpy()
    found = task.decoder(frame_rate=1.0)(shares)
    return lambda samples: found

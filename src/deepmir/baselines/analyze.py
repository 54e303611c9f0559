"""The networks that come with deepmir, asked as `deepmir analyze` asks them.

So what they are worth on a data set of one's own can be told without training anything.
"""

from collections.abc import Callable
from pathlib import Path

from deepmir.analysis import decoding, engine
from deepmir.files.annotations import Annotation
from deepmir.files.audio import Samples
from deepmir.tasks.base import Task


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Nothing is learned here, so `folder` is not read; labels are those of the networks.

    Raises:
        DeepmirError: when no network for the task comes with deepmir; from the annotator, when a
            recording is too short for it.
    """
    asked = engine.asked([task.name], None)

    def annotate(samples: Samples) -> list[Annotation]:
        heard = engine.of_source(decoding.from_samples(samples, sample_rate), asked)
        return list(heard.jams.annotations)

    return annotate

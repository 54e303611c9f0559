"""The networks that come with deepmir, as `deepmir analyze` runs them.

So one sees how good they are on a data set of one's own without training anything.
"""

from collections.abc import Callable
from pathlib import Path

from deepmir.analysis import engine
from deepmir.files import audio
from deepmir.files.annotations import Annotation
from deepmir.files.samples import Samples
from deepmir.tasks.base import Task


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Nothing is learned here, so `folder` is not read; labels are those of the networks.

    Raises:
        DeepmirError: when no network for the task comes with deepmir; from the annotator, when a
            recording is too short for it.
    """
    networks = engine.load_networks([task.name], None)

    def annotate(samples: Samples) -> list[Annotation]:
        source = audio.from_samples(samples, sample_rate)
        return list(engine.analyze_source(source, networks).jams.annotations)

    return annotate

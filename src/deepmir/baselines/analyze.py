"""The networks shipped with deepmir, as run by `deepmir analyze`.

They can thus be evaluated on a new data set without any training.
"""

from collections.abc import Callable
from pathlib import Path

from deepmir.analysis import engine
from deepmir.files import audio
from deepmir.files.annotations import Annotation
from deepmir.files.samples import Samples
from deepmir.tasks.base import Task


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Annotate with the networks' own labels; nothing is learned, so `folder` is not read.

    Raises:
        DeepmirError: when no network for the task is shipped with deepmir; from the annotator,
            when a recording is too short for it.
    """
    networks = engine.load_networks([task.name], None)

    def annotate(samples: Samples) -> list[Annotation]:
        source = audio.from_samples(samples, sample_rate)
        return list(engine.analyze_source(source, networks).jams.annotations)

    return annotate

"""Chords by template matching of librosa's constant-Q chromagram with the 24 triads."""

from collections.abc import Callable
from pathlib import Path

from deepmir.files.annotations import Annotation
from deepmir.files.samples import Samples
from deepmir.tasks.base import Task
from deepmir.tasks.shared.harte import MAJOR_AND_MINOR


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Annotate either chord task with major and minor; `folder` is not read."""

    def annotate(samples: Samples) -> list[Annotation]:
        from deepmir.baselines.cqt_chroma import chromagram
        from deepmir.decoders.chord_templates import decode

        return [decode(*chromagram(samples, sample_rate), MAJOR_AND_MINOR)]

    return annotate

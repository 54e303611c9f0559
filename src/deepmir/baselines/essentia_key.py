"""Essentia's KeyExtractor with its default profile, `bgate`, derived from electronic dance music.

A. Faraldo, S. Jorda and P. Herrera, "A multi-profile method for key estimation in EDM", AES
Conference on Semantic Audio, 2017.
"""

from collections.abc import Callable
from pathlib import Path

from deepmir.baselines.shared import essentia
from deepmir.files.annotations import Annotation
from deepmir.files.samples import Samples
from deepmir.tasks.base import Task
from deepmir.tasks.key import TASK
from deepmir.tasks.shared.keys import label_index


def by_profile(profile: str, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """The annotator for one of Essentia's profiles.

    Raises:
        DeepmirError: when Essentia is not installed.
    """
    extract = essentia.algorithm("KeyExtractor", profileType=profile)

    def annotate(samples: Samples) -> list[Annotation]:
        tonic, mode, strength = extract(essentia.at_its_rate(samples, sample_rate))
        index = label_index(f"{tonic}:{mode}")
        assert index is not None, (tonic, mode)
        return [TASK.annotation(index, min(max(float(strength), 0.0), 1.0))]

    return annotate


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Nothing is learned, so `folder` is not read.

    Raises:
        DeepmirError: when Essentia is not installed.
    """
    return by_profile("bgate", sample_rate)

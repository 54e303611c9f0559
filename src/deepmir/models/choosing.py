"""What the validation part chooses of a decoder: thresholds, penalties, its confidences' meaning.

Test data take no part: what is chosen here is written to the card of the model.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from deepmir.files.annotations import Jams
from deepmir.models import calibration
from deepmir.models.calibration import Calibration
from deepmir.tasks.base import Array, Task


def choose(
    task: Task,
    frame_rate: float,
    activations: Sequence[Array],
    references: Sequence[Jams],
    learned: Mapping[str, Any],
) -> dict[str, Any]:
    """The options, learned ones included, that score best by the task's primary metric.

    Args:
        task: what is decoded.
        frame_rate: of the activations.
        activations: of every validation track, as the task's decoder takes them.
        references: the annotations of the same tracks.
        learned: options that are not chosen but counted, see `Task.learned`.

    Returns:
        `learned` and one value for each of the task's `choices`; of equal ones the first.
    """
    names = list(task.choices)
    sign = task.measures[task.primary].sign
    best: tuple[float, dict[str, Any]] = (-np.inf, dict(learned))
    for values in product(*task.choices.values()):
        options = {**learned, **dict(zip(names, values, strict=True))}
        score = sign * mean_score(task, frame_rate, activations, references, options)
        if score > best[0]:
            best = score, options
    return best[1]


def mean_score(
    task: Task,
    frame_rate: float,
    activations: Sequence[Array],
    references: Sequence[Jams],
    options: Mapping[str, Any],
) -> float:
    """The primary metric under some options of the decoder; NaN if no track has it."""
    decode = task.decoder(frame_rate, **options)
    scores = []
    for values, reference in zip(activations, references, strict=True):
        estimate = Jams(reference.duration, tuple(decode(values)))
        scores.append(task.metrics(reference, estimate).get(task.primary))
    known = [score for score in scores if score is not None]
    return float(np.mean(known)) if known else np.nan


def calibrate(
    task: Task,
    frame_rate: float,
    activations: Sequence[Array],
    references: Sequence[Jams],
    options: Mapping[str, Any],
) -> Calibration | None:
    """From confidences of the validation tracks to how often they are right.

    Args: as of :func:`mean_score`.

    Returns:
        None for a task that states no confidences, or where there are too few.
    """
    if not task.confident:
        return None
    decode = task.decoder(frame_rate, **options)
    claims = [
        task.claims(reference, Jams(reference.duration, tuple(decode(values))))
        for values, reference in zip(activations, references, strict=True)
    ]
    return calibration.fit(np.concatenate(claims))

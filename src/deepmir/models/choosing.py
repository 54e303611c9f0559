"""What the validation part chooses of a decoder: thresholds, penalties, its confidences' meaning.

Test data take no part: what is chosen here is written to the card of the model.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from deepmir import tasks
from deepmir.files.annotations import Jams
from deepmir.models import calibration
from deepmir.models.calibration import Calibration
from deepmir.tasks.base import Array, Task


def decoding(
    task: Task,
    frame_rate: float,
    activations: Sequence[Array],
    references: Sequence[Jams],
    learned: Mapping[str, Any],
) -> dict[str, Any]:
    """What a card says of decoding: each task that shares the network is chosen for by itself.

    Args: as of :func:`choose`.

    Returns:
        `decoder`, the options, those of an auxiliary task under its name, and `calibration`, the
        curves of all that state confidences.
    """
    parts = tasks.parts(task)
    options: dict[str, Any] = {k: v for k, v in learned.items() if k not in parts}
    curves = {}
    for name, (part, columns) in parts.items():
        main = name == task.name
        own = (
            list(activations)
            if len(parts) == 1
            else [_own(part, a[..., columns]) for a in activations]
        )
        given = part, frame_rate, own, references
        chosen = choose(*given, options if main else learned.get(name, {}))
        curve = calibrate(*given, chosen)
        if main:
            options |= chosen
        elif chosen:
            options[name] = chosen
        if curve:
            curves[name] = curve
    return {"decoder": options, "calibration": curves}


def _own(task: Task, activations: Array) -> Array:
    """What its decoder takes of the outputs of a network whose main task may be time-varying."""
    of_a_track = activations.ndim == 2 and not task.time_varying
    return activations.mean(axis=0) if of_a_track else activations


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
    if not task.choices:
        return dict(learned)
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

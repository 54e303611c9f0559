"""Decoder options chosen on the validation part: thresholds, penalties, calibration.

Test data are not used: the choices are written to the card of the model.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from deepmir import tasks
from deepmir.files.annotations import Jams
from deepmir.models import calibration
from deepmir.models.calibration import Calibration, Floats
from deepmir.tasks.base import Array, Decoder, Task


def decoding(
    task: Task, frame_rate: float, heard: Iterable[tuple[Array, Jams]], learned: Mapping[str, Any]
) -> dict[str, Any]:
    """The decoding part of a card, chosen separately for each task that shares the network.

    Args:
        task: to decode.
        frame_rate: of the activations.
        heard: activations of every validation track, as the task's decoder takes them, and its
            annotations. None are kept: those of an hour of melodies and notes take 400 MB.
        learned: options that are estimated rather than chosen, see `Task.learned`.

    Returns:
        `decoder`, the options, with those of an auxiliary task under its name, and
        `calibration`, the curves of all tasks with confidences.
    """
    parts = tasks.parts(task)
    options: dict[str, Any] = {k: v for k, v in learned.items() if k not in parts}
    choices = {
        name: Choice(part, frame_rate, options if name == task.name else learned.get(name, {}))
        for name, (part, _) in parts.items()
    }
    for values, reference in heard:
        for name, (part, columns) in parts.items():
            own = values if len(parts) == 1 else _own(part, values[..., columns])
            choices[name].hear(own, reference)
    curves = {}
    for name, choice in choices.items():
        chosen, curve = choice.options(), choice.calibration()
        if name == task.name:
            options |= chosen
        elif chosen:
            options[name] = chosen
        if curve:
            curves[name] = curve
    return {"decoder": options, "calibration": curves}


def _own(task: Task, activations: Array) -> Array:
    """The input of its decoder, from a network whose main task may be time-varying."""
    of_a_track = activations.ndim == 2 and not task.time_varying
    return activations.mean(axis=0) if of_a_track else activations


@dataclass
class _Candidate:
    """A combination of decoder options, and its results on the tracks so far."""

    options: dict[str, Any]
    decode: Decoder
    scores: list[float] = field(default_factory=list)
    claims: list[Floats] = field(default_factory=list)


class Choice:
    """The options of one task's decoder with the best primary metric, track by track."""

    def __init__(self, task: Task, frame_rate: float, learned: Mapping[str, Any]) -> None:
        """Make every combination of the task's `choices` a candidate.

        Args: as of :func:`decoding`.
        """
        self.task, self.learned = task, learned
        combined = [
            {**learned, **dict(zip(task.choices, values, strict=True))}
            for values in product(*task.choices.values())
        ]
        self.candidates = [_Candidate(one, task.decoder(frame_rate, **one)) for one in combined]

    def hear(self, activations: Array, reference: Jams) -> None:
        """Decode one more track with all candidates."""
        for candidate in self.candidates:
            estimate = Jams(reference.duration, tuple(candidate.decode(activations)))
            if self.task.choices:
                score = self.task.metrics(reference, estimate).get(self.task.primary)
                candidate.scores += [] if score is None else [score]
            if self.task.confident:
                candidate.claims.append(self.task.claims(reference, estimate))

    def options(self) -> dict[str, Any]:
        """Those learned, and the best of each choice; the first of equal ones."""
        best = self._best()
        return best.options if best.scores else dict(self.learned)

    def calibration(self) -> Calibration | None:
        """The curve from confidence to accuracy, under the best options.

        Returns:
            None for a task without confidences, or if there are too few.
        """
        claims = self._best().claims
        return calibration.fit(np.concatenate(claims)) if claims else None

    def _best(self) -> _Candidate:
        """The first that none beats; the first of all if no track has the metric."""
        sign = self.task.measures[self.task.primary].sign
        return max(
            self.candidates,
            key=lambda one: sign * float(np.mean(one.scores)) if one.scores else -np.inf,
        )

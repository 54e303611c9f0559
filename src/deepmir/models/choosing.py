"""What the validation part chooses of a decoder: thresholds, penalties, its confidences' meaning.

Test data take no part: what is chosen here is written to the card of the model.
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
    """What a card says of decoding: each task that shares the network is chosen for by itself.

    Args:
        task: what is decoded.
        frame_rate: of the activations.
        heard: activations of every validation track, as the task's decoder takes them, and its
            annotations. None are kept, as those of an hour of melodies and notes are 400 MB.
        learned: options that are not chosen but counted, see `Task.learned`.

    Returns:
        `decoder`, the options, those of an auxiliary task under its name, and `calibration`, the
        curves of all that state confidences.
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
    """What its decoder takes of the outputs of a network whose main task may be time-varying."""
    of_a_track = activations.ndim == 2 and not task.time_varying
    return activations.mean(axis=0) if of_a_track else activations


@dataclass
class _Candidate:
    """Some options of a decoder, and what came of them on the tracks so far."""

    options: dict[str, Any]
    decode: Decoder
    scores: list[float] = field(default_factory=list)
    claims: list[Floats] = field(default_factory=list)


class Choice:
    """Which options of one task's decoder score best by its primary metric, track by track."""

    def __init__(self, task: Task, frame_rate: float, learned: Mapping[str, Any]) -> None:
        """Every combination of the task's `choices` is a candidate.

        Args: as of :func:`decoding`.
        """
        self.task, self.learned = task, learned
        combined = [
            {**learned, **dict(zip(task.choices, values, strict=True))}
            for values in product(*task.choices.values())
        ]
        self.candidates = [_Candidate(one, task.decoder(frame_rate, **one)) for one in combined]

    def hear(self, activations: Array, reference: Jams) -> None:
        """Decode one more track with all of them."""
        for candidate in self.candidates:
            estimate = Jams(reference.duration, tuple(candidate.decode(activations)))
            if self.task.choices:
                score = self.task.metrics(reference, estimate).get(self.task.primary)
                candidate.scores += [] if score is None else [score]
            if self.task.confident:
                candidate.claims.append(self.task.claims(reference, estimate))

    def options(self) -> dict[str, Any]:
        """Those learned, and the best of each choice; of equal ones the first."""
        best = self._best()
        return best.options if best.scores else dict(self.learned)

    def calibration(self) -> Calibration | None:
        """From confidences to how often they are right, under the best options.

        Returns:
            None for a task that states no confidences, or where there are too few.
        """
        claims = self._best().claims
        return calibration.fit(np.concatenate(claims)) if claims else None

    def _best(self) -> _Candidate:
        """The first that none beats; the first of all where no track has the metric."""
        sign = self.task.measures[self.task.primary].sign
        return max(
            self.candidates,
            key=lambda one: sign * float(np.mean(one.scores)) if one.scores else -np.inf,
        )

"""Several tasks that share a network: a main one and auxiliary ones, each with a loss weight.

The experiment is scored and ranked by the main task; the others are scored in addition. If the
main task is time-varying and an auxiliary one is not (beats with a tempo), every frame has an
output for the latter, and the track gets the mean over its frames.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams
from deepmir.tasks.base import Array, Decoder, Effect, Floats, Grid, Metric, Task
from deepmir.tasks.output import Output

T = TypeVar("T")


@dataclass(frozen=True)
class Combined(Task):
    """A main task with auxiliary ones.

    Attributes:
        main: the first of the parts.
        others: the auxiliary tasks with the weights of their losses.
    """

    main: Task
    others: tuple[tuple[Task, float], ...]

    def __post_init__(self) -> None:
        for task in self._parts:
            if task.time_varying and not self.main.time_varying:
                raise DeepmirError(
                    f"auxiliary.{task.name} is time-varying and {self.main.name} is not: "
                    f"make {task.name} the task and {self.main.name} auxiliary"
                )
            if task.hidden:
                raise DeepmirError(f"{task.name} reads a network's features, which it cannot share")

    @property
    def _parts(self) -> tuple[Task, ...]:
        return (self.main, *(task for task, _ in self.others))

    @property
    def parts(self) -> dict[str, tuple[Task, slice]]:
        """Each task by name, with its slice of the columns."""
        found, first = {}, 0
        for task in self._parts:
            last = first + task.output.width
            found[task.name] = task, slice(first, last)
            first = last
        return found

    @property
    def name(self) -> str:
        """That of the main task."""
        return self.main.name

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Those of all parts."""
        return tuple({name: None for task in self._parts for name in task.namespaces})

    @property
    def time_varying(self) -> bool:
        """That of the main task."""
        return self.main.time_varying

    @property
    def shortest(self) -> float:
        """That of the main task."""
        return self._parts[0].shortest

    @property
    def confident(self) -> bool:
        """That of the main task."""
        return self._parts[0].confident

    @property
    def min_frame_rate(self) -> float:
        """That of the most demanding part."""
        return max(task.min_frame_rate for task in self._parts)

    # 1. Target ------------------------------------------------------------------------------

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """The parts' targets side by side; a missing auxiliary one is NaN."""
        if self.main.target(jams, grid) is None:
            return None
        return np.concatenate([self._target(task, jams, grid) for task in self._parts], axis=-1)

    def _target(self, task: Task, jams: Jams, grid: Grid) -> Array:
        shape = (grid.frames, task.output.width) if self.time_varying else (task.output.width,)
        target = task.target(jams, grid)
        if target is None:
            return np.full(shape, np.nan, dtype=np.float32)
        return np.broadcast_to(target, shape)

    # 2. Output ------------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """The heads of all parts, with their losses weighted."""
        heads = [*self.main.output.heads]
        for task, weight in self.others:
            heads += [replace(h, weight=h.weight * weight) for h in task.output.heads]
        return Output(tuple(heads))

    # 3. Decoder -----------------------------------------------------------------------------

    def decoder(self, frame_rate: float, **options: Any) -> Decoder:
        """The decoders of the parts; options of an auxiliary one are nested under its name."""
        own = {task.name: options.pop(task.name, {}) for task, _ in self.others}
        for name, given in own.items():
            if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
                raise DeepmirError(f"decoder: {name} must be a mapping of options to values")
        decoders = [self.main.decoder(frame_rate, **options)]
        decoders += [task.decoder(frame_rate, **own[task.name]) for task, _ in self.others]

        def decode(activations: Array) -> list[Annotation]:
            found: list[Annotation] = []
            for (task, columns), decoder in zip(self.parts.values(), decoders, strict=True):
                part = activations[..., columns]
                own = part.mean(axis=0) if part.ndim == 2 and not task.time_varying else part
                found += [
                    replace(said, sandbox={**said.sandbox, "task": task.name})
                    for said in decoder(own)
                ]
            return found

        return decode

    def learned(self, annotated: Sequence[Jams]) -> dict[str, Any]:
        """The options that the parts estimate from the training part."""
        others = {task.name: task.learned(annotated) for task, _ in self.others}
        return {**self.main.learned(annotated), **{k: v for k, v in others.items() if v}}

    # 4. Metrics -----------------------------------------------------------------------------

    @property
    def primary(self) -> str:
        """That of the main task."""
        return self.main.primary

    @property
    def measures(self) -> Mapping[str, Metric]:
        """Those of the main task, and the track metrics of the others."""
        return {**self.main.measures, **self._beside(lambda task: _of_tracks(task.measures))}

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """Scores of the main task, plus those of the others in the form `tempo/acc1`."""
        scores = self.main.metrics(reference, _said_by(self.main, estimate))
        if not scores:
            return {}
        others = self._beside(lambda task: task.metrics(reference, _said_by(task, estimate)))
        return {**scores, **others}

    def failed(self, reference: Jams) -> dict[str, float]:
        """The worst scores of the main task, plus those of the others."""
        scores = self.main.failed(reference)
        others = self._beside(lambda task: task.failed(reference)) if scores else {}
        return {**scores, **others}

    def _beside(self, of: Callable[[Task], Mapping[str, T]]) -> dict[str, T]:
        """Items of the auxiliary tasks with keys such as `tempo/acc1`."""
        return {
            f"{task.name}/{name}": value
            for task, _ in self.others
            for name, value in of(task).items()
        }

    def row(self, reference: Jams, estimate: Jams) -> tuple[float, ...] | None:
        """That of the main task."""
        return self.main.row(reference, _said_by(self.main, estimate))

    def failed_row(self, reference: Jams) -> tuple[float, ...] | None:
        """That of the main task."""
        return self.main.failed_row(reference)

    def corpus_metrics(self, rows: Floats) -> dict[str, float]:
        """Those of the main task."""
        return self.main.corpus_metrics(rows)

    def claims(self, reference: Jams, estimate: Jams) -> Floats:
        """Those of the main task."""
        return self.main.claims(reference, _said_by(self.main, estimate))

    # 5. Deformations ------------------------------------------------------------------------

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """The strictest effect: forbidden if one part forbids it, changing if one part changes."""
        order: tuple[Effect, ...] = ("keep", "change", "forbid")
        names = sorted({name for task in self._parts for name in task.deformations})
        return {
            name: max((task.effect(name) for task in self._parts), key=order.index)
            for name in names
        }

    def deform_target(self, target: Array, deformation: str, amount: float) -> Array:
        """The parts' targets, each deformed by its own task; NaN stays NaN."""
        parts = []
        for task, columns in self.parts.values():
            part = target[..., columns]
            if task.effect(deformation) == "change" and not np.isnan(part).all():
                part = _deformed(task, part, deformation, amount)
            parts.append(part)
        return np.concatenate(parts, axis=-1)


def _said_by(task: Task, estimate: Jams) -> Jams:
    """The annotations of one part or without an author, as two parts may share a namespace."""
    own = (a for a in estimate.annotations if a.sandbox.get("task", task.name) == task.name)
    return replace(estimate, annotations=tuple(own))


def _of_tracks(measures: Mapping[str, Metric]) -> dict[str, Metric]:
    """The metrics of single tracks: an auxiliary task is not scored on the whole part."""
    return {name: metric for name, metric in measures.items() if metric.of == "track"}


def _deformed(task: Task, part: Array, deformation: str, amount: float) -> Array:
    """Deform a target; one that is the same for every frame is deformed once."""
    if part.ndim == 2 and not task.time_varying:
        return np.broadcast_to(task.deform_target(part[0], deformation, amount), part.shape)
    return task.deform_target(part, deformation, amount)

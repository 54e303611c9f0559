"""The target of patches for a sequence: a task whose annotations are written as tokens."""

from dataclasses import dataclass

import numpy as np

from deepmir.files.annotations import Jams
from deepmir.sequences.spelling import Spelling
from deepmir.tasks.base import Array, Effect, Grid, Task


@dataclass(frozen=True)
class Spelled:
    """A task and how it is spelled; see `patches.Target`.

    Attributes:
        task: what is annotated.
        spelling: how it is written.
        frame_rate: frames a second of the input.
    """

    task: Task
    spelling: Spelling
    frame_rate: float

    @property
    def name(self) -> str:
        """Of the task."""
        return self.task.name

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Those of the task."""
        return self.task.namespaces

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """The tokens of an excerpt with their end, shape (tokens,)."""
        events = self.spelling.events(jams, grid, self.frame_rate)
        return None if events is None else self.spelling.tokens(events).astype(np.float32)

    def effect(self, deformation: str) -> Effect:
        """As of the task."""
        return self.task.effect(deformation)

    def deform_target(self, target: Array, deformation: str, amount: float) -> Array:
        """Transposed; the grid has already done any stretching."""
        if deformation != "pitch_shift":
            return target
        moved = self.spelling.transposed(target.astype(np.int64), round(amount))
        return moved.astype(np.float32)

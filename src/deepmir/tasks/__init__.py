"""The tasks of the tutorial's Table 1, one file each. See `tasks/base.py` for their five parts."""

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from deepmir.errors import DeepmirError

if TYPE_CHECKING:
    from deepmir.representations import Representation
    from deepmir.tasks.base import Task

NAMES = ("beat", "key", "mode", "pitch_class")


def get(name: str) -> "Task":
    """The task of a name; its module alone is imported, so that it alone is the code of a run."""
    task: Task = importlib.import_module(f"deepmir.tasks.{name}").TASK
    return task


def check_deformations(
    task: "Task", amounts: Mapping[str, float], representation: "Representation"
) -> None:
    """Refuse a deformation that a task forbids or that the representation cannot undergo.

    Raises:
        DeepmirError: naming the deformation.
    """
    for name in amounts:
        effect = task.deformations.get(name)
        if effect is None:
            known = ", ".join(sorted(task.deformations))
            raise DeepmirError(f"deformations.{name} is not known (there are: {known})")
        if effect == "forbid":
            raise DeepmirError(f"deformations.{name} would falsify the labels of {task.name}")
        if name == "pitch_shift" and representation.bins_per_octave is None:
            raise DeepmirError(
                f"deformations.{name} rolls the bins of a log-frequency representation, "
                f"which {representation.kind} is not: use cqt, for one"
            )

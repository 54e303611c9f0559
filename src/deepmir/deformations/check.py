"""Checks of deformations, which refuse invalid ones in one line before anything is computed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from deepmir.deformations import base
from deepmir.deformations.names import NAMES
from deepmir.errors import DeepmirError
from deepmir.naming import nearest, shortened

if TYPE_CHECKING:
    from deepmir.representations import Representation
    from deepmir.tasks.base import Task


def check(
    task: "Task",
    amounts: Mapping[str, float],
    representation: "Representation",
    *,
    on_the_fly: bool,
) -> None:
    """Refuse a deformation that a task forbids or that the network's input does not allow.

    Args:
        task: whose labels must not be falsified.
        amounts: the maximum of each deformation.
        representation: the network's input.
        on_the_fly: whether it is computed from audio during training.

    Raises:
        DeepmirError: naming the deformation, and the remedy.
    """
    for name, amount in amounts.items():
        if name not in NAMES:
            hint = nearest(name, NAMES) or f" (available: {', '.join(sorted(NAMES))})"
            raise DeepmirError(f"deformations.{shortened(name)} is not known{hint}")
        found = base.get(name)
        if not 0 <= amount <= found.largest:
            raise DeepmirError(
                f"deformations.{name}: {amount:g} is not between 0 and {found.largest:g} "
                f"({found.unit})"
            )
        if isinstance(found, base.MusicDeformation) and name not in task.deformations:
            raise DeepmirError(
                f"deformations.{name}: the task {task.name} does not define its effect on "
                "the labels"
            )
        if task.effect(name) == "forbid":
            raise DeepmirError(f"deformations.{name} would invalidate the labels of {task.name}")
        reason = found.unfit(representation, on_the_fly=on_the_fly)
        reason = reason or found.idle(amount, representation)
        if reason:
            raise DeepmirError(f"deformations.{name} {reason}")

"""Baselines: alternatives to a network, one file each.

A baseline is a module with an `annotator(folder, task, sample_rate)` that returns a function
from samples to annotations, and, if it learns, a `fit(lesson)` that writes a model to the
folder. Those of `ON_FRAMES` get the frames of a representation instead, and their rate.
"""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from deepmir.errors import DeepmirError

if TYPE_CHECKING:
    from deepmir.baselines.shared.lesson import Lesson
    from deepmir.files.annotations import Annotation
    from deepmir.files.samples import Samples
    from deepmir.tasks.base import Task


@runtime_checkable
class Method(Protocol):
    """The interface of every module of this package."""

    def annotator(
        self, folder: Path, task: "Task", sample_rate: float
    ) -> "Callable[[Samples], list[Annotation]]":
        """Create the function from mono samples, shape (samples,), to annotations."""


@runtime_checkable
class Learned(Method, Protocol):
    """A baseline that learns from the training part."""

    def fit(self, lesson: "Lesson") -> None:
        """Learn from the training part, choose by the validation part, save to the folder."""


def get(name: str) -> Method:
    """The baseline with a name.

    Raises:
        DeepmirError: when its file is missing, or has no `annotator`.
    """
    file = f"baselines/{name}.py"
    try:
        method = importlib.import_module(f"deepmir.baselines.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"deepmir.baselines.{name}":
            raise
        raise DeepmirError(
            f"baselines/methods.py has the method {name}, but there is no {file}"
        ) from None
    if not isinstance(method, Method):
        raise DeepmirError(f"{file} has no function annotator(folder, task, sample_rate)")
    return method

"""Baselines: what users would pick instead of a network, one file each.

A baseline is a module with an `annotator(folder, task, sample_rate)` that returns a function
from samples to annotations, and, where it learns, a `fit(...)` that writes a model to `folder`.
"""

import importlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

if TYPE_CHECKING:
    from deepmir.files.annotations import Annotation, Jams
    from deepmir.files.audio import Samples
    from deepmir.tasks.base import Task


class Method(Protocol):
    """What every module of this package offers."""

    def annotator(
        self, folder: Path, task: "Task", sample_rate: int
    ) -> "Callable[[Samples], list[Annotation]]":
        """Make the function from mono samples, shape (samples,), to annotations."""


@runtime_checkable
class Learned(Method, Protocol):
    """A baseline that learns from the training part."""

    def fit(
        self,
        folder: Path,
        name: str,
        task: "Task",
        parts: "Mapping[str, Iterable[tuple[Samples, Jams]]]",
        sample_rate: int,
        provenance: Mapping[str, object],
    ) -> None:
        """Learn from `parts["train"]`, choose by `parts["validation"]`, write to `folder`."""


def get(name: str) -> Method:
    """The baseline of a name."""
    return cast(Method, importlib.import_module(f"deepmir.baselines.{name}"))

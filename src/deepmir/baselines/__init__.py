"""Baselines: what users would pick instead of a network, one file each.

A baseline is a module with an `annotator(folder, sample_rate)` that returns a function
from samples to annotations, and, where it learns, a `fit(...)` that writes a model to `folder`.
"""

import importlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from deepmir.annotations import Annotation, Jams
    from deepmir.audio import Samples

TASKS = {"krumhansl": "key", "logistic": "key", "librosa_beats": "beat"}
LEARNED = frozenset({"logistic"})


class Method(Protocol):
    """What every module of this package offers."""

    def annotator(self, folder: Path, sample_rate: int) -> "Callable[[Samples], list[Annotation]]":
        """Make the function from mono samples, shape (samples,), to annotations."""


class Learned(Method, Protocol):
    """A baseline that learns from the training part."""

    def fit(
        self,
        folder: Path,
        name: str,
        parts: "Mapping[str, Iterable[tuple[Samples, Jams]]]",
        sample_rate: int,
        provenance: Mapping[str, object],
    ) -> None:
        """Learn from `parts["train"]`, choose by `parts["validation"]`, write to `folder`."""


def methods_of(task: str) -> list[str]:
    """The names of a task's baselines."""
    return [name for name, of in TASKS.items() if of == task]


def get(name: str) -> Method:
    """The baseline of a name."""
    return cast(Method, importlib.import_module(f"deepmir.baselines.{name}"))


def get_learned(name: str) -> Learned:
    """The baseline of a name in :data:`LEARNED`."""
    return cast(Learned, get(name))

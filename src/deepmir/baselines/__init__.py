"""Baselines: what users would pick instead of a network, one file each.

A baseline is a module with an `annotator(folder, task, sample_rate)` that returns a function
from samples to annotations, and, where it learns, a `fit(...)` that writes a model to `folder`.
"""

import importlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from deepmir.annotations import Annotation, Jams
    from deepmir.audio import Samples
    from deepmir.tasks.base import Task

# The tasks that each method serves.
TASKS: Mapping[str, tuple[str, ...]] = {
    "analyze": (
        *("tempo", "key", "onset", "beat", "melody", "chord", "structure", "tagging", "mood"),
        *("genre", "instrument", "singing", "notes"),
    ),
    "librosa_tempo": ("tempo",),
    "essentia_rhythm": ("tempo", "beat"),
    "essentia_key": ("key",),
    "essentia_onsets": ("onset",),
    "essentia_melody": ("melody",),
    "krumhansl": ("key",),
    "temperley": ("key",),
    "logistic": ("key",),
    "librosa_onsets": ("onset",),
    "superflux": ("onset",),
    "librosa_beats": ("beat",),
    "pyin": ("melody",),
    "chord_templates": ("chord", "chord_large"),
    "laplacian": ("structure",),
    "mfcc_logistic": ("tagging", "mood_quadrant", "genre", "instrument", "singing"),
    "mfcc_ridge": ("mood",),
    "popularity": ("tagging", "genre"),
    "cqt_chroma": ("chroma",),
}
LEARNED = frozenset({"logistic", "mfcc_logistic", "mfcc_ridge", "popularity"})


class Method(Protocol):
    """What every module of this package offers."""

    def annotator(
        self, folder: Path, task: "Task", sample_rate: int
    ) -> "Callable[[Samples], list[Annotation]]":
        """Make the function from mono samples, shape (samples,), to annotations."""


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


def methods_of(task: str) -> list[str]:
    """The names of a task's baselines."""
    return [name for name, of in TASKS.items() if task in of]


def get(name: str) -> Method:
    """The baseline of a name."""
    return cast(Method, importlib.import_module(f"deepmir.baselines.{name}"))


def get_learned(name: str) -> Learned:
    """The baseline of a name in :data:`LEARNED`."""
    return cast(Learned, get(name))

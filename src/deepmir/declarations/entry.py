"""An entry of `params.yaml`: a declaration with all its references resolved.

Entries of networks are in `deepmir.declarations.neural`; `deepmir.declarations.entries` makes
them all.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from deepmir import paths, tasks
from deepmir.declarations.schema import Baseline, Evaluation, System
from deepmir.features.corpus import Files
from deepmir.fields import Declaration
from deepmir.representations import Representation
from deepmir.tasks.base import Task

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A system and the data set that it is tested on: everything that has a result.

    Attributes:
        name: in params.yaml; files and folders have this name.
        files: of the data set that it is tested on.
        written: its declaration in params.yaml; for a fold, the experiment or baseline.
        model: the name of the entry whose trained model it uses, which may be itself.
        decoder: options of the task's decoder.
        evaluation: how its scores are summarised.
        trained_on: the data set of a model that is carried over, else empty.
        folds: the entries that a cross-validation consists of, else none.
        before: the declared data sets that its initial weights, or the layers that are its input,
            were trained on.
        representation: its input; None for audio.
    """

    name: str
    files: Files
    written: Declaration
    model: str
    decoder: Mapping[str, Any]
    evaluation: Evaluation
    trained_on: str = ""
    folds: tuple["Entry", ...] = ()
    before: tuple[str, ...] = ()
    representation: Representation | None = None

    @property
    @abstractmethod
    def row(self) -> System:
        """The declaration of the system."""

    @property
    @abstractmethod
    def kind(self) -> Literal["network", "baseline"]:
        """What it is."""

    @property
    @abstractmethod
    def sample_rate(self) -> int:
        """Sample rate of the audio that its input is computed from, in Hz."""

    @property
    @abstractmethod
    def arrays(self) -> list[Path]:
        """The features or the audio that it reads."""

    @property
    @abstractmethod
    def decides(self) -> list[object]:
        """The values that determine its model and its predictions, for JSON."""

    @cached_property
    def task(self) -> Task:
        """Its task, with the labels and the auxiliary tasks that it declares."""
        return tasks.of(self.row)

    @property
    def folder(self) -> Path:
        """The folder of its model."""
        return paths.model(self.model)

    @property
    def is_trained(self) -> bool:
        """Whether it has a model of its own, which is trained or fitted."""
        return not self.trained_on and not self.folds

    @property
    def trials(self) -> int:
        """Number of trainings among which validation chose its model; 0 without a search."""
        return 0

    @property
    def datasets(self) -> set[str]:
        """The data sets that it needs: its own, and those of everything it is made from."""
        return {self.files.name, self.row.dataset, *self.before}

    @property
    def coded(self) -> System:
        """The declaration that names the code of its stages."""
        return self.row

    @property
    def declaration(self) -> dict[str, Any]:
        """Its declaration in params.yaml, as JSON; for a search, with the chosen values.

        Raises:
            DeepmirError: when a search has no model yet.
        """
        return self.written.model_dump(mode="json")

    @property
    def about(self) -> dict[str, object]:
        """Facts for the journal of its training; MLflow has an experiment for each task."""
        return {
            "name": self.name,
            "task": self.row.task,
            "dataset": self.files.name,
            "kind": self.kind,
            "declaration": self.declaration,
        }


@dataclass(frozen=True, kw_only=True)
class BaselineEntry(Entry):
    """A baseline.

    Attributes:
        baseline: its declaration.
    """

    baseline: Baseline

    @property
    def row(self) -> Baseline:
        """The declaration of the system."""
        return self.baseline

    @property
    def kind(self) -> Literal["network", "baseline"]:
        """What it is."""
        return "baseline"

    @property
    def sample_rate(self) -> int:
        """Sample rate of the audio that it reads, or that its input is computed from, in Hz."""
        heard = self.representation or self.baseline
        return heard.sample_rate

    @property
    def arrays(self) -> list[Path]:
        """Audio, or features."""
        if self.representation is None:
            return self.files.audio(self.sample_rate)
        return self.files.features(self.representation)

    @property
    def decides(self) -> list[object]:
        """The values that determine its model and its predictions, for JSON."""
        if self.representation is None:
            return decided_by(self)
        return [*decided_by(self), self.representation.model_dump(mode="json")]


def decided_by(entry: Entry) -> list[object]:
    """What determines the result of any system: its declaration, and the split of its data."""
    division = [entry.files.name, entry.files.folds, entry.files.tested]
    return [entry.row.model_dump(mode="json"), division]

"""What an entry of `params.yaml` is: a declaration with everything that it names looked up.

`deepmir.declarations.entries` makes them.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from deepmir import paths, tasks
from deepmir.declarations import searches
from deepmir.declarations.schema import Baseline, Evaluation, Experiment, System
from deepmir.declarations.sequences import SequenceNetwork
from deepmir.declarations.sources import Source
from deepmir.declarations.training import Training
from deepmir.declarations.varying import Search
from deepmir.features.corpus import Files
from deepmir.fields import Declaration
from deepmir.representations import Representation
from deepmir.tasks.base import Task

if TYPE_CHECKING:
    from deepmir.networks import InputShape, Output


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What has a result: a system, and the data set that it is tested on.

    Attributes:
        name: in params.yaml; files and folders are called so.
        files: of the data set that it is tested on.
        written: what params.yaml says of it; for a fold, the experiment or baseline.
        model: the name of the entry whose trained model it uses, which may be itself.
        decoder: options of the task's decoder.
        evaluation: how its scores are summarised.
        trained_on: the data set of a model that is carried over, else empty.
        folds: the entries that a cross-validation consists of, else none.
        before: the declared data sets that weights which it starts from, or layers which are its
            input, have learned from.
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
        """Of the audio that its input is made from, in Hz."""

    @property
    @abstractmethod
    def arrays(self) -> list[Path]:
        """The features or the audio that it reads."""

    @property
    @abstractmethod
    def decides(self) -> list[object]:
        """The values that decide what its model and its predictions are, for JSON."""

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
        """How many trainings its model is the best of by validation; 0 without a search."""
        return 0

    @property
    def datasets(self) -> set[str]:
        """The data sets that it needs: its own, and those of all that it is made from."""
        return {self.files.name, self.row.dataset, *self.before}

    @property
    def coded(self) -> System:
        """The declaration that names the code of its stages."""
        return self.row

    @property
    def declaration(self) -> dict[str, Any]:
        """What params.yaml says of it, as JSON; of a search, with what it has chosen.

        Raises:
            DeepmirError: when a search has no model yet.
        """
        return self.written.model_dump(mode="json")

    @property
    def about(self) -> dict[str, object]:
        """What the journal of its training says; MLflow has an experiment for each task."""
        return {
            "name": self.name,
            "task": self.row.task,
            "dataset": self.files.name,
            "kind": self.kind,
            "declaration": self.declaration,
        }


@dataclass(frozen=True, kw_only=True)
class NeuralEntry(Entry):
    """A network, whatever it writes.

    Attributes:
        representation: its input.
        others: the other data sets that it is trained on, each with its share of the patches.
        source: whose weights it starts from; None for random ones.
    """

    representation: Representation
    others: tuple[tuple[Files, float], ...] = ()
    source: Source | None = None

    @property
    @abstractmethod
    def row(self) -> Experiment | SequenceNetwork:
        """The declaration of the system."""

    @property
    @abstractmethod
    def shape(self) -> "InputShape":
        """What its notation takes."""

    @property
    @abstractmethod
    def output(self) -> "Output":
        """What its notation gives."""

    @property
    def kind(self) -> Literal["network", "baseline"]:
        """What it is."""
        return "network"

    @property
    def training(self) -> Training:
        """How it is trained."""
        return self.row.training

    @property
    def on_the_fly(self) -> bool:
        """Whether its input is computed from audio as it trains."""
        return False

    @property
    def sample_rate(self) -> int:
        """Of the audio that its input is made from, in Hz."""
        return self.representation.sample_rate

    @property
    def arrays(self) -> list[Path]:
        """Features, or the audio that they are computed from on the fly."""
        return self._arrays(self.files)

    @property
    def taught(self) -> list[Path]:
        """All files that it is trained on, each once: its own are compared with the others'."""
        each = [self.files, *(files for files, _ in self.others)]
        return [*dict.fromkeys(path for f in each for path in (*f.described, *self._arrays(f)))]

    def _arrays(self, files: Files) -> list[Path]:
        if self.on_the_fly:
            return files.audio(self.sample_rate)
        return files.features(self.representation)

    @property
    def decides(self) -> list[object]:
        """The values that decide what its model and its predictions are, for JSON."""
        # Where it is computed on the fly, no name of a file changes with the representation.
        values = [*_decides(self), self.representation.model_dump(mode="json")]
        # What is made by the same declarations is a file that it is made from.
        if self.source is None or self.source.declared:
            return values
        return [*values, self.source.weights_sha256]


@dataclass(frozen=True, kw_only=True)
class NetworkEntry(NeuralEntry):
    """A network that gives the output of a task.

    Attributes:
        experiment: its declaration.
        search: what chooses some of its values by the validation part; None where all are declared.
    """

    experiment: Experiment
    search: Search | None = None

    @property
    def row(self) -> Experiment:
        """The declaration of the system."""
        return self.experiment

    @property
    def coded(self) -> Experiment:
        """The declaration that names the code of its stages, of all that a search may try."""
        return searches.widest(self.row, self.search) if self.search else self.row

    @property
    def chosen(self) -> Experiment:
        """The declaration of the network that there is: of a search, that of its best trial.

        Raises:
            DeepmirError: when a search has no model yet.
        """
        return searches.found(self.experiment, self.folder) if self.search else self.experiment

    @property
    def declaration(self) -> dict[str, Any]:
        """What params.yaml says of it, as JSON; of a search, with what it has chosen."""
        return self.chosen.model_dump(mode="json") if self.trials else super().declaration

    @property
    def trials(self) -> int:
        """How many trainings its model is the best of by validation; 0 without a search."""
        return self.search.trials if self.search and self.is_trained else 0

    @property
    def decides(self) -> list[object]:
        """The values that decide what its model and its predictions are, for JSON."""
        searched = [self.search.model_dump(mode="json")] if self.search else []
        return [*super().decides, *searched]

    @property
    def shape(self) -> "InputShape":
        """What its notation takes: in an ensemble, one channel."""
        from deepmir import networks

        return networks.InputShape.of(self.representation, self.experiment.ensemble)

    @property
    def output(self) -> "Output":
        """What its notation gives: the output of its task."""
        from deepmir import networks

        return networks.Output(self.task.output.width, self.task.time_varying)

    @property
    def on_the_fly(self) -> bool:
        """Whether its input is computed from audio as it trains."""
        return computed_on_the_fly(self.experiment, self.representation)


@dataclass(frozen=True, kw_only=True)
class SequenceEntry(NeuralEntry):
    """A network that writes the annotation of a task as a sequence.

    Attributes:
        sequence: its declaration.
    """

    sequence: SequenceNetwork

    @property
    def row(self) -> SequenceNetwork:
        """The declaration of the system."""
        return self.sequence

    @property
    def shape(self) -> "InputShape":
        """What its encoder takes."""
        from deepmir import networks

        return networks.InputShape.of(self.representation)

    @property
    def output(self) -> "Output":
        """What its encoder hands over to the decoder, frame by frame."""
        from deepmir import networks

        return networks.Output(self.sequence.decoder.units, time_varying=True)


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
        """Of the audio that it reads, or that its input is made from, in Hz."""
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
        """The values that decide what its model and its predictions are, for JSON."""
        if self.representation is None:
            return _decides(self)
        return [*_decides(self), self.representation.model_dump(mode="json")]


def _decides(entry: Entry) -> list[object]:
    division = [entry.files.name, entry.files.folds, entry.files.tested]
    return [entry.row.model_dump(mode="json"), division]


def computed_on_the_fly(experiment: Experiment, representation: Representation) -> bool:
    """Whether a network's input is computed from audio as it trains.

    Raw audio is: there is nothing to precompute.
    """
    return not experiment.precompute or representation.kind == "audio"

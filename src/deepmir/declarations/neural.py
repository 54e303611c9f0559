"""Entries that are networks, of one task or of symbols."""

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from deepmir.declarations import searches
from deepmir.declarations.entry import Entry, decided_by
from deepmir.declarations.schema import Experiment
from deepmir.declarations.sequences import SequenceNetwork
from deepmir.declarations.sources import Source
from deepmir.declarations.training import Training
from deepmir.declarations.varying import Search
from deepmir.features.corpus import Files
from deepmir.representations import Representation

if TYPE_CHECKING:
    from deepmir.networks import InputShape, Output


@dataclass(frozen=True, kw_only=True)
class NeuralEntry(Entry):
    """A network, whatever its output.

    Attributes:
        representation: its input.
        others: the other data sets that it is trained on, each with its share of the patches.
        source: the model whose weights it starts from; None for random weights.
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
        """Whether its input is computed from audio during training."""
        return False

    @property
    def sample_rate(self) -> int:
        """Sample rate of the audio that its input is computed from, in Hz."""
        return self.representation.sample_rate

    @property
    def arrays(self) -> list[Path]:
        """Features, or the audio that they are computed from on the fly."""
        return self._arrays(self.files)

    @property
    def taught(self) -> list[Path]:
        """All files that it is trained on, each once; its own are compared with the others."""
        each = [self.files, *(files for files, _ in self.others)]
        return [*dict.fromkeys(path for f in each for path in (*f.described, *self._arrays(f)))]

    def _arrays(self, files: Files) -> list[Path]:
        if self.on_the_fly:
            return files.audio(self.sample_rate)
        return files.features(self.representation)

    @property
    def decides(self) -> list[object]:
        """The values that determine its model and its predictions, for JSON."""
        # Where it is computed on the fly, no name of a file changes with the representation.
        values = [*decided_by(self), self.representation.model_dump(mode="json")]
        # What is made by the same declarations is a file that it is made from.
        if self.source is None or self.source.declared:
            return values
        return [*values, self.source.weights_sha256]


@dataclass(frozen=True, kw_only=True)
class NetworkEntry(NeuralEntry):
    """A network that gives the output of a task.

    Attributes:
        experiment: its declaration.
        search: the search that chooses some of its values by validation; None without one.
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
        """The declaration of the trained network: for a search, that of its best trial.

        Raises:
            DeepmirError: when a search has no model yet.
        """
        return searches.found(self.experiment, self.folder) if self.search else self.experiment

    @property
    def declaration(self) -> dict[str, Any]:
        """Its declaration in params.yaml, as JSON; for a search, with the chosen values."""
        return self.chosen.model_dump(mode="json") if self.trials else super().declaration

    @property
    def trials(self) -> int:
        """Number of trainings among which validation chose its model; 0 without a search."""
        return self.search.trials if self.search and self.is_trained else 0

    @property
    def decides(self) -> list[object]:
        """The values that determine its model and its predictions, for JSON."""
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
        """Whether its input is computed from audio during training."""
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


def computed_on_the_fly(experiment: Experiment, representation: Representation) -> bool:
    """Whether a network's input is computed from audio during training.

    True for raw audio: there is nothing to precompute.
    """
    return not experiment.precompute or representation.kind == "audio"

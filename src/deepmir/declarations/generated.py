"""Generators of `params.yaml` with all their references resolved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deepmir import paths
from deepmir.declarations import data, entries
from deepmir.declarations.generators import Generator
from deepmir.declarations.neural import NetworkEntry
from deepmir.declarations.schema import Evaluation, Params
from deepmir.features.corpus import Files
from deepmir.naming import known
from deepmir.representations import Representation


@dataclass(frozen=True, kw_only=True)
class GeneratorEntry:
    """A generator.

    Attributes:
        name: in params.yaml; files and folders have this name.
        files: of the data set that it learns from and is judged on.
        generator: its declaration.
        representation: what it takes and gives.
        evaluation: how its metrics are summarised.
        judges: the experiments whose networks judge it, by the key that names each.
    """

    name: str
    files: Files
    generator: Generator
    representation: Representation
    evaluation: Evaluation
    judges: Mapping[str, NetworkEntry] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Such as `wavenet`."""
        return self.generator.kind

    @property
    def folder(self) -> Path:
        """The folder of its model."""
        return paths.model(self.name)

    @property
    def datasets(self) -> set[str]:
        """The data sets that it needs, including those of its judges."""
        return {self.files.name, *(name for one in self.judges.values() for name in one.datasets)}

    @property
    def arrays(self) -> list[Path]:
        """Features, or audio."""
        if self.representation.kind == "audio":
            return self.files.audio(self.representation.sample_rate)
        return self.files.features(self.representation)

    @property
    def decides(self) -> list[object]:
        """The values that determine its model, for JSON."""
        return [self.generator.decides, self.representation.model_dump(mode="json")]

    @property
    def about(self) -> dict[str, object]:
        """Facts for the journal of its training; MLflow has an experiment for each kind."""
        return {
            "name": self.name,
            "task": self.kind,
            "dataset": self.files.name,
            "kind": "generator",
            "declaration": self.generator.model_dump(mode="json"),
        }


def everything(params: Params) -> dict[str, GeneratorEntry]:
    """All generators by name."""
    return {name: _entry(params, name) for name in params.generators}


def resolve(params: Params, name: str) -> GeneratorEntry:
    """The generator with a name.

    Raises:
        DeepmirError: when there is none.
    """
    return _entry(params, known(name, params.generators, "generator"))


def _entry(params: Params, name: str) -> GeneratorEntry:
    generator = params.generators[name]
    representation = params.representations[generator.representation]
    judges = {key: entries.resolve(params, judge) for key, judge in generator.needed.items()}
    return GeneratorEntry(
        name=name,
        files=data.compared(params, generator.dataset, representation.sample_rate),
        generator=generator,
        representation=representation,
        evaluation=params.evaluation,
        judges={key: one for key, one in judges.items() if isinstance(one, NetworkEntry)},
    )

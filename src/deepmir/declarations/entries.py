"""Entries of `params.yaml` with everything that they name looked up.

A stage of the line gets its entry from here, at the door, and what is inside gets from the entry
what it needs. An entry is an experiment, a baseline, a cross-validation, one fold of it (under the
name ``<name>-fold<number>``), or a model that is carried over to another data set.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from deepmir import paths, tasks
from deepmir.declarations import data, searches, sources
from deepmir.declarations.schema import Baseline, Evaluation, Experiment, Params
from deepmir.declarations.sources import Source
from deepmir.declarations.varying import Search
from deepmir.errors import DeepmirError
from deepmir.features.corpus import Files
from deepmir.fields import Declaration
from deepmir.naming import known
from deepmir.representations import Representation
from deepmir.tasks.base import Task


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
    def row(self) -> Experiment | Baseline:
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
    def coded(self) -> Experiment | Baseline:
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
class NetworkEntry(Entry):
    """A network.

    Attributes:
        experiment: its declaration.
        representation: its input.
        others: the other data sets that it is trained on, each with its share of the patches.
        source: whose weights it starts from; None for random ones.
        search: what chooses some of its values by the validation part; None where all are declared.
    """

    experiment: Experiment
    representation: Representation
    others: tuple[tuple[Files, float], ...] = ()
    source: Source | None = None
    search: Search | None = None

    @property
    def row(self) -> Experiment:
        """The declaration of the system."""
        return self.experiment

    @property
    def kind(self) -> Literal["network", "baseline"]:
        """What it is."""
        return "network"

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
    def on_the_fly(self) -> bool:
        """Whether its input is computed from audio as it trains."""
        return computed_on_the_fly(self.experiment, self.representation)

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
        """All files that it is trained on."""
        each = [self.files, *(files for files, _ in self.others)]
        return [path for f in each for path in (*f.described, *self._arrays(f))]

    def _arrays(self, files: Files) -> list[Path]:
        if self.on_the_fly:
            return files.audio(self.sample_rate)
        return files.features(self.representation)

    @property
    def decides(self) -> list[object]:
        """The values that decide what its model and its predictions are, for JSON."""
        # Where it is computed on the fly, no name of a file changes with the representation.
        values = [*_decides(self), self.representation.model_dump(mode="json")]
        values += [self.search.model_dump(mode="json")] if self.search else []
        # What is made by the same declarations is a file that it is made from.
        if self.source is None or self.source.declared:
            return values
        return [*values, self.source.weights_sha256]


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


def resolve(params: Params, name: str) -> Entry:
    """The entry of a name.

    Raises:
        DeepmirError: when there is none.
    """
    entries = everything(params)
    return entries[known(name, entries, "experiment")]


def to_train(params: Params, name: str) -> Entry:
    """The entry of a name that is trained or fitted.

    Raises:
        DeepmirError: when there is none, or it has no model of its own.
    """
    entry = resolve(params, name)
    if entry.trained_on:
        raise DeepmirError(f"{name} is carried over: train its model instead: {entry.model}")
    if entry.folds:
        each = ", ".join(fold.name for fold in entry.folds)
        raise DeepmirError(f"{name} is a cross-validation: train its folds instead: {each}")
    return entry


def shown(params: Params) -> list[Entry]:
    """All entries that are declared, in their order; no single fold."""
    entries = everything(params)
    return [entries[name] for name in params.shown]


def everything(params: Params) -> dict[str, Entry]:
    """All entries by name, the single folds of cross-validations among them."""
    made: dict[str, Entry] = {}
    rows: dict[str, Experiment | Baseline] = {**params.experiments, **params.baselines}
    for name, row in rows.items():
        made[name] = _declared(params, name, row)
    for name, crossed in params.folds.items():
        entry = made[crossed.entry]
        files = replace(
            data.compared(params, crossed.dataset, entry.sample_rate), folds=crossed.folds
        )
        files = data.having_heard(files, data.learned(params, entry.row), entry.sample_rate)
        whole = replace(entry, name=name, model=name, files=files)
        each = tuple(
            replace(whole, name=fold, model=fold, files=replace(files, tested=number))
            for number, fold in enumerate(f"{name}-fold{i}" for i in range(crossed.folds))
        )
        made |= {fold.name: fold for fold in each}
        made[name] = replace(whole, written=crossed, folds=each)
    for name, carried in params.carried.items():
        own = made[carried.model]
        files = data.compared(params, carried.dataset, own.sample_rate)
        learned = [replace(own.files, heard=()), *data.learned(params, own.row)]
        files = data.having_heard(files, learned, own.sample_rate)
        made[name] = replace(
            own,
            name=name,
            files=files,
            written=carried,
            trained_on=", ".join(dict.fromkeys(each.name for each in learned)),
        )
    return made


def _declared(params: Params, name: str, row: Experiment | Baseline) -> Entry:
    given = params.representations[row.representation] if row.representation else None
    audio = row.sample_rate if isinstance(row, Baseline) else 0
    rate = given.sample_rate if given else audio
    learned = data.learned(params, row)
    common: dict[str, Any] = {
        "name": name,
        "files": data.having_heard(data.compared(params, row.dataset, rate), learned, rate),
        "written": row,
        "model": name,
        "decoder": dict(params.decoders.get(row.task, {})),
        "evaluation": params.evaluation,
        "before": tuple(files.name for files in learned),
        "representation": given,
    }
    if isinstance(row, Baseline):
        return BaselineEntry(**common, baseline=row)
    return NetworkEntry(
        **common,
        experiment=row,
        others=tuple((data.compared(params, o, rate), share) for o, share in row.also.items()),
        source=sources.of(row.start_from) if row.start_from else None,
        search=params.searches.get(name),
    )

"""What to run: the declarations of `params.yaml`, checked against a schema.

Every section is a frozen model; an unknown key, a wrong type or an undefined name raises one
:class:`~deepmir.errors.DeepmirError` that names the key and suggests the nearest match.
"""

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
)

from deepmir.datasets.registry import Dataset
from deepmir.declarations.generators import Generator
from deepmir.declarations.sequences import SequenceNetwork
from deepmir.declarations.training import Training
from deepmir.declarations.varying import Search, Sweep
from deepmir.fields import (
    Count,
    Declaration,
    Different,
    Flag,
    Limit,
    Number,
    Positive,
    Section,
    Seed,
    Share,
    Text,
    Whole,
    filled,
)
from deepmir.naming import known, shortened
from deepmir.representations import Representation

T = TypeVar("T")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")  # files and folders are called so

# The sections whose rows have a result.
SECTIONS = ("experiments", "sequences", "baselines", "folds", "carried")


def _named(rows: Mapping[str, T]) -> Mapping[str, T]:
    for name in rows:
        if not NAME.fullmatch(name):
            raise ValueError(f"the name {shortened(name)!r} may only contain a-z, 0-9, - and _")
    return rows


Rows = Annotated[Section[T], AfterValidator(_named)]
LossWeight = Annotated[Positive, Field(le=1000)]
Labels = Annotated[Different[tuple[Text, ...]], Field(max_length=10_000)]


class Experiment(Declaration):
    """One idea: a network trained on a task."""

    dataset: Text = Field(description="a name under datasets")
    also: Section[Share] = Field(
        default_factory=dict,
        exclude_if=lambda also: not also,  # it changes nothing where there is none
        description="other data sets to train and validate on, each with its share of the patches",
    )
    task: Text = Field(description="one of docs/reference/tasks.md")
    representation: Text = Field(description="a name under representations")
    network: str = Field(
        max_length=10_000, description="in the tutorial's notation: docs/reference/networks.md"
    )
    start_from: Text | None = Field(
        None,
        exclude_if=lambda source: source is None,
        description="the model to take initial weights from: an experiment, the task of "
        "a network that comes with deepmir, or the path of a model, such as "
        "`models.tar/beat` in an archive",
    )
    ensemble: Flag = Field(
        False,
        description="one network for each channel of the representation, such as the "
        "members of a stack; their logits are averaged",
    )
    labels: Labels = Field((), description="another vocabulary, for genre, tagging and instrument")
    auxiliary: Section[LossWeight] = Field(
        default_factory=dict,
        description="tasks that share the network, each with the weight of its loss",
    )
    class_weights: Literal["balanced"] | Section[LossWeight | Literal["balanced"]] = Field(
        default_factory=dict,
        description="against class imbalance: by label, or balanced, also by task",
    )
    precompute: Flag = Field(
        True, description="keep the representation in HDF5, or compute it on the fly from audio"
    )
    deformations: Section[Number] = Field(
        default_factory=dict,
        description="by name, the largest amount; applied to training data only",
    )
    training: Training = Field(
        Training(), description="values that differ from the section training"
    )
    # Not dumped: how often it is trained changes nothing in one training.
    seeds: Count = Field(
        1,
        le=100,
        exclude=True,
        description="how many trainings, with seeds from training.seed on; see sweeps",
    )


class Baseline(Declaration):
    """An established method to compare with, scored by the same rules on the same tracks."""

    dataset: Text = Field(description="a name under datasets")
    task: Text = Field(description="one of docs/reference/tasks.md")
    method: Text = Field(description="one of docs/reference/baselines.md")
    labels: Labels = Field((), description="another vocabulary, for genre, tagging and instrument")
    sample_rate: Whole = Field(
        22050, ge=8000, le=192_000, description="of the audio that the method reads, Hz"
    )
    representation: Text | None = Field(
        None,
        exclude_if=lambda name: name is None,
        description="a name under representations, for a method that takes one instead of audio",
    )
    tracks: Limit | None = Field(
        None,
        exclude_if=lambda tracks: tracks is None,
        description="how many training tracks, as in `training`; for a method that learns",
    )
    seed: Seed = Field(
        1, exclude_if=lambda seed: seed == 1, description="seed for drawing those tracks"
    )


Neural = Experiment | SequenceNetwork
"""A network, whatever it writes."""

System = Neural | Baseline
"""What a result can be of."""


class Carried(Declaration):
    """A trained model, tested on the test part of a data set that it was not trained on."""

    dataset: Text = Field(description="the data set whose test part is used")
    model: Text = Field(description="an experiment, a sequence, or a baseline that learns")


class CrossValidation(Declaration):
    """An experiment or baseline, trained and tested once for each fold of a data set."""

    dataset: Text = Field(description="the data set of the entry, or another one")
    entry: Text = Field(description="an experiment, sequence or baseline")
    folds: Whole = Field(
        ge=3,
        le=1000,
        description="number of folds: one for test, the next for validation, the others "
        "for training",
    )


class Evaluation(Declaration):
    """How scores are summarised."""

    bootstrap: Whole = Field(  # each with the number of every track in it
        2000, ge=100, le=100_000, description="bootstrap resamplings of the tracks"
    )
    confidence: Number = Field(0.95, ge=0.5, lt=1, description="confidence level of the intervals")
    seed: Seed = Field(0, description="of the resampling")


class Params(Declaration):
    """The whole of `params.yaml`."""

    beside = ("training",)

    datasets: Rows[Dataset] = Field(description="by name: where tracks come from")
    representations: Rows[Representation] = Field(
        default_factory=dict, description="by name: what a network is given"
    )
    experiments: Rows[Experiment] = Field(
        default_factory=dict, description="by name: a network trained on a task"
    )
    sequences: Rows[SequenceNetwork] = Field(
        default_factory=dict, description="by name: a network that writes symbols for a task"
    )
    baselines: Rows[Baseline] = Field(
        default_factory=dict, description="by name: a method to compare with"
    )
    folds: Rows[CrossValidation] = Field(
        default_factory=dict, description="by name: a cross-validation"
    )
    carried: Rows[Carried] = Field(
        default_factory=dict, description="by name: a trained model on another data set"
    )
    sweeps: Rows[Sweep] = Field(
        default_factory=dict, description="by name: a network with other values of its keys"
    )
    searches: Rows[Search] = Field(
        default_factory=dict,
        description="by name: an experiment whose values are chosen by its validation part",
    )
    generators: Rows[Generator] = Field(
        default_factory=dict, description="by name: a model that reconstructs or generates music"
    )
    decoders: Section[Section[Any]] = Field(
        default_factory=dict, description="options of each task's decoder; no effect on training"
    )
    evaluation: Annotated[Evaluation, BeforeValidator(filled)] = Evaluation()
    defaults: Section[Text] = Field(
        default_factory=dict,
        description="the experiment whose network `deepmir analyze` uses, by task",
    )
    withheld: Section[Text] = Field(
        default_factory=dict,
        description="tasks of `defaults` that `deepmir analyze` answers only if asked "
        "for by name, with the reason: what was measured",
    )

    def only(self, names: Collection[str]) -> "Params":
        """The same declarations with only some of the entries."""
        chosen: dict[str, Any] = {
            section: {n: row for n, row in getattr(self, section).items() if n in names}
            for section in SECTIONS
        }
        chosen["generators"] = {n: row for n, row in self.generators.items() if n in names}
        chosen["defaults"] = {t: n for t, n in self.defaults.items() if n in names}
        chosen["withheld"] = {t: w for t, w in self.withheld.items() if t in chosen["defaults"]}
        return self.model_copy(update=chosen)

    def dataset(self, name: str) -> Dataset:
        """The data set with a name.

        Raises:
            DeepmirError: when there is none.
        """
        return self.datasets[known(name, self.datasets, "data set")]

    def representation(self, name: str) -> Representation:
        """The representation with a name.

        Raises:
            DeepmirError: when there is none.
        """
        return self.representations[known(name, self.representations, "representation")]

    @property
    def networks(self) -> dict[str, Neural]:
        """Every network by name."""
        return {**self.experiments, **self.sequences}

    @property
    def systems(self) -> dict[str, System]:
        """Every network and every baseline by name."""
        return {**self.networks, **self.baselines}

    @property
    def shown(self) -> list[str]:
        """The names of all entries, each of which has a result."""
        return [name for section in SECTIONS for name in getattr(self, section)]

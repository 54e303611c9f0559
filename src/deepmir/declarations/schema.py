"""What to run: the declarations of `params.yaml`, checked against a schema.

Every section is a frozen model; an unknown key, a wrong type or a name that points nowhere is one
:class:`~deepmir.errors.DeepmirError` that names the key and suggests the nearest.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    model_validator,
)

from deepmir.errors import DeepmirError
from deepmir.fields import (
    Count,
    Declaration,
    Different,
    Flag,
    Limit,
    Number,
    Place,
    Positive,
    Seconds,
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
SECTIONS = ("experiments", "baselines", "folds", "carried")


def _named(rows: Mapping[str, T]) -> Mapping[str, T]:
    for name in rows:
        if not NAME.fullmatch(name):
            raise ValueError(f"the name {shortened(name)!r} has to be of a-z, 0-9, - and _ alone")
    return rows


Rows = Annotated[Section[T], AfterValidator(_named)]
Package = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
LossWeight = Annotated[Positive, Field(le=1000)]
Labels = Annotated[Different[tuple[Text, ...]], Field(max_length=10_000)]


class DatasetBase(Declaration):
    """What every data set declares.

    Attributes:
        module: of `deepmir.datasets.index`, where its source is.
    """

    module: ClassVar[str]

    shards: Count = Field(  # their numbers have four digits
        4, le=10_000, description="jobs that a data set is cut into"
    )
    max_failures: Share = Field(
        0.05, description="share of unusable tracks above which the run stops"
    )
    min_seconds: Seconds = Field(2.0, description="a shorter recording is left out, by name")


class Scores(DatasetBase):
    """Scores of the music21 corpus, rendered to audio with exact annotations."""

    module: ClassVar[str] = "scores"
    source: Literal["scores"]
    size: Literal["small", "medium", "full"] = Field(
        "small", description="236 or 600 works of different tunes, or three renderings of each work"
    )
    style: Literal["plain", "song"] = Field(
        "plain", description="song: played in a form with repeats, often sung, 40 to 75 s long"
    )
    limit: Limit | None = Field(None, description="the first so many tracks alone, to try out")
    seed: Seed = Field(2017, description="what instruments, tempi, effects are drawn from")


class Folder(DatasetBase):
    """Your own recordings, annotated in files or tables: see docs/how-to/own-folder.md."""

    module: ClassVar[str] = "folder.shards"
    source: Literal["folder"]
    path: Place = Field(description="the folder, absolute or relative to params.yaml")


class Tones(DatasetBase):
    """Tones or triads of sines, to teach with: see studies/teaching."""

    module: ClassVar[str] = "tones"
    source: Literal["tones"]
    content: Literal["tone", "triad"] = Field("tone", description="what each recording holds")
    timbres: Whole = Field(
        20, ge=3, le=100, description="each plays every pitch class or triad once"
    )
    partials: Whole = Field(12, ge=1, le=40, description="sines of a tone")
    seconds: Seconds = Field(2.5, description="length of a recording")
    seed: Seed = Field(1, description="what timbres, octaves, tuning and level are drawn from")


class Mirdata(DatasetBase):
    """A published set, by a loader of mirdata: see docs/how-to/published-sets.md."""

    module: ClassVar[str] = "published.shards"
    source: Literal["mirdata"]
    name: Text = Field(description="of mirdata's loader, such as giantsteps_key")
    home: Place = Field(description="where the set lies, absolute or relative to params.yaml")
    version: Text = Field("default", description="one of the loader's versions")
    limit: Limit | None = Field(None, description="the first so many tracks alone, to try out")


class Rendered(DatasetBase):
    """Human songs and scores, rendered in many ways: see docs/explanation/renderer.md."""

    module: ClassVar[str] = "rendered"
    source: Literal["rendered"]
    home: Place = Field(Path("data/sources"), description="where POP909 and Groove lie")
    collections: Different[tuple[Literal["pop909", "music21"], ...]] = Field(
        ("pop909", "music21"), min_length=1, description="where the songs are from"
    )
    hours: Number = Field(20.0, gt=0, le=100, description="length of the whole set, about")
    seconds: Seconds = Field(75.0, ge=20, description="length of a track, about; see whole")
    whole: Share = Field(0.1, description="share of tracks that are songs from beginning to end")
    arrangement: Literal["written", "varied"] = Field(
        "varied", description="written: a piano plays the source; varied: arranged anew by section"
    )
    drums: Literal["none", "patterns", "human"] = Field("human", description="human: of Groove")
    soundfonts: tuple[Text, ...] = Field(
        ("TimGM6mb",), min_length=1, description="of training and validation tracks"
    )
    test_soundfont: Text | None = Field(
        None, description="of test tracks, heard in no other; by default they use soundfonts"
    )
    singers: tuple[Literal["formant", "speech"], ...] = Field(
        ("formant",), description="speech: needs the extra deepmir[singing]; empty: nobody sings"
    )
    mixing: Literal["none", "room", "studio"] = Field(
        "studio", description="what is done to the sum of the instruments"
    )
    timing: Flag = Field(True, description="rubato, swing, looseness; otherwise a metronome")
    transposition: Flag = Field(True, description="to all keys")
    seed: Seed = Field(2026, description="what everything is drawn from")

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        if self.hours * 3600 < self.seconds:
            raise ValueError(f"{self.hours:g} hours hold no track of {self.seconds:g} seconds")
        if self.test_soundfont in self.soundfonts:
            raise ValueError("test_soundfont is heard in no other track: take it out of soundfonts")
        return self


class JamendoLyrics(DatasetBase):
    """Songs of the JamendoLyrics data set: when there is singing, in real recordings."""

    module: ClassVar[str] = "recordings.jamendolyrics"
    source: Literal["jamendolyrics"]
    home: Place = Field(description="the folder with JamendoLyrics.csv")


class FretsOnFire(DatasetBase):
    """Songs of the game Frets on Fire as Debian packages them: tempo and beats of rock music."""

    module: ClassVar[str] = "recordings.fretsonfire"
    source: Literal["fretsonfire"]
    home: Place = Field(
        Path("/usr/share/games/fretsonfire/data/songs"), description="where the songs lie"
    )
    packages: Different[tuple[Package, ...]] = Field(
        ("muldjord",), min_length=1, description="folders of home to take songs of"
    )


Dataset = Annotated[
    Scores | Rendered | Folder | Mirdata | JamendoLyrics | FretsOnFire | Tones,
    Field(discriminator="source"),
]


class Training(Declaration):
    """How a network is trained (tutorial, section 2.2); an experiment overrides what it needs."""

    seed: Seed = Field(1, description="of first weights, patches, deformations and dropout")
    epochs: Count = Field(
        30, le=100_000, description="at most so many; early stopping may end sooner"
    )
    patience: Count = Field(8, le=100_000, description="epochs without improvement before stopping")
    monitor: str = Field(
        "validation/loss",
        description="what picks the best checkpoint: a loss, or a metric of the task; the task "
        "says whether less or more of it is better",
    )
    batch_size: Count = Field(32, le=65_536, description="patches in a batch")
    patch_seconds: Seconds = Field(
        10.0, description="length of a random training patch; for a long task also of its excerpts"
    )
    patches_per_epoch: Limit | None = Field(
        None, description="by default, the length of the training data over that of a patch"
    )
    learning_rate: Positive = Field(
        1e-3, le=10, description="of AdamW, at the peak of its one cycle"
    )
    weight_decay: Number = Field(1e-2, ge=0, le=100, description="of AdamW")
    gradient_clip: Positive = Field(1.0, le=1e9, description="largest norm of the gradient")
    weight_average: Number = Field(
        0.0,
        ge=0,
        lt=1,
        description="share of itself that a running average of the weights keeps at each step "
        "(0.998: about the last 500); the average is then validated and kept; 0: no average",
    )
    health: Flag = Field(
        False, description="record gradients, updates and activations of every layer in health.csv"
    )
    device: Literal["auto", "cpu", "gpu"] = Field("auto", description="what to train on")
    devices: Annotated[Count, Field(le=1024)] | Literal["auto"] = Field(
        1, description="how many of them"
    )
    workers: Whole = Field(
        0,
        ge=0,
        le=256,
        description="processes that make batches; 0: the training process itself; the batches are "
        "the same for any number",
    )
    precision: Literal["32-true", "16-mixed", "bf16-mixed"] = Field(
        "32-true", description="of the computation; 16-mixed needs a GPU"
    )

    @model_validator(mode="after")
    def _on_the_device(self) -> Self:
        if self.device == "cpu" and self.precision == "16-mixed":
            raise ValueError("precision 16-mixed is for a gpu: a cpu has bf16-mixed or 32-true")
        return self


class Experiment(Declaration):
    """One idea: a network trained on a task."""

    dataset: Text = Field(description="a name under datasets")
    task: Text = Field(description="one of docs/reference/tasks.md")
    representation: Text = Field(description="a name under representations")
    network: str = Field(
        max_length=10_000, description="in the tutorial's notation: docs/reference/networks.md"
    )
    ensemble: Flag = Field(
        False,
        description="a network of its own for each channel of the representation, such as the "
        "members of a stack; the mean of their logits is the answer",
    )
    labels: Labels = Field((), description="another vocabulary, for genre, tagging and instrument")
    auxiliary: Section[LossWeight] = Field(
        default_factory=dict,
        description="tasks that share the network, each with the weight of its loss",
    )
    class_weights: Literal["balanced"] | Section[LossWeight] = Field(
        default_factory=dict, description="against class imbalance: by label, or balanced"
    )
    precompute: Flag = Field(
        True, description="keep the representation in HDF5, or compute it on the fly from audio"
    )
    deformations: Section[Number] = Field(
        default_factory=dict, description="by name, how much at most; on training data alone"
    )
    training: Training = Field(Training(), description="what differs from the section training")


class Baseline(Declaration):
    """What a user would pick instead, scored by the same rules on the same tracks."""

    dataset: Text = Field(description="a name under datasets")
    task: Text = Field(description="one of docs/reference/tasks.md")
    method: Text = Field(description="one of docs/reference/baselines.md")
    labels: Labels = Field((), description="another vocabulary, for genre, tagging and instrument")
    sample_rate: Whole = Field(
        22050, ge=8000, le=192_000, description="of the audio that the method gets, Hz"
    )


class Carried(Declaration):
    """A trained model, tested on the test part of a data set that it was not trained on."""

    dataset: Text = Field(description="whose test part the model is tested on")
    model: Text = Field(description="an experiment, or a baseline that learns")


class CrossValidation(Declaration):
    """An experiment or baseline, made and tested once for each fold of a data set."""

    dataset: Text = Field(description="that of the entry, or another one")
    entry: Text = Field(description="an experiment or baseline")
    folds: Whole = Field(
        ge=3, le=1000, description="one is tested, the next validates, the others train"
    )


class Folded(Declaration):
    """What a cross-validation adds to the experiment or baseline that it is of.

    Attributes:
        folds: how many there are.
        tested: the number of the one that is tested; None: each in its turn, by its own model.
    """

    folds: int
    tested: int | None = None


class FoldedExperiment(Folded, Experiment):
    """An experiment in a cross-validation."""


class FoldedBaseline(Folded, Baseline):
    """A baseline in a cross-validation."""


class Evaluation(Declaration):
    """How scores are summarised."""

    bootstrap: Whole = Field(  # each with the number of every track in it
        2000, ge=100, le=100_000, description="resamplings of the tracks"
    )
    confidence: Number = Field(0.95, ge=0.5, lt=1, description="level of the intervals")
    seed: Seed = Field(0, description="of the resampling")


class Params(Declaration):
    """The whole of `params.yaml`."""

    beside = ("training",)

    datasets: Rows[Dataset] = Field(description="by name: where tracks come from")
    representations: Rows[Representation] = Field(description="by name: what a network is given")
    experiments: Rows[Experiment] = Field(
        default_factory=dict, description="by name: a network trained on a task"
    )
    baselines: Rows[Baseline] = Field(
        default_factory=dict, description="by name: what you would use instead"
    )
    folds: Rows[CrossValidation] = Field(
        default_factory=dict, description="by name: a cross-validation"
    )
    carried: Rows[Carried] = Field(
        default_factory=dict, description="by name: a trained model on another data set"
    )
    decoders: Section[Section[Any]] = Field(
        default_factory=dict, description="options of each task's decoder; no effect on training"
    )
    evaluation: Annotated[Evaluation, BeforeValidator(filled)] = Evaluation()
    defaults: Section[Text] = Field(
        default_factory=dict,
        description="the experiment of each task whose network `deepmir analyze` asks",
    )

    def only(self, names: Collection[str]) -> "Params":
        """The same declarations with some entries alone."""
        chosen: dict[str, Any] = {
            section: {n: row for n, row in getattr(self, section).items() if n in names}
            for section in SECTIONS
        }
        chosen["defaults"] = {t: n for t, n in self.defaults.items() if n in names}
        return self.model_copy(update=chosen)

    def datasets_of(self, name: str) -> list[str]:
        """The data sets that an entry is made from: its own and that of what it is made of."""
        made_of = self.carried[name].model if name in self.carried else None
        if name in self.folds:
            made_of = self.folds[name].entry
        own = self.entry(name).dataset
        return [own] if made_of is None else [own, self.entry(made_of).dataset]

    def dataset(self, name: str) -> Dataset:
        """The data set of a name.

        Raises:
            DeepmirError: when there is none.
        """
        return self.datasets[known(name, self.datasets, "data set")]

    def representation(self, name: str) -> Representation:
        """The representation of a name.

        Raises:
            DeepmirError: when there is none.
        """
        return self.representations[known(name, self.representations, "representation")]

    def experiment(self, name: str) -> Experiment:
        """The experiment of a name, that of one fold included.

        Raises:
            DeepmirError: when there is none.
        """
        trained = {n: e for n, e in self._made().items() if isinstance(e, Experiment)}
        return trained[self._known_to_learn(name, trained, "experiment")]

    def baseline(self, name: str) -> Baseline:
        """The baseline of a name, that of one fold included.

        Raises:
            DeepmirError: when there is none.
        """
        fitted = {n: e for n, e in self._made().items() if isinstance(e, Baseline)}
        return fitted[self._known_to_learn(name, fitted, "baseline")]

    def on_the_fly(self, experiment: Experiment) -> bool:
        """Whether a network's input is computed from audio as it trains.

        Raw audio is: there is nothing to precompute.
        """
        declared = self.representations[experiment.representation]
        return not experiment.precompute or declared.kind == "audio"

    def entry(self, name: str) -> Experiment | Baseline:
        """What a name stands for, as an experiment or baseline on the data set it is tested on.

        A carried model is its own declaration with the other data set; a cross-validation is a
        :class:`Folded` one, and so is each of its folds, under the name `<name>-fold<number>`.

        Raises:
            DeepmirError: when there is none.
        """
        entries = {**self._made(), **self._pooled(), **self._carried()}
        return entries[known(name, entries, "experiment")]

    def declaration(self, name: str) -> Declaration:
        """What `params.yaml` says of an entry; of a fold, what was made of it."""
        written: dict[str, Declaration] = {**self.folds, **self.carried}
        return written.get(name) or self.entry(name)

    def model_of(self, name: str) -> str:
        """Whose trained model an entry is tested with."""
        return self.carried[name].model if name in self.carried else name

    def folds_of(self, name: str) -> list[str]:
        """The entries that a cross-validation is pooled from; none of any other."""
        number = self.folds[name].folds if name in self.folds else 0
        return [f"{name}-fold{fold}" for fold in range(number)]

    @property
    def shown(self) -> list[str]:
        """The names of all that has a result: everything that is declared, no single fold."""
        return [name for section in SECTIONS for name in getattr(self, section)]

    @property
    def trained(self) -> list[str]:
        """The names of all networks that are trained, in single folds too."""
        return [name for name, entry in self._made().items() if isinstance(entry, Experiment)]

    @property
    def fitted(self) -> list[str]:
        """The names of all baselines that are made, in single folds too."""
        return [name for name, entry in self._made().items() if isinstance(entry, Baseline)]

    def _declared(self) -> dict[str, Experiment | Baseline]:
        return {**self.experiments, **self.baselines}

    def _made(self) -> dict[str, Experiment | Baseline]:
        """All that has a model of its own."""
        folds: dict[str, Experiment | Baseline] = {
            fold: entry.model_copy(update={"tested": number})
            for name, entry in self._pooled().items()
            for number, fold in enumerate(self.folds_of(name))
        }
        return self._declared() | folds

    def _pooled(self) -> dict[str, Experiment | Baseline]:
        made: dict[str, Experiment | Baseline] = {}
        for name, row in self.folds.items():
            entry = self._declared()[row.entry]
            kind = FoldedExperiment if isinstance(entry, Experiment) else FoldedBaseline
            made[name] = kind(**{**dict(entry), "dataset": row.dataset, "folds": row.folds})
        return made

    def _carried(self) -> dict[str, Experiment | Baseline]:
        return {
            name: self._declared()[row.model].model_copy(update={"dataset": row.dataset})
            for name, row in self.carried.items()
        }

    def _known_to_learn(self, name: str, names: Iterable[str], what: str) -> str:
        """Refuse by their kind the names of entries that have no model of their own."""
        if name in self.carried:
            model = self.carried[name].model
            raise DeepmirError(f"{name} is carried over: nothing is trained but its model, {model}")
        if name in self.folds:
            folds = ", ".join(self.folds_of(name))
            raise DeepmirError(f"{name} is made of its folds: they are what is trained: {folds}")
        return known(name, names, what)

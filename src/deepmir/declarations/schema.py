"""What to run: the declarations of `params.yaml`, checked against a schema.

Every section is a frozen model; an unknown key, a wrong type or a name that points nowhere is one
:class:`~deepmir.errors.DeepmirError` that names the key and suggests the nearest.
"""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    model_validator,
)

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
    limit: Limit | None = Field(None, description="only this many tracks, to try something out")
    seed: Seed = Field(2017, description="what instruments, tempi, effects are drawn from")


class Folder(DatasetBase):
    """One's own recordings, with annotations beside them or in tables: see docs/folder.md."""

    module: ClassVar[str] = "folder.shards"
    source: Literal["folder"]
    path: Place = Field(description="the folder, absolute or relative to params.yaml")


class Tones(DatasetBase):
    """Tones or triads of sines, to teach with: see docs/data.md."""

    module: ClassVar[str] = "tones"
    source: Literal["tones"]
    content: Literal["tone", "triad"] = "tone"
    timbres: Whole = Field(
        20, ge=3, le=100, description="each plays every pitch class or triad once"
    )
    partials: Whole = Field(12, ge=1, le=40, description="sines of a tone")
    seconds: Seconds = Field(2.5, description="length of a recording")
    seed: Seed = Field(1, description="what timbres, octaves, tuning and level are drawn from")


class Mirdata(DatasetBase):
    """A published set, by a loader of mirdata: see docs/published.md."""

    module: ClassVar[str] = "published.shards"
    source: Literal["mirdata"]
    name: Text = Field(description="of mirdata's loader, such as giantsteps_key")
    home: Place = Field(description="where the set lies, absolute or relative to params.yaml")
    version: Text = Field("default", description="one of the loader's versions")
    limit: Limit | None = Field(None, description="only this many tracks, to try something out")


class Rendered(DatasetBase):
    """Human songs and scores, rendered in many ways: see docs/rendered.md."""

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
        None, description="of test tracks alone; by default they use soundfonts"
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
            raise ValueError("test_soundfont is for test tracks alone: take it out of soundfonts")
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
    home: Place = Field(Path("/usr/share/games/fretsonfire/data/songs"))
    packages: Different[tuple[Package, ...]] = Field(
        ("muldjord",), min_length=1, description="folders of home to take songs of"
    )


Dataset = Annotated[
    Scores | Rendered | Folder | Mirdata | JamendoLyrics | FretsOnFire | Tones,
    Field(discriminator="source"),
]


class Training(Declaration):
    """How a network is trained (tutorial, section 2.2); an experiment overrides what it needs."""

    seed: Seed = 1
    epochs: Count = Field(30, le=100_000, description="at most; early stopping may end sooner")
    patience: Count = Field(8, le=100_000, description="epochs without improvement before stopping")
    monitor: str = Field(
        "validation/loss",
        description="what picks the best checkpoint: a loss, or a metric of the task; the task "
        "says whether less or more of it is better",
    )
    batch_size: Count = Field(32, le=65_536)
    patch_seconds: Seconds = Field(10.0, description="length of a random training patch")
    patches_per_epoch: Limit | None = Field(
        None, description="by default, the length of the training data over that of a patch"
    )
    learning_rate: Positive = Field(1e-3, le=10, description="of Adam, at its peak (one cycle)")
    weight_decay: Number = Field(1e-2, ge=0, le=100)
    gradient_clip: Positive = Field(1.0, le=1e9, description="largest norm of the gradient")
    weight_average: Number = Field(
        0.0,
        ge=0,
        lt=1,
        description="share that a running average of the weights keeps at each step: that average "
        "is then what is validated and kept; 0: the weights themselves are",
    )
    health: Flag = Field(False, description="record gradients and activations of every layer")
    device: Literal["auto", "cpu", "gpu"] = "auto"
    devices: Annotated[Count, Field(le=1024)] | Literal["auto"] = 1
    workers: Whole = Field(
        0,
        ge=0,
        le=256,
        description="processes that make batches; 0: the one that trains; no effect on them",
    )
    precision: Literal["32-true", "16-mixed", "bf16-mixed"] = "32-true"

    @model_validator(mode="after")
    def _on_the_device(self) -> Self:
        if self.device == "cpu" and self.precision == "16-mixed":
            raise ValueError("precision 16-mixed is for a gpu: a cpu has bf16-mixed or 32-true")
        return self


class Experiment(Declaration):
    """One idea: a network trained on a task."""

    dataset: Text
    task: Text
    representation: Text
    network: str = Field(
        max_length=10_000, description="in the tutorial's notation, see docs/networks.md"
    )
    ensemble: Flag = Field(
        False,
        description="one network for each channel of the representation, such as the "
        "members of a stack; their outputs are averaged",
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
    training: Training = Training()


class Baseline(Declaration):
    """What a user would pick instead, scored by the same rules on the same tracks."""

    dataset: Text
    task: Text
    method: Text
    labels: Labels = Field((), description="another vocabulary, for genre, tagging and instrument")
    sample_rate: Whole = Field(22050, ge=8000, le=192_000)


class Carried(Declaration):
    """A trained model, tested on the test part of a data set that it was not trained on."""

    dataset: Text
    model: Text = Field(description="an experiment, or a baseline that learns")


class CrossValidation(Declaration):
    """An experiment or baseline, made and tested once for each fold of a data set."""

    dataset: Text
    entry: Text = Field(description="an experiment or baseline")
    folds: Whole = Field(
        ge=3, le=1000, description="one is tested, the next validates, the others train"
    )


class Evaluation(Declaration):
    """How scores are summarised."""

    bootstrap: Whole = Field(  # each with the number of every track in it
        2000, ge=100, le=100_000, description="resamplings of the tracks"
    )
    confidence: Number = Field(0.95, ge=0.5, lt=1)
    seed: Seed = 0


class Params(Declaration):
    """The whole of `params.yaml`."""

    beside = ("training",)

    datasets: Rows[Dataset]
    representations: Rows[Representation]
    experiments: Rows[Experiment] = Field(default_factory=dict)
    baselines: Rows[Baseline] = Field(default_factory=dict)
    folds: Rows[CrossValidation] = Field(default_factory=dict)
    carried: Rows[Carried] = Field(default_factory=dict)
    decoders: Section[Section[Any]] = Field(
        default_factory=dict, description="options of each task's decoder; no effect on training"
    )
    evaluation: Annotated[Evaluation, BeforeValidator(filled)] = Evaluation()
    defaults: Section[Text] = Field(
        default_factory=dict,
        description="the experiment whose network `deepmir analyze` uses, by task",
    )

    def only(self, names: Collection[str]) -> "Params":
        """The same declarations with some entries alone."""
        chosen: dict[str, Any] = {
            section: {n: row for n, row in getattr(self, section).items() if n in names}
            for section in SECTIONS
        }
        chosen["defaults"] = {t: n for t, n in self.defaults.items() if n in names}
        return self.model_copy(update=chosen)

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

    @property
    def shown(self) -> list[str]:
        """The names of all entries, each of which has a result."""
        return [name for section in SECTIONS for name in getattr(self, section)]

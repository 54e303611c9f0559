"""What to run: the declarations of `params.yaml`, checked against a schema.

Every section is a frozen model; an unknown key, a wrong type or a name that points nowhere is one
:class:`~deepmir.errors.DeepmirError` that names the key and suggests the nearest.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from deepmir import paths
from deepmir.errors import DeepmirError
from deepmir.naming import known, nearest
from deepmir.representations import Representation

NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")

# The sections whose rows have a result.
SECTIONS = ("experiments", "baselines", "folds", "carried")


class Declaration(BaseModel):
    """Base of every declaration: frozen, and no key beside the declared ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DatasetBase(Declaration):
    """What every data set declares.

    Attributes:
        module: of `deepmir.datasets`, where its source is.
    """

    module: ClassVar[str]

    shards: int = Field(4, ge=1, description="jobs that a data set is cut into")
    max_failures: float = Field(
        0.05, ge=0, le=1, description="share of unusable tracks above which the run stops"
    )
    min_seconds: float = Field(2.0, gt=0, description="a shorter recording is left out, by name")


class Scores(DatasetBase):
    """Scores of the music21 corpus, rendered to audio with exact annotations."""

    module: ClassVar[str] = "rendering"
    source: Literal["scores"]
    size: Literal["small", "medium", "full"] = Field(
        "small", description="236 or 600 works of different tunes, or three renderings of each work"
    )
    style: Literal["plain", "song"] = Field(
        "plain", description="song: played in a form with repeats, often sung, 40 to 75 s long"
    )
    limit: int | None = Field(None, ge=1, description="the first so many tracks alone, to try out")
    seed: int = Field(2017, ge=0, description="what instruments, tempi, effects are drawn from")


class Folder(DatasetBase):
    """One's own recordings, with annotations beside them or in tables: see docs/folder.md."""

    module: ClassVar[str] = "folder.shards"
    source: Literal["folder"]
    path: Path = Field(description="the folder, absolute or relative to params.yaml")


class Tones(DatasetBase):
    """Tones or triads of sines, to teach with: see docs/studies.md."""

    module: ClassVar[str] = "tones"
    source: Literal["tones"]
    content: Literal["tone", "triad"] = "tone"
    timbres: int = Field(20, ge=3, le=100, description="each plays every pitch class or triad once")
    partials: int = Field(12, ge=1, le=40, description="sines of a tone")
    seconds: float = Field(2.5, gt=0, description="length of a recording")
    seed: int = Field(1, ge=0, description="what timbres, octaves, tuning and level are drawn from")


class Mirdata(DatasetBase):
    """A published set, by a loader of mirdata: see docs/published.md."""

    module: ClassVar[str] = "published.shards"
    source: Literal["mirdata"]
    name: str = Field(description="of mirdata's loader, such as giantsteps_key")
    home: Path = Field(description="where the set lies, absolute or relative to params.yaml")
    version: str = Field("default", description="one of the loader's versions")
    limit: int | None = Field(None, ge=1, description="the first so many tracks alone, to try out")


class Rendered(DatasetBase):
    """Human songs and scores, rendered in many ways: see docs/rendered.md."""

    module: ClassVar[str] = "rendered.shards"
    source: Literal["rendered"]
    home: Path = Field(Path("data/sources"), description="where POP909 and Groove lie")
    collections: tuple[Literal["pop909", "music21"], ...] = Field(
        ("pop909", "music21"), min_length=1, description="where the songs are from"
    )
    hours: float = Field(20.0, gt=0, le=100, description="length of the whole set, about")
    seconds: float = Field(75.0, ge=20, description="length of a track, about; see whole")
    whole: float = Field(
        0.1, ge=0, le=1, description="share of tracks that are songs from beginning to end"
    )
    arrangement: Literal["written", "varied"] = Field(
        "varied", description="written: a piano plays the source; varied: arranged anew by section"
    )
    drums: Literal["none", "patterns", "human"] = Field("human", description="human: of Groove")
    soundfonts: tuple[str, ...] = Field(
        ("TimGM6mb",), min_length=1, description="of training and validation tracks"
    )
    test_soundfont: str | None = Field(
        None, description="of test tracks, heard in no other; by default they use soundfonts"
    )
    singers: tuple[Literal["formant", "speech"], ...] = Field(
        ("formant",), description="speech: needs the extra deepmir[singing]; empty: nobody sings"
    )
    mixing: Literal["none", "room", "studio"] = Field(
        "studio", description="what is done to the sum of the instruments"
    )
    timing: bool = Field(True, description="rubato, swing, looseness; otherwise a metronome")
    transposition: bool = Field(True, description="to all keys")
    seed: int = Field(2026, ge=0, description="what everything is drawn from")


class JamendoLyrics(DatasetBase):
    """Songs of the JamendoLyrics data set: when there is singing, in real recordings."""

    module: ClassVar[str] = "recordings.jamendolyrics"
    source: Literal["jamendolyrics"]
    home: Path = Field(description="the folder with JamendoLyrics.csv")


class FretsOnFire(DatasetBase):
    """Songs of the game Frets on Fire as Debian packages them: tempo and beats of rock music."""

    module: ClassVar[str] = "recordings.fretsonfire"
    source: Literal["fretsonfire"]
    home: Path = Field(Path("/usr/share/games/fretsonfire/data/songs"))
    packages: tuple[str, ...] = Field(("muldjord",), description="folders of home to take songs of")


Dataset = Annotated[
    Scores | Rendered | Folder | Mirdata | JamendoLyrics | FretsOnFire | Tones,
    Field(discriminator="source"),
]


class Training(Declaration):
    """How a network is trained (tutorial, section 2.2); an experiment overrides what it needs."""

    seed: int = Field(1, ge=0)
    epochs: int = Field(30, ge=1, description="at most so many; early stopping may end sooner")
    patience: int = Field(8, ge=1, description="epochs without improvement before stopping")
    monitor: str = Field(
        "validation/loss",
        description="what picks the best checkpoint: a loss, or a metric of the task; the task "
        "says whether less or more of it is better",
    )
    batch_size: int = Field(32, ge=1)
    patch_seconds: float = Field(10.0, gt=0, description="length of a random training patch")
    patches_per_epoch: int | None = Field(
        None, ge=1, description="by default, the length of the training data over that of a patch"
    )
    learning_rate: float = Field(1e-3, gt=0, description="of Adam, at its peak (one cycle)")
    weight_decay: float = Field(1e-2, ge=0)
    gradient_clip: float = Field(1.0, gt=0, description="largest norm of the gradient")
    weight_average: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="share that a running average of the weights keeps at each step: that average "
        "is then what is validated and kept; 0: the weights themselves are",
    )
    health: bool = Field(False, description="take down gradients and activations of every layer")
    device: Literal["auto", "cpu", "gpu"] = "auto"
    devices: int | Literal["auto"] = 1
    workers: int = Field(
        0,
        ge=0,
        description="processes that make batches; 0: the one that trains; no effect on them",
    )
    precision: Literal["32-true", "16-mixed", "bf16-mixed"] = "32-true"


class Experiment(Declaration):
    """One idea: a network trained on a task."""

    dataset: str
    task: str
    representation: str
    network: str = Field(description="in the tutorial's notation, see docs/networks.md")
    ensemble: bool = Field(
        False,
        description="a network of its own for each channel of the representation, such as the "
        "members of a stack; the mean of what they say counts",
    )
    labels: tuple[str, ...] = Field(
        (), description="another vocabulary, for genre, tagging and instrument"
    )
    auxiliary: Mapping[str, float] = Field(
        default_factory=dict,
        description="tasks that share the network, each with the weight of its loss",
    )
    class_weights: Literal["balanced"] | Mapping[str, float] = Field(
        default_factory=dict, description="against class imbalance: by label, or balanced"
    )
    precompute: bool = Field(
        True, description="keep the representation in HDF5, or compute it on the fly from audio"
    )
    deformations: Mapping[str, float] = Field(
        default_factory=dict, description="by name, how much at most; on training data alone"
    )
    training: Training = Training()


class Baseline(Declaration):
    """What a user would pick instead, scored by the same rules on the same tracks."""

    dataset: str
    task: str
    method: str
    labels: tuple[str, ...] = Field(
        (), description="another vocabulary, for genre, tagging and instrument"
    )
    sample_rate: int = Field(22050, ge=8000)


class Carried(Declaration):
    """A trained model, tested on the test part of a data set that it was not trained on."""

    dataset: str
    model: str = Field(description="an experiment, or a baseline that learns")


class CrossValidation(Declaration):
    """An experiment or baseline, made and tested once for each fold of a data set."""

    dataset: str
    entry: str = Field(description="an experiment or baseline")
    folds: int = Field(ge=3, description="one is tested, the next validates, the others train")


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

    bootstrap: int = Field(2000, ge=100, description="resamplings of the tracks")
    confidence: float = Field(0.95, gt=0, lt=1)
    seed: int = Field(0, ge=0)


class Params(Declaration):
    """The whole of `params.yaml`."""

    datasets: Mapping[str, Dataset]
    representations: Mapping[str, Representation]
    experiments: Mapping[str, Experiment] = Field(default_factory=dict)
    baselines: Mapping[str, Baseline] = Field(default_factory=dict)
    folds: Mapping[str, CrossValidation] = Field(default_factory=dict)
    carried: Mapping[str, Carried] = Field(default_factory=dict)
    decoders: Mapping[str, Mapping[str, Any]] = Field(
        default_factory=dict, description="options of each task's decoder; no effect on training"
    )
    evaluation: Evaluation = Evaluation()
    defaults: Mapping[str, str] = Field(
        default_factory=dict,
        description="the experiment of each task whose network `deepmir analyze` asks",
    )

    @field_validator("datasets", "representations", "experiments", "baselines", "folds", "carried")
    @classmethod
    def _names(cls, value: Mapping[str, Any]) -> Mapping[str, Any]:
        for name in value:
            if not NAME.fullmatch(name):
                raise ValueError(f"the name {name!r} has to be of a-z, 0-9, - and _ alone")
        return value

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


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML that refuses a key written twice, where PyYAML silently keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue  # `<<: *other`: what is written here goes before what is merged
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                line = key_node.start_mark.line + 1
                raise DeepmirError(f"params.yaml, line {line}: the key {key!r} is there twice")
            seen.add(key)
        return super().construct_mapping(node, deep)


def load(path: Path = paths.PARAMS) -> Params:
    """Read and check the declarations.

    Raises:
        DeepmirError: for anything that is wrong, naming the key.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            raw = yaml.load(stream, Loader=_UniqueKeyLoader)
    except FileNotFoundError:
        raise DeepmirError(
            f"{path} is missing: run from the folder that holds it, or restore it from git"
        ) from None
    except yaml.YAMLError as error:
        raise DeepmirError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    return parse(raw, str(path))


def parse(raw: object, source: str = "params.yaml") -> Params:
    """Check declarations that are already read.

    Raises:
        DeepmirError: for anything that is wrong, naming the key.
    """
    if isinstance(raw, dict):
        raw = _with_training_defaults(raw)
    try:
        params = TypeAdapter(Params).validate_python(raw)
    except ValidationError as error:
        raise DeepmirError(f"{source}: {_first_problem(error)}") from None
    from deepmir import checks

    try:
        checks.check(params)
    except DeepmirError as error:
        raise DeepmirError(f"{source}: {error}") from None
    return params


def _with_training_defaults(raw: dict[str, Any]) -> dict[str, Any]:
    """Lay each experiment's own training values over the `training` section."""
    raw = dict(raw)
    defaults = raw.pop("training", None) or {}
    experiments = raw.get("experiments")
    if not isinstance(defaults, dict):
        raise DeepmirError("params.yaml: training has to be a mapping of names to values")
    _check_training_defaults(defaults)
    if isinstance(experiments, dict):
        raw["experiments"] = {
            name: {**row, "training": {**defaults, **(row.get("training") or {})}}
            if isinstance(row, dict)
            else row
            for name, row in experiments.items()
        }
    return raw


def _check_training_defaults(defaults: dict[str, Any]) -> None:
    """Check the shared `training` section under its own name, not an experiment's."""
    try:
        Training.model_validate(defaults)
    except ValidationError as error:
        raise DeepmirError(f"params.yaml: {_first_problem(error, ('training',))}") from None


def _first_problem(error: ValidationError, prefix: tuple[str, ...] = ()) -> str:
    problems = error.errors(include_url=False)
    # A misspelt key is the cause of the "missing" that comes with it: name it first.
    problems.sort(key=lambda problem: problem["type"] != "extra_forbidden")
    first = problems[0]
    location = [str(part) for part in (*prefix, *first["loc"])]
    key = ".".join(_without_union_tags(location))
    if first["type"] == "extra_forbidden":
        missing = [str(p["loc"][-1]) for p in problems if p["type"] == "missing"]
        hint = nearest(location[-1], [*missing, *_known_keys()])
        return f"{key} is not a known key{hint}"
    if first["type"] == "missing":
        return f"{key} is missing"
    message = first["msg"].removeprefix("Value error, ")
    return f"{key}: {message[0].lower()}{message[1:]}, not {_short(first['input'])}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _without_union_tags(location: list[str]) -> list[str]:
    """Pydantic puts the tag of a union (`mel`, `folder`) after the name of the declaration."""
    if len(location) > 2 and location[0] in ("representations", "datasets"):
        return [*location[:2], *location[3:]]
    return location


def _known_keys() -> list[str]:
    models: list[type[BaseModel]] = [Params, Experiment, Baseline, Training, Evaluation]
    models += [Carried, CrossValidation]
    models += [Scores, Rendered, Folder, Mirdata, JamendoLyrics, FretsOnFire, Tones]
    keys = {"training": None} | {key: None for model in models for key in model.model_fields}
    for schema in TypeAdapter(Representation).json_schema()["$defs"].values():
        keys |= dict.fromkeys(schema.get("properties", {}))
    return list(keys)

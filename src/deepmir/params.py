"""What to run: the declarations of `params.yaml`, checked against a schema.

Every section is a frozen model; an unknown key, a wrong type or a name that points nowhere is one
:class:`~deepmir.errors.DeepmirError` that names the key and suggests the nearest.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from deepmir import paths
from deepmir.errors import DeepmirError
from deepmir.representations import Representation
from deepmir.representations.context import context

if TYPE_CHECKING:
    from deepmir.networks import InputShape

NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


class Declaration(BaseModel):
    """Base of every declaration: frozen, and no key beside the declared ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DatasetBase(Declaration):
    """What every data set declares."""

    shards: int = Field(4, ge=1, description="jobs that a data set is cut into")
    max_failures: float = Field(
        0.05, ge=0, le=1, description="share of unusable tracks above which the run stops"
    )
    min_seconds: float = Field(2.0, gt=0, description="a shorter recording is left out, by name")


class Scores(DatasetBase):
    """Scores of the music21 corpus, rendered to audio with exact annotations."""

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
    """One's own recordings: audio files, each beside a JAMS file of the same name."""

    source: Literal["folder"]
    path: Path = Field(description="the folder, absolute or relative to params.yaml")


class Tones(DatasetBase):
    """Tones or triads of sines, to teach with: see docs/studies.md."""

    source: Literal["tones"]
    content: Literal["tone", "triad"] = "tone"
    timbres: int = Field(20, ge=3, le=100, description="each plays every pitch class or triad once")
    partials: int = Field(12, ge=1, le=40, description="sines of a tone")
    seconds: float = Field(2.5, gt=0, description="length of a recording")
    seed: int = Field(1, ge=0, description="what timbres, octaves, tuning and level are drawn from")


class Mirdata(DatasetBase):
    """A published set, by a loader of mirdata: see docs/published.md."""

    source: Literal["mirdata"]
    name: str = Field(description="of mirdata's loader, such as giantsteps_key")
    home: Path = Field(description="where the set lies, absolute or relative to params.yaml")
    version: str = Field("default", description="one of the loader's versions")
    limit: int | None = Field(None, ge=1, description="the first so many tracks alone, to try out")


class Rendered(DatasetBase):
    """Human songs and scores, rendered in many ways: see docs/rendered.md."""

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

    source: Literal["jamendolyrics"]
    home: Path = Field(description="the folder with JamendoLyrics.csv")


class FretsOnFire(DatasetBase):
    """Songs of the game Frets on Fire as Debian packages them: tempo and beats of rock music."""

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
        "validation/loss", description="the validation value that picks the best checkpoint"
    )
    mode: Literal["min", "max"] = Field("min", description="whether less or more of it is better")
    batch_size: int = Field(32, ge=1)
    patch_seconds: float = Field(10.0, gt=0, description="length of a random training patch")
    patches_per_epoch: int | None = Field(
        None, ge=1, description="by default, the length of the training data over that of a patch"
    )
    learning_rate: float = Field(1e-3, gt=0, description="of Adam, at its peak (one cycle)")
    weight_decay: float = Field(1e-2, ge=0)
    gradient_clip: float = Field(1.0, gt=0, description="largest norm of the gradient")
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
    decoders: Mapping[str, Mapping[str, Any]] = Field(
        default_factory=dict, description="options of each task's decoder; no effect on training"
    )
    evaluation: Evaluation = Evaluation()
    quick: tuple[str, ...] = Field(
        (), description="the experiments and baselines of `make run`: minutes, not hours"
    )

    @field_validator("datasets", "representations", "experiments", "baselines")
    @classmethod
    def _names(cls, value: Mapping[str, Any]) -> Mapping[str, Any]:
        for name in value:
            if not NAME.fullmatch(name):
                raise ValueError(f"the name {name!r} has to be of a-z, 0-9, - and _ alone")
        return value

    def only_quick(self) -> "Params":
        """The same declarations with the experiments and baselines of `quick` alone."""
        chosen: dict[str, Any] = {
            section: {n: row for n, row in getattr(self, section).items() if n in self.quick}
            for section in ("experiments", "baselines")
        }
        return self.model_copy(update=chosen)

    def dataset(self, name: str) -> Dataset:
        """The data set of a name.

        Raises:
            DeepmirError: when there is none.
        """
        return self.datasets[_known(name, self.datasets, "data set")]

    def representation(self, name: str) -> Representation:
        """The representation of a name.

        Raises:
            DeepmirError: when there is none.
        """
        return self.representations[_known(name, self.representations, "representation")]

    def experiment(self, name: str) -> Experiment:
        """The experiment of a name.

        Raises:
            DeepmirError: when there is none.
        """
        return self.experiments[_known(name, self.experiments, "experiment")]

    def on_the_fly(self, experiment: Experiment) -> bool:
        """Whether a network's input is computed from audio as it trains.

        Raw audio is: there is nothing to precompute.
        """
        declared = self.representations[experiment.representation]
        return not experiment.precompute or declared.kind == "audio"

    def entry(self, name: str) -> Experiment | Baseline:
        """The experiment or baseline of a name.

        Raises:
            DeepmirError: when there is none.
        """
        both: dict[str, Experiment | Baseline] = {**self.baselines, **self.experiments}
        return both[_known(name, both, "experiment")]


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML that refuses a key written twice, where PyYAML silently keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen and key != "<<":
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
    try:
        _check_references(params)
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
        nearest = _nearest(location[-1], [*missing, *_known_keys()])
        return f"{key} is not a known key{nearest}"
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
    models += [Scores, Rendered, Folder, Mirdata, JamendoLyrics, FretsOnFire, Tones]
    keys = {"training": None} | {key: None for model in models for key in model.model_fields}
    for schema in TypeAdapter(Representation).json_schema()["$defs"].values():
        keys |= dict.fromkeys(schema.get("properties", {}))
    return list(keys)


def _nearest(word: str, words: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _known(name: str, names: Iterable[str], what: str) -> str:
    names = list(names)
    if name in names:
        return name
    hint = _nearest(name, names) or f" (declared: {', '.join(names) or 'none'})"
    raise DeepmirError(f"there is no {what} {name!r}{hint}")


def _check_references(params: Params) -> None:
    from deepmir import baselines, tasks

    doubled = set(params.experiments) & set(params.baselines)
    if doubled:
        raise DeepmirError(f"{min(doubled)!r} is both an experiment and a baseline: rename one")
    for task in params.decoders:
        _known(task, tasks.NAMES, "task (in decoders)")
    entries: dict[str, Experiment | Baseline] = {**params.experiments, **params.baselines}
    for name in params.quick:
        _known(name, entries, "experiment or baseline (in quick)")
    for name, entry in entries.items():
        try:
            _known(entry.dataset, params.datasets, "data set")
            _known(entry.task, tasks.NAMES, "task")
            for task in getattr(entry, "auxiliary", ()):
                _known(task, tasks.NAMES, "task (in auxiliary)")
            if isinstance(entry, Baseline):
                _known(entry.method, baselines.methods_of(entry.task), f"{entry.task} baseline")
            else:
                _known(entry.representation, params.representations, "representation")
                _check_experiment(params, entry)
        except DeepmirError as error:
            section = "baselines" if isinstance(entry, Baseline) else "experiments"
            raise DeepmirError(f"{section}.{name}: {error}") from None


def _check_experiment(params: Params, experiment: Experiment) -> None:
    """Refuse, before anything is computed, a network that cannot fit or a forbidden deformation."""
    from deepmir import class_weights, networks, tasks

    task = tasks.of(experiment)
    representation = params.representations[experiment.representation]
    if representation.frame_rate < task.min_frame_rate:
        raise DeepmirError(
            f"representation: {experiment.representation} has {representation.frame_rate:g} frames "
            f"a second, and the task {task.name} asks for {task.min_frame_rate:g}: lower its hop"
        )
    class_weights.check(experiment.class_weights, task.output)
    networks.check(
        networks.parse(experiment.network),
        input_shape(representation),
        networks.Output(width=task.output.width, time_varying=task.time_varying),
    )
    tasks.check_deformations(task, experiment.deformations, representation)
    if params.on_the_fly(experiment):
        try:
            context(representation)
        except DeepmirError as error:
            raise DeepmirError(f"precompute: it cannot be on the fly, since {error}") from None
    task.decoder(representation.frame_rate, **params.decoders.get(experiment.task, {}))


def input_shape(representation: Representation) -> "InputShape":
    """What a network sees of a representation."""
    from deepmir import networks

    return networks.InputShape(
        channels=representation.channels,
        bins=representation.bins,
        frame_rate=representation.frame_rate,
        bins_per_octave=representation.bins_per_octave,
    )

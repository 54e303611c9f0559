"""Paths of all files of the pipeline, relative to the folder of `params.yaml`."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

SHIPPED = Path(__file__).parent / "shipped"
"""The models that come with deepmir: a folder for each task, and their manifest."""

PARAMS = Path("params.yaml")
CHECKPOINTS = Path(".checkpoints")
REPORT = Path("reports/index.html")
REPORT_SUMMARY = Path("reports/README.md")
REPORT_PAGES = Path("reports/experiments")
MLFLOW = Path("mlruns")
BENCHMARKS = Path("logs/benchmarks")
HASHES = Path("data/cache/hashes.db")
AVAILABLE = Path("data/cache/available.json")
UNPACKED = Path("data/cache/models")


def study() -> Path | None:
    """The current study's folder, from the top of the repository; None outside a study.

    A study has its own declarations and shares the Snakefile above it.
    """
    here = Path.cwd()
    top = next((up for up in (here, *here.parents) if (up / "Snakefile").is_file()), here)
    return None if top == here else here.relative_to(top)


def snakemake(*targets: str) -> str:
    """The command that makes targets, as typed at the top of the repository."""
    return " ".join(("snakemake --cores 2", *_directory(), *targets))


def again(path: Path) -> str:
    """The remedy for a missing or damaged file of the pipeline, whatever else exists."""
    return f"make it again with `{snakemake('--force', str(path))}`"


def model_again(folder: Path) -> str:
    """The remedy for an incomplete or damaged folder of a model."""
    if not folder.is_dir():
        return f"there is no folder {folder}"
    if PARAMS.is_file() and folder == model(folder.name):
        return again(folder / "card.json")
    return "copy the folder of the model again"


def deepmir(*arguments: str) -> str:
    """A command of deepmir, as typed at the top of the repository."""
    return " ".join(("deepmir", *_directory(), *arguments))


def from_top(path: Path) -> Path:
    """A path from the declarations, as typed at the top of the repository."""
    return Path(os.path.normpath((study() or Path()) / path))


def _directory() -> tuple[str, ...]:
    folder = study()
    return () if folder is None else (f"--directory {folder}",)


def raw(dataset: str) -> Path:
    """The folder of a data set: rendered audio, annotations, indices."""
    return Path("data/raw") / dataset


def index(dataset: str, shard: int) -> Path:
    """The tracks of a shard."""
    return raw(dataset) / "index" / f"{shard:04d}.json"


def split(dataset: str) -> Path:
    """The part of every group of a data set."""
    return Path("data/splits") / f"{dataset}.csv"


def audio(dataset: str, sample_rate: int, shard: int) -> Path:
    """The mono audio of a shard."""
    return Path("data/audio") / dataset / str(sample_rate) / f"{shard:04d}.h5"


def duplicates(datasets: Iterable[str], sample_rate: int) -> Path:
    """The list of duplicate recordings in a data set, or in two of them."""
    return Path("data/duplicates") / str(sample_rate) / f"{'+'.join(sorted(datasets))}.json"


class Identified(Protocol):
    """The part of a representation that determines the names of its files."""

    @property
    def kind(self) -> str:
        """The name of its kind."""

    @property
    def digest(self) -> str:
        """Changes whenever its values may change."""


def folder_of(representation: Identified) -> str:
    """The name of the folder of a representation's features."""
    return f"{representation.kind}-{representation.digest}"


def features(dataset: str, representation: Identified, shard: int) -> Path:
    """The features of a shard."""
    return Path("data/features") / dataset / folder_of(representation) / f"{shard:04d}.h5"


def model(name: str) -> Path:
    """The folder of a trained model: weights, card, history."""
    return Path("models") / name


def predictions(name: str) -> Path:
    """The list of an experiment's predictions."""
    return Path("data/predictions") / name / "index.json"


def prediction(name: str, track: str) -> Path:
    """The prediction for one track."""
    return Path("data/predictions") / name / "jams" / f"{track}.jams"


def alignment(name: str) -> Path:
    """The attention of a network that writes symbols in an excerpt; beside its predictions."""
    return Path("data/predictions") / name / "alignment.png"


def metrics(name: str) -> Path:
    """The summary of an experiment's scores, which DVC shows and compares."""
    return Path("reports/metrics") / f"{name}.json"


def scores(name: str) -> Path:
    """The scores of every track, with their origin."""
    return Path("reports/scores") / f"{name}.json"


def generated(name: str) -> Path:
    """The list of a generator's output; its files are beside it."""
    return Path("data/generated") / name / "index.json"


def judgement(name: str) -> Path:
    """The judgement of a generator; its figures are beside it."""
    return Path("reports/generated") / name / "judgement.json"

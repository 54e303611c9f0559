"""What each stage of the line depends on: one table for Snakemake and DVC.

A stage reruns when its part of the declarations or its code changes. `code` lists files and folders
below `src/deepmir`; `tests/test_stages.py` holds the list to what the modules really import, and
`dvc.yaml` to the list.
"""

import ast
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from deepmir.analysis.models import SHIPPED
from deepmir.params import Baseline, Dataset, Experiment, Params

PACKAGE = Path(__file__).parent

CODE = frozenset({".py", ".csv", ".html", ".css", ".js"})

# They carry declarations and words to the code that computes and decide no result themselves.
INFRASTRUCTURE = frozenset(
    {
        "__init__.py",
        "baselines/__init__.py",
        "cli.py",
        "errors.py",
        "params.py",
        "paths.py",
        "provenance.py",
        "stages.py",
    }
)


@dataclass(frozen=True)
class Stage:
    """A rule of the Snakefile.

    Attributes:
        entry: the module that it runs.
        code: all that this module needs; `{task}` and `{method}` stand for the experiment's own.
    """

    entry: str
    code: tuple[str, ...]


# What each source of data sets needs below `datasets/`.
SOURCES = {
    "scores": ("fluidsynth.py", "rendering.py", "scores"),
    "rendered": ("fluidsynth.py", "recordings/words.py", "rendered", "scores"),
    "folder": ("folder",),
    "mirdata": ("published",),
    "jamendolyrics": ("recordings",),
    "fretsonfire": ("recordings",),
    "tones": ("tones.py",),
}
DATA = ("annotations.py", "datasets/__init__.py", "store.py")
CORPUS = (*DATA, "audio.py", "corpus.py", "datasets/folds.py", "datasets/splits.py", "downmix.py")
TASK = (
    *("tasks/__init__.py", "tasks/base.py", "tasks/combined.py", "tasks/shared", "tasks/{task}.py"),
    "decoders",
)
NETWORK = ("losses.py", "model.py", "networks", "representations")
ASKING = ("excerpts.py", "inference.py", "inputs.py")
BASELINE = ("baselines/shared", "baselines/{method}.py", "choosing.py")
PREDICTION = ("listing.py", "prediction.py")
SCORES = ("decoders", "evaluation.py", "figures.py", "listing.py", "tasks")
READERS = (*CORPUS, *NETWORK, *ASKING, *SCORES)

STAGES = {
    "render": Stage(
        "datasets/__init__.py",
        (*DATA, "{source}"),
    ),
    "downmix": Stage("downmix.py", ("audio.py", "datasets/__init__.py", "downmix.py", "store.py")),
    "features": Stage(
        "features.py",
        (
            "audio.py",
            "datasets/__init__.py",
            "downmix.py",
            "features.py",
            "representations",
            "store.py",
        ),
    ),
    "train": Stage(
        "training.py",
        (
            *CORPUS,
            *TASK,
            *NETWORK,
            *ASKING,
            "choosing.py",
            "class_weights.py",
            "deformations",
            "frontend",
            "health.py",
            "history.py",
            "patches.py",
            "trainee.py",
            "training.py",
        ),
    ),
    "fit": Stage("fitting.py", (*CORPUS, *TASK, *NETWORK, *BASELINE, "fitting.py")),
    "predict": Stage("prediction.py", (*CORPUS, *TASK, *NETWORK, *ASKING, *PREDICTION)),
    "annotate": Stage("prediction.py", (*CORPUS, *TASK, *NETWORK, *ASKING, *BASELINE, *PREDICTION)),
    "pool": Stage("pooling.py", (*CORPUS, "listing.py", "pooling.py", "representations")),
    "evaluate": Stage("evaluation.py", (*CORPUS, *TASK, "evaluation.py", "listing.py")),
    "report": Stage(
        "report/__init__.py",
        (*READERS, "drawing", "features.py", "prediction.py", "report", "results.py"),
    ),
    "track": Stage("tracking.py", (*READERS, "results.py", "tracking.py")),
}


def files_of(stage: str, about: Experiment | Baseline | Dataset | None = None) -> list[str]:
    """The files and folders of a stage's code, relative to the package, sorted.

    Args:
        stage: a name in :data:`STAGES`.
        about: the entry or data set of the job; None for all data sets.
    """
    names = {"task": getattr(about, "task", ""), "method": getattr(about, "method", "")}
    names["source"] = "{source}"
    found = {path.format(**names) for path in STAGES[stage].code}
    if "{source}" in found:
        own = getattr(about, "source", None)
        sources = SOURCES.values() if own is None else (SOURCES[own],)
        found -= {"{source}"}
        found |= {f"datasets/{path}" for paths in sources for path in paths}
    if any("{task}" in path for path in STAGES[stage].code):
        found |= {f"tasks/{task}.py" for task in getattr(about, "auxiliary", ())}
    return sorted(name for name in found if not any(name.startswith(f"{f}/") for f in found))


def code_hash(stage: str, about: Experiment | Baseline | Dataset | None = None) -> str:
    """Hash of a stage's code without comments, layout and docstrings, which compute nothing."""
    digest = hashlib.sha256()
    for name in files_of(stage, about):
        for path in _python_files(PACKAGE / name):
            digest.update(path.relative_to(PACKAGE).as_posix().encode())
            digest.update(_meaning(path, path.stat().st_mtime_ns).encode())
    return digest.hexdigest()[:16]


def _python_files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (p for p in sorted(path.rglob("*")) if p.suffix in CODE)
    else:
        yield path


@cache
def _meaning(path: Path, changed: int) -> str:
    """What a file computes; kept, since every job of a run asks for the same files again."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return text
    tree = ast.parse(text)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            # A string that stands alone is a docstring, whatever it stands in.
            node.body = [line for line in body if not _is_text(line)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(line: ast.AST) -> bool:
    return (
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, str)
    )


def declared(params: Params, stage: str, name: str) -> str:
    """What `params.yaml` says to a stage, as JSON that is the same for the same meaning.

    Args:
        params: the declarations.
        stage: a name in :data:`STAGES`.
        name: of the data set, representation or entry that the job is about.
    """
    return json.dumps(_slice(params, stage, name), sort_keys=True)


def _slice(params: Params, stage: str, name: str) -> object:
    if stage == "render":
        return params.datasets[name].model_dump(
            mode="json", exclude={"max_failures", "min_seconds"}
        )
    if stage == "downmix":
        return params.datasets[name].min_seconds
    if stage == "features":
        return params.representations[name].model_dump(mode="json")
    entry = params.entry(name)
    if stage in ("train", "fit", "pool"):
        return _computed_from(params, entry)
    if stage in ("predict", "annotate"):
        decoder = dict(params.decoders.get(entry.task, {}))
        return [*_computed_from(params, entry), decoder, *_shipped(entry)]
    return [entry.model_dump(mode="json"), params.evaluation.model_dump(mode="json")]


def _shipped(entry: Experiment | Baseline) -> list[str]:
    """What comes with deepmir, for the baseline that asks it: `deepmir ship` changes it."""
    if getattr(entry, "method", "") != "analyze":
        return []
    cards = sorted(SHIPPED.glob("*/card.json"))
    return [hashlib.sha256(b"".join(card.read_bytes() for card in cards)).hexdigest()[:16]]


def _computed_from(params: Params, entry: Experiment | Baseline) -> list[object]:
    declared: list[object] = [entry.model_dump(mode="json")]
    if isinstance(entry, Experiment):
        # Where it is computed on the fly, no name of a file tells of a change.
        declared.append(params.representations[entry.representation].model_dump(mode="json"))
    return declared

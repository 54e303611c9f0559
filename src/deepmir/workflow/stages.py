"""What each rule of the Snakefile depends on: its part of the declarations, and its code.

A job reruns when either changes. The code is the import closure of the module that the rule
runs (`closure.py`), with the task, the method and the source that the entry of the job names.
"""

import hashlib
import json
from functools import cache

from deepmir.declarations.schema import Baseline, DatasetBase, Experiment, Params
from deepmir.paths import SHIPPED
from deepmir.workflow import closure

MODULES = {
    "render": "deepmir.datasets.sources",
    "downmix": "deepmir.features.downmix",
    "features": "deepmir.features.compute",
    "train": "deepmir.training.training",
    "fit": "deepmir.training.fitting",
    "predict": "deepmir.evaluation.prediction",
    "pool": "deepmir.evaluation.pooling",
    "evaluate": "deepmir.evaluation.scoring",
    "report": "deepmir.report",
    "track": "deepmir.tracking.runs",
}
"""The module that each rule runs."""


def closure_of(
    stage: str, about: Experiment | Baseline | DatasetBase | None = None
) -> closure.Closure:
    """The code of a stage.

    Args:
        stage: a rule in :data:`MODULES`.
        about: the entry or data set of the job; None for a stage that is about all of them.
    """
    if isinstance(about, DatasetBase):
        return _closure(stage, source=about.module)
    if about is None:
        return _closure(stage)
    tasks = (about.task, *getattr(about, "auxiliary", {}))
    deformations = tuple(getattr(about, "deformations", {}))
    return _closure(stage, "", tasks, getattr(about, "method", ""), deformations)


@cache
def _closure(
    stage: str,
    source: str = "",
    tasks: tuple[str, ...] = (),
    method: str = "",
    deformations: tuple[str, ...] = (),
) -> closure.Closure:
    chosen = {}
    if source:
        chosen["deepmir.datasets"] = [source]
    if tasks:
        chosen["deepmir.tasks"] = [*tasks]
        chosen["deepmir.deformations"] = [*deformations]
        chosen["deepmir.baselines"] = [method] if method else []
    return closure.of([MODULES[stage]], chosen)


def code_hash(stage: str, about: Experiment | Baseline | DatasetBase | None = None) -> str:
    """Hash of a stage's code and of the versions of the libraries that it computes with."""
    return closure_of(stage, about).digest


def declared(params: Params, stage: str, name: str) -> str:
    """What `params.yaml` says to a stage, as JSON that is the same for the same meaning.

    Args:
        params: the declarations.
        stage: a rule in :data:`MODULES`.
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
    if stage == "predict":
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

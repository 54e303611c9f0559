"""The dependencies of each rule of the Snakefile: its part of the declarations, and its code.

A job reruns when either changes. The code is the import closure of the rule's module
(`closure.py`), with the task and the method of the job's entry or the class of its data set.
"""

import hashlib
import json
from functools import cache

from deepmir.datasets.base import Dataset
from deepmir.declarations.entry import Entry
from deepmir.declarations.generated import GeneratorEntry
from deepmir.declarations.generators import Generator
from deepmir.declarations.generators.base import GeneratorBase
from deepmir.declarations.schema import System
from deepmir.declarations.sequences import SequenceNetwork
from deepmir.paths import SHIPPED
from deepmir.representations.base import Base
from deepmir.workflow import closure

MODULES = {
    "render": "deepmir.datasets.base",
    "downmix": "deepmir.features.downmix",
    "duplicates": "deepmir.features.duplicates",
    "features": "deepmir.features.compute",
    "train": "deepmir.training.loop",
    "search": "deepmir.training.search",
    "fit": "deepmir.training.fitting",
    "predict": "deepmir.evaluation.prediction",
    "pool": "deepmir.evaluation.pooling",
    "evaluate": "deepmir.evaluation.scoring",
    "sweep": "deepmir.report.sweep_page",
    "searched": "deepmir.report.search_page",
    "report": "deepmir.report",
    "track": "deepmir.tracking.runs",
    "teach": "deepmir.generators.training",
    "generate": "deepmir.generators.generating",
    "judge": "deepmir.generators.judging",
}
"""The module that each rule runs."""

OF_NETWORKS = {
    "network": "deepmir.models.activations",
    "code": "deepmir.models.codes",
    "onnx": "deepmir.models.external",
}
"""What computes the kinds of representations that networks make."""

OF_SEQUENCES = {"train": "deepmir.training.sequence", "predict": "deepmir.evaluation.sequence"}
"""The modules that rules run for a network that writes symbols."""


About = System | Generator | Dataset | Base | None


def closure_of(stage: str, about: About = None) -> closure.Closure:
    """The code of a stage.

    Args:
        stage: a rule in :data:`MODULES`.
        about: the entry, generator, data set or representation of the job; None for a stage about
            all of them.
    """
    if isinstance(about, Base):
        return _closure(stage, OF_NETWORKS.get(about.kind, ""))
    if isinstance(about, Dataset):
        return _closure(stage, source=type(about).__module__)
    if about is None:
        return _closure(stage)
    if isinstance(about, GeneratorBase):
        return _closure(stage, generator=about.kind)
    tasks = (about.task, *getattr(about, "auxiliary", {}))
    deformations = tuple(getattr(about, "deformations", {}))
    method = getattr(about, "method", "")
    module = OF_SEQUENCES.get(stage, "") if isinstance(about, SequenceNetwork) else ""
    return _closure(stage, "", tasks, method, deformations, module=module)


@cache
def _closure(
    stage: str,
    source: str = "",
    tasks: tuple[str, ...] = (),
    method: str = "",
    deformations: tuple[str, ...] = (),
    generator: str = "",
    module: str = "",
) -> closure.Closure:
    chosen = {}
    if generator:
        chosen["deepmir.generators"] = [generator]
    if tasks or source:
        chosen["deepmir.tasks"] = [*tasks]
        chosen["deepmir.deformations"] = [*deformations]
        chosen["deepmir.baselines"] = [method] if method else []
    return closure.of([module or MODULES[stage], *([source] if source else [])], chosen)


def code_hash(stage: str, about: About = None) -> str:
    """Hash of a stage's code and of the versions of the libraries that it computes with."""
    return _digest(closure_of(stage, about))


@cache
def _digest(found: closure.Closure) -> str:
    """Hash of a closure, cached: hundreds of jobs share the same code."""
    return found.digest


def declared(stage: str, about: Entry | GeneratorEntry | Dataset) -> str:
    """The declarations that a stage depends on, as JSON that only changes with their meaning.

    Args:
        stage: a rule in :data:`MODULES`.
        about: the entry, generator or data set of the job.
    """
    return json.dumps(_slice(stage, about), sort_keys=True)


def _slice(stage: str, about: Entry | GeneratorEntry | Dataset) -> object:
    if isinstance(about, GeneratorEntry):
        if stage == "teach":
            return about.decides
        judged = [about.generator.needed, about.evaluation.model_dump(mode="json")]
        return [*about.decides, about.generator.samples, *(judged if stage == "judge" else [])]
    if isinstance(about, Dataset):
        if stage == "downmix":
            return about.min_seconds
        return about.model_dump(mode="json", exclude={"max_failures", "min_seconds"})
    if stage in ("train", "search", "fit", "pool"):
        return about.decides
    if stage == "predict":
        return [*about.decides, dict(about.decoder), *_shipped(about.row)]
    return [*about.decides, about.evaluation.model_dump(mode="json")]


def _shipped(entry: System) -> list[str]:
    """The models shipped with deepmir, for the baseline that uses them."""
    if getattr(entry, "method", "") != "analyze":
        return []
    cards = sorted(SHIPPED.glob("*/card.json"))
    return [hashlib.sha256(b"".join(card.read_bytes() for card in cards)).hexdigest()[:16]]

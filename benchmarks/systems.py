"""deepmir beside other systems, as functions from a recording to what each says of it."""

import importlib.util
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import deepmir
from deepmir import audio, baselines
from deepmir.annotations import Annotation
from deepmir.tasks.base import Task

System = Callable[[Path], Annotation | None]


def systems(task: Task, methods: Mapping[str, tuple[str, int]]) -> dict[str, System]:
    """The network that comes with deepmir and baselines, by name; Essentia's where installed.

    Args:
        task: what is asked.
        methods: names to show; the baseline's method, and the sample rate in Hz that it is for.
    """
    installed = importlib.util.find_spec("essentia") is not None
    return {"deepmir": network(task)} | {
        name: _baseline(method, task, rate)
        for name, (method, rate) in methods.items()
        if installed or not method.startswith("essentia")
    }


def network(task: Task, folder: Path | None = None) -> System:
    """A network: that which comes with deepmir, or the one in a folder."""

    def answer(recording: Path) -> Annotation | None:
        models = None if folder is None else {task.name: folder}
        found = deepmir.analyze(recording, tasks=[task.name], models=models).jams
        return next((found.first(space) for space in task.namespaces), None)

    return answer


def _baseline(method: str, task: Task, rate: int) -> System:
    annotate = baselines.get(method).annotator(Path(tempfile.gettempdir()), task, rate)
    return lambda recording: annotate(audio.load(recording, rate))[0]

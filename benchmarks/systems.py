"""deepmir beside other systems, as functions from a recording to the output of each."""

import importlib.util
import tempfile
from collections.abc import Callable
from pathlib import Path

import deepmir
from deepmir import baselines
from deepmir.files import audio
from deepmir.files.annotations import Annotation, Jams
from deepmir.tasks.base import Task
from deepmir.tasks.beat import TASK as BEAT
from deepmir.tasks.chord import TASK as CHORD
from deepmir.tasks.key import TASK as KEY
from deepmir.tasks.melody import TASK as MELODY
from deepmir.tasks.onset import TASK as ONSET
from deepmir.tasks.structure import TASK as STRUCTURE
from deepmir.tasks.tempo import TASK as TEMPO

System = Callable[[Path], Annotation | None]

# The baselines of each task, and the sample rates in Hz that they are for.
METHODS = {
    TEMPO: {"librosa": ("librosa_tempo", 22050), "Essentia": ("essentia_rhythm", 44100)},
    BEAT: {"librosa": ("librosa_beats", 22050), "Essentia": ("essentia_rhythm", 44100)},
    KEY: {
        "Krumhansl": ("krumhansl", 22050),
        "Temperley": ("temperley", 22050),
        "Essentia": ("essentia_key", 44100),
    },
    ONSET: {
        "librosa": ("librosa_onsets", 22050),
        "SuperFlux": ("superflux", 44100),
        "Essentia": ("essentia_onsets", 44100),
    },
    CHORD: {"templates": ("chord_templates", 22050)},
    MELODY: {"Essentia": ("essentia_melody", 44100)},
    STRUCTURE: {"Laplacian": ("laplacian", 22050)},
}


def systems(task: Task) -> dict[str, System]:
    """The network that comes with deepmir and baselines, by name; Essentia's where installed."""
    installed = importlib.util.find_spec("essentia") is not None
    return {"deepmir": network(task)} | {
        name: _baseline(method, task, rate)
        for name, (method, rate) in METHODS[task].items()
        if installed or not method.startswith("essentia")
    }


def network(task: Task, folder: Path | None = None) -> System:
    """A network: that which comes with deepmir, or the one in a folder."""

    def answer(recording: Path) -> Annotation | None:
        models = None if folder is None else {task.name: folder}
        return statement(task, deepmir.analyze(recording, tasks=[task.name], models=models).jams)

    return answer


def statement(task: Task, jams: Jams) -> Annotation | None:
    """What annotations say of a task, if they do."""
    found = (jams.first(space) for space in task.namespaces)
    return next((annotation for annotation in found if annotation is not None), None)


def _baseline(method: str, task: Task, rate: int) -> System:
    annotate = baselines.get(method).annotator(Path(tempfile.gettempdir()), task, rate)
    return lambda recording: annotate(audio.load(recording, rate))[0]

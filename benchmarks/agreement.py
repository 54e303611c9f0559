"""How far systems agree about recordings that nobody has annotated.

Run by hand: ``python benchmarks/agreement.py FOLDER ...``. The key and the beats of every recording
in the folders, by deepmir, by baselines and, where installed, by Essentia. Where the others agree
with each other and deepmir does not, deepmir is probably wrong: agreement is no score, but it shows
what breaks on recordings. The tables are the mean weighted score of one key against another, and
the mean F-measure of one system's beats against another's.
"""

import argparse
import importlib.util
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import mir_eval
import numpy as np

import deepmir
from deepmir import audio
from deepmir.analysis.recordings import expand
from deepmir.annotations import Annotation, Jams
from deepmir.baselines import essentia_key, essentia_rhythm, krumhansl, librosa_beats, temperley
from deepmir.errors import DeepmirError
from deepmir.tasks.base import Task
from deepmir.tasks.beat import TASK as BEAT
from deepmir.tasks.key import TASK as KEY

Answer = Annotation | None
System = Callable[[Path], Answer]

ESSENTIA = importlib.util.find_spec("essentia") is not None


def network(task: Task) -> System:
    def answer(recording: Path) -> Answer:
        found = deepmir.analyze(recording, tasks=[task.name]).jams
        return next((found.first(space) for space in task.namespaces), None)

    return answer


def baseline(method: ModuleType, task: Task, rate: int) -> System:
    annotate = method.annotator(Path(tempfile.gettempdir()), task, rate)
    return lambda recording: annotate(audio.load(recording, rate))[0]


def key_systems() -> dict[str, System]:
    found = {"deepmir": network(KEY), "Krumhansl": baseline(krumhansl, KEY, 22050)}
    found["Temperley"] = baseline(temperley, KEY, 22050)
    return found | ({"Essentia": baseline(essentia_key, KEY, 44100)} if ESSENTIA else {})


def beat_systems() -> dict[str, System]:
    found = {"deepmir": network(BEAT), "librosa": baseline(librosa_beats, BEAT, 22050)}
    return found | ({"Essentia": baseline(essentia_rhythm, BEAT, 44100)} if ESSENTIA else {})


def of_keys(one: Answer, other: Answer) -> float:
    if one is None or other is None:
        return 0.0
    reference, estimate = (Jams(1.0, (each,)) for each in (one, other))
    return KEY.metrics(reference, estimate)["weighted"]


def of_beats(one: Answer, other: Answer) -> float:
    times = [np.array([]) if each is None else each.times for each in (one, other)]
    return float(mir_eval.beat.f_measure(*map(mir_eval.beat.trim_beats, times)))


def recordings(folders: Sequence[Path]) -> list[Path]:
    """Those that can be read; of the others it is told."""
    readable = []
    for found in expand(map(str, folders)):
        try:
            if isinstance(found, DeepmirError):
                raise found
            audio.load(found.path, 22050)
            readable.append(found.path)
        except DeepmirError as error:
            print(error)
    return readable


def table(
    title: str,
    systems: dict[str, System],
    agreement: Callable[[Answer, Answer], float],
    paths: Sequence[Path],
) -> None:
    """Print how far each system agrees with each other one."""
    answers = {name: [answer(path) for path in paths] for name, answer in systems.items()}
    print(f"{title}, {len(paths)} recordings")
    print(" " * 12 + "".join(f"{name:>12}" for name in systems))
    for one in systems:
        means = [np.mean(list(map(agreement, answers[one], answers[two]))) for two in systems]
        print(f"{one:12}" + "".join(f"{mean:12.3f}" for mean in means))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    paths = recordings(parser.parse_args().folders)
    table("keys", key_systems(), of_keys, paths)
    table("beats", beat_systems(), of_beats, paths)


if __name__ == "__main__":
    main()

"""From a recording to an :class:`Analysis`: each representation once, each network, its decoder."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.analysis import activations, answers, vocal_melody
from deepmir.analysis import models as loading
from deepmir.analysis.agreed_tempo import agreed
from deepmir.analysis.models import Models, Trained
from deepmir.analysis.on_beats import NEAR, on_beats
from deepmir.analysis.results import Analysis
from deepmir.errors import DeepmirError
from deepmir.files import audio
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.files.audio import Source
from deepmir.models.calibration import Calibration
from deepmir.version import VERSION

BY_BEATS = {"tempo", *NEAR}  # what is the same whether beats are asked for or not


def analyze(
    path_or_samples: Path | str | npt.NDArray[np.floating],
    sample_rate: int | None = None,
    tasks: Iterable[str] | None = None,
    models: Models | None = None,
) -> Analysis:
    """Analyse a recording with trained networks.

    Args:
        path_or_samples: a file that libsndfile or, if installed, ffmpeg can read; or
            samples, shape (samples,) or (samples, channels), nominally in [-1, 1].
        sample_rate: of samples, in Hz; a file has its own.
        tasks: such as `beat` and `key`, or `vocal_melody`, from the networks for melody and
            singing; by default, all tasks with a model, except those that its card withholds as
            unreliable.
        models: a folder of models, or the folder for each task; by default, those of deepmir.

    Returns:
        The analysis. A task for which the recording is too short is left out:
        :func:`left_out` says why.

    Raises:
        DeepmirError: when the recording cannot be used or is too short for all tasks; when a model
            is missing, broken or newer than this version of deepmir.
    """
    if isinstance(path_or_samples, str | Path):
        if sample_rate is not None:
            raise DeepmirError("sample_rate is for samples only: a file has its own")
        path = Path(path_or_samples)
        return analyze_source(audio.from_file(path), load_networks(tasks, models), path)
    if sample_rate is None:
        raise DeepmirError("samples need a sample_rate, in Hz")
    source = audio.from_samples(path_or_samples, sample_rate)
    return analyze_source(source, load_networks(tasks, models))


def load_networks(tasks: Iterable[str] | None, models: Models | None) -> list[Trained]:
    """The networks for some tasks, for :func:`analyze_source`; by default all not withheld.

    Tempo, chords and sections use the beats: if there is a network for beats, it is loaded too, and
    its beats are not reported. A vocal melody needs the networks for both its parts.

    Raises:
        DeepmirError: when a model is missing or broken, or all models are for tasks that must be
            asked for by name.
    """
    wanted = None if tasks is None else loading.named(tasks)
    if wanted is not None and vocal_melody.NAME in wanted:
        return _with_vocal(wanted, models)
    trained = activations.models_of(wanted, models)
    if wanted is None:
        shown = [one for one in trained if not one.withheld]
        if not shown:
            names = ",".join(one.task.name for one in trained)
            raise DeepmirError(
                "the results of these models are withheld as unreliable: ask for them by "
                f"name (--tasks {names})"
            )
        return shown
    if BY_BEATS.intersection(wanted) and "beat" not in wanted:
        beats: dict[str, Path] = {}
        with suppress(DeepmirError):  # there is none
            beats = loading.find(models, ["beat"])
        trained += [replace(one, reported=False) for one in loading.load(beats)]
    return trained


def _with_vocal(wanted: Sequence[str], models: Models | None) -> list[Trained]:
    """The networks of some tasks and of the parts of a vocal melody, which serve it."""
    others = [task for task in wanted if task != vocal_melody.NAME]
    parts = [task for task in vocal_melody.PARTS if task not in others]
    return [
        replace(one, reported=one.task.name in others, vocal=True)
        if one.task.name in vocal_melody.PARTS
        else one
        for one in [
            *(load_networks(others, models) if others else []),
            *(activations.models_of(parts, models) if parts else []),
        ]
    ]


def left_out(analysis: Analysis) -> dict[str, str]:
    """The tasks without a result for this recording, with the reasons."""
    reasons: dict[str, str] = analysis.jams.sandbox["deepmir"]["left_out"]
    return reasons


def listed(reasons: Mapping[str, str]) -> str:
    """The reasons why tasks have no result, each once."""
    tasks: dict[str, list[str]] = {}
    for task, reason in reasons.items():
        tasks.setdefault(reason, []).append(task)
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in tasks.items())


def asked(trained: Sequence[Trained]) -> list[str]:
    """The tasks that networks report, including the vocal melody."""
    vocal = [vocal_melody.NAME] if any(one.vocal for one in trained) else []
    return [*(one.task.name for one in trained if one.reported), *vocal]


def analyze_source(
    source: Source, trained: Sequence[Trained], path: Path | None = None
) -> Analysis:
    """Analyse a recording with loaded networks.

    Args:
        source: the recording; it is consumed.
        trained: a network for each task, by :func:`load_networks`.
        path: of the recording, if it has one.

    Raises:
        DeepmirError: when the recording cannot be used.
    """
    computed = activations.features(source, trained)
    by_task: dict[str, list[Annotation]] = {}
    reasons: dict[str, str] = {}
    left = Counter(one.representation.digest for one in trained)
    for group in activations.sharing(sorted(trained, key=_turn)):
        digest = group[0].representation.digest
        left[digest] -= len(group)
        # Of a long recording features fill hundreds of megabytes: the last to hear them frees them.
        heard = computed.features[digest] if left[digest] else computed.features.pop(digest)
        results = answers.given(group, heard, computed.duration)
        del heard
        for one, found in results:
            if isinstance(found, DeepmirError):
                if one.reported:
                    reasons[one.task.name] = str(found)
                if one.vocal:
                    reasons[vocal_melody.NAME] = str(found)
            else:
                by_task[one.task.name] = [_attributed(annotation, one) for annotation in found]
    found = [annotation for one in trained for annotation in by_task.get(one.task.name, ())]
    order = [*(one.task.name for one in trained), vocal_melody.NAME]
    reasons = {task: reasons[task] for task in order if task in reasons}
    reported = asked(trained)
    sources = {one.task.name: one.source for one in trained if one.reported}
    if vocal_melody.NAME in reported:
        melody = next(one for one in trained if one.task.name == "melody")
        sources[vocal_melody.NAME] = replace(melody.source, task=vocal_melody.NAME)
        found = vocal_melody.with_vocal(found)
    if len(reasons) == len(reported):
        what = "the samples" if path is None else str(path)
        raise DeepmirError(f"{what}: {listed(reasons)}")
    # A name need not be text, a title has to be.
    name = b"" if path is None else os.fsencode(path.stem)
    title = source.title or name.decode(errors="replace")
    remarks = source.remarks + [
        f"{one.task.name}: {one.withheld}" for one in trained if one.withheld and one.reported
    ]
    about = {"version": VERSION, "tasks": reported, "left_out": reasons, "remarks": remarks}
    decided = on_beats(agreed(found, computed.duration))
    kept = [a for a in decided if a.sandbox["task"] in reported]
    jams = Jams(computed.duration, tuple(kept), title, source.artist, {"deepmir": about})
    return Analysis(path, jams, {t: sources[t] for t in reported if t not in reasons})


def _turn(trained: Trained) -> tuple[float, int, str, int]:
    """In what order the least memory is held together.

    First what is heard most frames of, which is nearly all memory: the smaller before the larger,
    as it may be a channel of that. Of those that share features, the most results last.
    """
    kind = trained.representation
    size = kind.bins * kind.channels
    results = len(trained.labels) if trained.task.piecewise else 0
    return -kind.frame_rate, size, kind.digest, results


def _attributed(annotation: Annotation, trained: Trained) -> Annotation:
    """An annotation with its model in the sandbox."""
    source = trained.source
    about = {
        "task": source.task,
        "model": source.model,
        "version": source.version,
        "data_hash": source.data_hash,
        "commit": source.commit,
        "weights_sha256": trained.card.weights_sha256,
    }
    tool = f"deepmir {source.version} {source.model}"
    sure = _calibrated(annotation.observations, trained.card.calibration.get(source.task))
    sandbox = {**annotation.sandbox, **about}
    return replace(annotation, tool=tool, observations=sure, sandbox=sandbox)


def _calibrated(
    observations: Sequence[Observation], curve: Calibration | None
) -> Sequence[Observation]:
    """The same with confidences that say how often such an answer is right."""
    if curve is None:
        return observations
    stated = [o.confidence for o in observations if o.confidence is not None]
    if len(stated) < len(observations):
        return observations
    shares = np.round(curve(np.array(stated, dtype=np.float64)), 4).tolist()
    return tuple(replace(o, confidence=c) for o, c in zip(observations, shares, strict=True))

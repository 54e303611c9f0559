"""Activations of networks, from a representation, from samples or from a file.

Each function adds one step to the one before; :func:`deepmir.analyze` also decodes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.analysis import models as loading
from deepmir.analysis import streaming, windows
from deepmir.analysis.models import Models, Trained
from deepmir.files import audio
from deepmir.files.audio import Source
from deepmir.models.running import Runner

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Activations:
    """The outputs of the network of a task for a recording.

    Attributes:
        task: its name.
        values: shape (frames, V), or (V,) for a task of long decision time scale.
        labels: the meaning of each of the V values.
        frame_rate: frames per second, the first at 0 s; None where `values` has no frames.
    """

    task: str
    values: Array
    labels: tuple[str, ...]
    frame_rate: float | None


def activations_from_representation(
    features: npt.NDArray[np.floating], task: str, models: Models | None = None
) -> Activations:
    """The outputs of the network of a task for a representation.

    Args:
        features: as the representation of the model's card gives them, shape (frames, bins) or
            (frames, bins, channels).
        task: such as `beat`.
        models: where the model is; by default, with deepmir.

    Raises:
        DeepmirError: when the model is missing or broken, or the shape does not fit it.
    """
    (trained,) = models_of([task], models)
    return of(trained, features)


def activations_from_samples(
    samples: npt.NDArray[np.floating],
    sample_rate: int,
    tasks: Iterable[str] | None = None,
    models: Models | None = None,
) -> dict[str, Activations]:
    """The outputs of networks for a recording in memory, by task.

    Args:
        samples: shape (samples,) or (samples, channels), nominally in [-1, 1].
        sample_rate: any, in Hz; samples are resampled.
        tasks: by default, all tasks with a model.
        models: a folder of models, or the folder for each task; by default, those of deepmir.

    Raises:
        DeepmirError: when samples or models cannot be used.
    """
    return _of_source(audio.from_samples(samples, sample_rate), models_of(tasks, models))


def activations_from_file(
    path: Path | str, tasks: Iterable[str] | None = None, models: Models | None = None
) -> dict[str, Activations]:
    """The outputs of networks for a recording on disk, by task.

    Args:
        path: a file that libsndfile or, if installed, ffmpeg can read.
        tasks: by default, all tasks with a model.
        models: a folder of models, or the folder for each task; by default, those of deepmir.

    Raises:
        DeepmirError: when the recording or a model cannot be used.
    """
    return _of_source(audio.from_file(Path(path)), models_of(tasks, models))


def models_of(tasks: Iterable[str] | None, models: Models | None) -> list[Trained]:
    """The networks of some tasks, loaded.

    Raises:
        DeepmirError: when one is missing or broken.
    """
    return loading.load(loading.find(models, tasks))


def features(source: Source, trained: Sequence[Trained]) -> streaming.RecordingFeatures:
    """The inputs of networks, from one recording, which is consumed.

    Raises:
        DeepmirError: when the recording cannot be used.
    """
    wanted = {one.representation.digest: one for one in trained}
    return streaming.compute(
        source,
        [one.representation for one in wanted.values()],
        functions={digest: one.hears for digest, one in wanted.items()},
    )


def sharing(trained: Iterable[Trained]) -> list[list[Trained]]:
    """The tasks that share a network, in the order of the last of each group."""
    groups: dict[Runner, list[Trained]] = {}
    for one in trained:
        groups[one.network] = [*groups.pop(one.network, ()), one]
    return list(groups.values())


def of(trained: Trained, features: npt.NDArray[np.floating]) -> Activations:
    """The outputs of a network for a recording, given as its representation."""
    return _of(trained, decodable(trained, features))


def decodable(trained: Trained, features: npt.NDArray[np.floating]) -> Array:
    """The decoder's input: shape (frames, V), with features if it needs them, or (V,)."""
    return joined(trained, [piece for (piece,) in pieces([trained], features)])


def joined(trained: Trained, found: Sequence[Array]) -> Array:
    """The same, joined from pieces."""
    outputs = np.concatenate(found)
    # A network whose main task is time-varying has outputs for the others in every frame, too.
    return outputs.mean(axis=0) if outputs.ndim == 2 and not trained.task.time_varying else outputs


def pieces(
    group: Sequence[Trained], features: npt.NDArray[np.floating]
) -> Iterator[tuple[Array, ...]]:
    """The outputs of one network for each of its tasks, piece by piece; it is run once.

    Args:
        group: one of :func:`sharing`.
        features: of the recording, see :func:`of`.

    Yields:
        For each task shape (frames, V), with features for a decoder that needs them. If the main
        task has a long decision time scale, there is one piece, of shape (V,).
    """
    given = group[0].network, features, group[0].windows
    if group[0].trained_for.time_varying:
        for piece in windows.run(*given):
            # A view would keep all columns in memory: of beats with a tempo, 258 for 2.
            yield tuple(piece[:, one.columns].copy() for one in group)
    else:
        whole = windows.run_whole(*given)
        yield tuple(whole[one.columns] for one in group)


def _of(trained: Trained, outputs: Array) -> Activations:
    values = outputs[..., : len(trained.labels)]
    rate = trained.representation.frame_rate if trained.task.time_varying else None
    return Activations(trained.task.name, values, trained.labels, rate)


def _of_source(source: Source, trained: Sequence[Trained]) -> dict[str, Activations]:
    computed = features(source, trained)
    found = {}
    for group in sharing(trained):
        heard = pieces(group, computed.features[group[0].representation.digest])
        for one, outputs in zip(group, zip(*heard, strict=True), strict=True):
            found[one.task.name] = _of(one, joined(one, outputs))
    return {one.task.name: found[one.task.name] for one in trained}

"""The lower rungs of the ladder: what networks say, from a representation, samples or a file.

Each rung adds one thing to the one below it. :func:`deepmir.analyze` stands on the last one and
decodes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.analysis import decoding, streaming, windows
from deepmir.analysis import models as loading
from deepmir.analysis.decoding import Source
from deepmir.analysis.models import Models, Trained

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Activations:
    """What the network of a task says of a recording.

    Attributes:
        task: what it was asked.
        values: shape (frames, V), or (V,) for a task of long decision time scale.
        labels: what each of the V values stands for.
        frame_rate: frames a second, the first at 0 s; None where `values` has no frames.
    """

    task: str
    values: Array
    labels: tuple[str, ...]
    frame_rate: float | None


def activations_from_representation(
    features: npt.NDArray[np.floating], task: str, models: Models | None = None
) -> Activations:
    """What the network of a task says of a representation.

    Args:
        features: as the representation of the model's card gives them, shape (frames, bins) or
            (frames, bins, channels).
        task: such as `beat`.
        models: where the model is; by default, with deepmir.

    Raises:
        DeepmirError: when there is no such model, it is broken, or the shape is not what it takes.
    """
    (trained,) = models_of([task], models)
    return of(trained, features)


def activations_from_samples(
    samples: npt.NDArray[np.floating],
    sample_rate: int,
    tasks: Iterable[str] | None = None,
    models: Models | None = None,
) -> dict[str, Activations]:
    """What the networks say of a recording in memory, by task.

    Args:
        samples: shape (samples,) or (samples, channels), nominally in [-1, 1].
        sample_rate: Hz; any, they are resampled.
        tasks: by default, all that there are models for.
        models: a folder of models or the folder of each task's; by default, those of deepmir.

    Raises:
        DeepmirError: when samples or models cannot be used.
    """
    return _of_source(decoding.from_samples(samples, sample_rate), models_of(tasks, models))


def activations_from_file(
    path: Path | str, tasks: Iterable[str] | None = None, models: Models | None = None
) -> dict[str, Activations]:
    """What the networks say of a recording on disk, by task.

    Args:
        path: of what libsndfile or, where it is installed, ffmpeg can read.
        tasks: by default, all that there are models for.
        models: a folder of models or the folder of each task's; by default, those of deepmir.

    Raises:
        DeepmirError: when recording or models cannot be used.
    """
    return _of_source(decoding.from_file(Path(path)), models_of(tasks, models))


def models_of(tasks: Iterable[str] | None, models: Models | None) -> list[Trained]:
    """The networks of some tasks, ready to be asked.

    Raises:
        DeepmirError: when one is missing or broken.
    """
    return loading.load(loading.find(models, tasks))


def of(trained: Trained, features: npt.NDArray[np.floating]) -> Activations:
    """What a network says of its representation of a recording."""
    values = decodable(trained, features)[..., : len(trained.labels)]
    rate = trained.representation.frame_rate if trained.answered.time_varying else None
    return Activations(trained.answered.name, values, trained.labels, rate)


def decodable(trained: Trained, features: npt.NDArray[np.floating]) -> Array:
    """What the decoder reads: shape (frames, V), with features if it wants those, or (V,)."""
    said = np.concatenate(list(pieces(trained, features)))
    # A network whose main task is told frame by frame is asked the others in every frame, too.
    return said.mean(axis=0) if said.ndim == 2 and not trained.answered.time_varying else said


def pieces(trained: Trained, features: npt.NDArray[np.floating]) -> Iterator[Array]:
    """The same one after another, shape (frames, V), with features for a decoder that wants them.

    Of a task of long decision time scale there is one piece, of shape (V,).
    """
    ask = trained.network, trained.task, features, trained.windows
    if trained.task.time_varying:
        for piece in windows.ask(*ask):
            # A view would keep all columns in memory: of beats with a tempo, 258 for 2.
            yield piece[:, trained.columns].copy()
    else:
        yield windows.ask_whole(*ask)[trained.columns]


def _of_source(source: Source, trained: Sequence[Trained]) -> dict[str, Activations]:
    heard = streaming.listen(source, [one.representation for one in trained])
    return {
        one.answered.name: of(one, heard.features[one.representation.digest]) for one in trained
    }

"""Prediction: one JAMS file for each test track, by a network or by a baseline.

Any system that writes such a folder can be evaluated, by the same rules.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from deepmir import baselines, paths
from deepmir.datasets.index import Track, each_track
from deepmir.declarations.entry import BaselineEntry, Entry
from deepmir.declarations.neural import NetworkEntry
from deepmir.errors import DeepmirError, about
from deepmir.evaluation import predictions
from deepmir.evaluation.predictions import Predicted
from deepmir.features import corpus, downmix
from deepmir.features.inputs import Inputs, open_inputs
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams
from deepmir.files.store import Failure, Store
from deepmir.files.writing import hash_file
from deepmir.models.card import CARD, read_card
from deepmir.tasks.base import Decoder, Task
from deepmir.version import VERSION

if TYPE_CHECKING:
    from deepmir.models.card import NetworkCard
    from deepmir.models.model import Model


def predict(entry: Entry, *, threads: int) -> Path:
    """Predict every test track with a network or a baseline; returns the path of the list.

    Args:
        entry: the system, and the data set that it is tested on.
        threads: of the CPU.

    Raises:
        DeepmirError: as :func:`write`, and when the model is missing, stale or broken.
    """
    source: Inputs | Store
    with about(entry.name):
        if isinstance(entry, NetworkEntry):
            source, annotate = _network(entry, threads)
        else:
            assert isinstance(entry, BaselineEntry)
            source, annotate = _baseline(entry)
    return write(entry, source, annotate)


Annotate = Callable[[str], list[Annotation]]


def write(entry: Entry, source: Store | Inputs, annotate: Annotate) -> Path:
    """Write the prediction of every test track; returns the path of their list.

    Args:
        entry: the system, and the data set that it is tested on.
        source: the input for each track.
        annotate: makes the annotation of a track.

    Raises:
        DeepmirError: when data are missing, stale or broken, or more of the test tracks fail than
            the data set allows.
    """
    data = entry.files.read()
    # A prediction of an earlier run must not be scored for a track that fails in this one.
    shutil.rmtree(paths.prediction(entry.name, "").parent, ignore_errors=True)
    paths.predictions(entry.name).unlink(missing_ok=True)
    results = predict_tracks(entry.name, data.divided.test, source, annotate)
    failures = [result for result in results if isinstance(result, Failure)]
    refuse_failures(entry.name, failures, len(results), entry.files.max_failures)
    return predictions.write(entry.name, data, results, _weights(entry))


def refuse_failures(name: str, failures: Sequence[Failure], total: int, allowed: float) -> None:
    """Stop if a system fails on too many test tracks for its score to be meaningful.

    Args:
        name: of the entry.
        failures: the test tracks that have no prediction.
        total: number of test tracks.
        allowed: the share of them that may fail, `max_failures` of the data set.

    Raises:
        DeepmirError: when more have failed.
    """
    if len(failures) > allowed * total:
        first = failures[0]
        raise DeepmirError(
            f"{name}: {len(failures)} of {total} test tracks ({len(failures) / total:.0%}) have no "
            f"prediction, more than max_failures of the data set allows ({allowed:.0%}); the first "
            f"is {first.track}: {first.reason}; tracebacks of bugs are above and in "
            f"logs/predict/{name}.log"
        )


def predict_tracks(
    name: str, tracks: Sequence[Track], source: Store | Inputs, annotate: Annotate
) -> list[Predicted | Failure]:
    """Write the JAMS file of every track; failures are listed and the others continue."""
    durations = {t: jams.duration for t, jams in corpus.read_annotations(tracks, ()).items()}

    def write(track: Track) -> Predicted:
        path = paths.prediction(name, track.id)
        tool = f"deepmir {VERSION} {name}"
        found = [replace(annotation, tool=tool) for annotation in annotate(track.id)]
        annotations.write(path, Jams(durations[track.id], tuple(found)))
        return Predicted(track.id, hash_file(path))

    known = [track for track in tracks if track.id in source]
    missing: list[Predicted | Failure] = [
        Failure(track.id, source.failures.get(track.id, "the track has no features"))
        for track in tracks
        if track.id not in source
    ]
    return missing + list(each_track(write, known, lambda track: track.id, 1))


def _weights(entry: Entry) -> str:
    """Hash of the weights that an entry predicts with, or nothing if it has none."""
    known = (entry.folder / CARD).exists()
    return read_card(entry.folder).weights_sha256[:16] if known else ""


def _network(entry: NetworkEntry, threads: int) -> tuple[Inputs, Annotate]:
    import torch

    from deepmir.models import card as cards
    from deepmir.models import model

    torch.set_num_threads(threads)
    network, card, representation = model.load(entry.folder)
    inputs = open_inputs(entry.files, entry.representation, on_the_fly=entry.on_the_fly)
    options = {**card.decoder, **entry.decoder}
    decode = cards.task_of(card).decoder(representation.frame_rate, **options)
    return inputs, lambda track: decode(activations(network, card, inputs.features(track)))


def activations(
    network: "Model",
    card: "NetworkCard",
    features: npt.NDArray[np.floating],
) -> npt.NDArray[np.float32]:
    """The activations of a network for a track.

    Args:
        network: a trained model.
        card: of the model.
        features: its input, shape (frames, bins) or (frames, bins, channels).

    Returns:
        The input of its task's decoder: shape (frames, V) if the task is time-varying, with the
        network's last features beside them if it needs them, else (V,): the mean over excerpts.
    """
    import torch

    from deepmir.models import inference
    from deepmir.models.card import task_of
    from deepmir.models.model import as_input

    stored = torch.from_numpy(features.astype(np.float32))
    lengths = torch.tensor([len(features)])
    with torch.inference_mode():
        answer = inference.predict(
            network, task_of(card), as_input(stored[None]), lengths, card.excerpt_frames
        )
    return answer.activations()[0]


class _WithOptions:
    """A task with decoder options of `params.yaml`, which override those of a card."""

    def __init__(self, task: Task, options: Mapping[str, Any]) -> None:
        self._task = task
        self._options = options

    def __getattr__(self, name: str) -> Any:
        return getattr(self._task, name)

    def decoder(self, frame_rate: float, **options: Any) -> Decoder:
        return self._task.decoder(frame_rate, **{**options, **self._options})


def _baseline(entry: BaselineEntry) -> tuple[Store, Annotate]:
    rate = entry.baseline.sample_rate
    method = baselines.get(entry.baseline.method)
    task = cast(Task, _WithOptions(entry.task, entry.decoder))
    if entry.representation is not None:
        frames = entry.files.open_features(entry.representation)
        read = method.annotator(entry.folder, task, entry.representation.frame_rate)
        return frames, lambda track: read(frames[track])
    recordings = entry.files.open_audio(rate)
    annotate = method.annotator(entry.folder, task, rate)
    return recordings, lambda track: annotate(downmix.samples_of(recordings, track))

"""Prediction: one JAMS file for each test track, by a network or by a baseline.

Whatever writes such a folder can be evaluated, so that every system is scored by the same rules.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

import deepmir
from deepmir import baselines, paths, tasks
from deepmir.datasets.index import Track, each_track
from deepmir.declarations.schema import Baseline, Experiment, Params
from deepmir.errors import DeepmirError
from deepmir.evaluation import predictions
from deepmir.evaluation.predictions import Predicted
from deepmir.features import corpus, downmix
from deepmir.features.inputs import Inputs, open_inputs
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams
from deepmir.files.store import Failure, Store, hash_file
from deepmir.tasks.base import Decoder, Task

if TYPE_CHECKING:
    pass


def predict(params: Params, name: str, *, threads: int) -> Path:
    """Predict every test track; returns the path of the list of predictions.

    A model that is carried over reads the other data set as it reads its own.

    Raises:
        DeepmirError: when data or model are missing, stale or broken, or more of the test tracks
            fail than the data set allows.
    """
    entry = params.entry(name)
    data = corpus.of(params, entry)
    model = params.model_of(name)
    source: Inputs | Store
    if isinstance(entry, Experiment):
        source, annotate = _network(params, model, entry, threads)
    else:
        source, annotate = _baseline(params, model, entry)
    # What an earlier run left must not be scored for a track that fails in this one.
    shutil.rmtree(paths.prediction(name, "").parent, ignore_errors=True)
    paths.predictions(name).unlink(missing_ok=True)
    results = predict_tracks(name, data.divided.test, source, annotate)
    failures = [result for result in results if isinstance(result, Failure)]
    refuse_failures(name, failures, len(results), params.datasets[entry.dataset].max_failures)
    return predictions.write(name, data, results, _weights(model))


def refuse_failures(name: str, failures: Sequence[Failure], total: int, allowed: float) -> None:
    """Stop where a system fails on so many test tracks that its score would say nothing.

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


Annotate = Callable[[str], list[Annotation]]


def predict_tracks(
    name: str, tracks: Sequence[Track], source: Store | Inputs, annotate: Annotate
) -> list[Predicted | Failure]:
    """Write the JAMS file of every track; one that fails is listed and the rest goes on."""
    durations = {t: jams.duration for t, jams in corpus.read_annotations(tracks, ()).items()}

    def write(track: Track) -> Predicted:
        path = paths.prediction(name, track.id)
        tool = f"deepmir {deepmir.__version__} {name}"
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


def _weights(model: str) -> str:
    """Hash of a model's weights, or nothing if it has none."""
    weights = paths.model(model) / "model.safetensors"
    return hash_file(weights)[:16] if weights.exists() else ""


def _network(
    params: Params, trained: str, experiment: Experiment, threads: int
) -> tuple[Inputs, Annotate]:
    import torch

    from deepmir.models import model

    torch.set_num_threads(threads)
    network, card, representation = model.load(paths.model(trained))
    inputs = open_inputs(params, experiment)
    options = {**card.decoder, **params.decoders.get(card.task, {})}
    decode = model.task_of(card).decoder(representation.frame_rate, **options)
    return inputs, lambda track: decode(activations(network, card, inputs.features(track)))


def activations(
    network: "deepmir.models.model.Model",
    card: "deepmir.models.model.Card",
    features: npt.NDArray[np.floating],
) -> npt.NDArray[np.float32]:
    """What a network says of a track.

    Args:
        network: a trained model.
        card: what it is.
        features: its input, shape (frames, bins) or (frames, bins, channels).

    Returns:
        What the decoder of its task reads: shape (frames, V) if the task is time-varying, with the
        network's last features beside them if it wants those, else (V,): the mean over excerpts.
    """
    import torch

    from deepmir.models import inference
    from deepmir.models.model import as_input, task_of

    stored = torch.from_numpy(features.astype(np.float32))
    lengths = torch.tensor([len(features)])
    with torch.inference_mode():
        said = inference.ask(
            network, task_of(card), as_input(stored[None]), lengths, card.excerpt_frames
        )
    return said.activations()[0]


class _Told:
    """A task with decoder options of `params.yaml`, which go before those of a card."""

    def __init__(self, task: Task, options: Mapping[str, Any]) -> None:
        self._task = task
        self._options = options

    def __getattr__(self, name: str) -> Any:
        return getattr(self._task, name)

    def decoder(self, frame_rate: float, **options: Any) -> Decoder:
        return self._task.decoder(frame_rate, **{**options, **self._options})


def _baseline(params: Params, fitted: str, baseline: Baseline) -> tuple[Store, Annotate]:
    recordings = corpus.open_audio(params, baseline.dataset, baseline.sample_rate)
    method = baselines.get(baseline.method)
    task = cast(Task, _Told(tasks.of(baseline), params.decoders.get(baseline.task, {})))
    annotate = method.annotator(paths.model(fitted), task, baseline.sample_rate)
    return recordings, lambda track: annotate(downmix.samples_of(recordings, track))

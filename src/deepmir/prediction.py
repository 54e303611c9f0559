"""Prediction: one JAMS file for each test track, by a network or by a baseline.

Whatever writes such a folder can be evaluated, so that every system is scored by the same rules.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

import deepmir
from deepmir import annotations, baselines, corpus, downmix, paths, tasks
from deepmir.annotations import Annotation, Jams
from deepmir.corpus import Corpus
from deepmir.datasets import Track, each_track, hash_file
from deepmir.inputs import Inputs, open_inputs
from deepmir.params import Baseline, Experiment, Params
from deepmir.store import Failure, Store, write_json


@dataclass(frozen=True)
class Predicted:
    """The estimate for one track and the hash of its JAMS file."""

    track: str
    sha256: str


def predict(params: Params, name: str, *, threads: int) -> Path:
    """Predict every test track; returns the path of the list of predictions.

    Raises:
        DeepmirError: when data or model are missing, stale or broken.
    """
    entry = params.entry(name)
    data = corpus.load(params, entry.dataset)
    source: Inputs | Store
    if isinstance(entry, Experiment):
        source, annotate = _network(params, name, entry, threads)
    else:
        source, annotate = _baseline(params, name, entry)
    # What an earlier run left must not be scored for a track that fails in this one.
    shutil.rmtree(paths.prediction(name, "").parent, ignore_errors=True)
    results = predict_tracks(name, data.divided.test, source, annotate)
    write_json(paths.predictions(name), _listing(name, data, results))
    return paths.predictions(name)


Annotate = Callable[[str], list[Annotation]]


def predict_tracks(
    name: str, tracks: Sequence[Track], source: Store | Inputs, annotate: Annotate
) -> list[Predicted | Failure]:
    """Write the JAMS file of every track; one that fails is listed and the rest goes on."""
    durations = {t: jams.duration for t, jams in corpus.read_annotations(tracks).items()}

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


def _listing(name: str, data: Corpus, results: Sequence[Predicted | Failure]) -> dict[str, object]:
    weights = paths.model(name) / "model.safetensors"
    return {
        "dataset": data.name,
        "part": "test",
        "data_hash": data.data_hash,
        "split_hash": data.split_hash,
        "model_hash": hash_file(weights)[:16] if weights.exists() else "",
        "tracks": [asdict(r) for r in results if isinstance(r, Predicted)],
        "failures": [asdict(r) for r in results if isinstance(r, Failure)],
    }


def _network(
    params: Params, name: str, experiment: Experiment, threads: int
) -> tuple[Inputs, Annotate]:
    import torch

    from deepmir import model

    torch.set_num_threads(threads)
    network, card, representation = model.load(paths.model(name))
    inputs = open_inputs(params, experiment)
    options = {**card.decoder, **params.decoders.get(card.task, {})}
    decode = model.task_of(card).decoder(representation.frame_rate, **options)
    return inputs, lambda track: decode(activations(network, card, inputs.features(track)))


def activations(
    network: "deepmir.model.Model", card: "deepmir.model.Card", features: npt.NDArray[np.floating]
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

    from deepmir import inference
    from deepmir.model import as_input, task_of

    stored = torch.from_numpy(features.astype(np.float32))
    lengths = torch.tensor([len(features)])
    with torch.inference_mode():
        said = inference.ask(
            network, task_of(card), as_input(stored[None]), lengths, card.excerpt_frames
        )
    return said.activations()[0]


def _baseline(params: Params, name: str, baseline: Baseline) -> tuple[Store, Annotate]:
    recordings = corpus.open_audio(params, baseline.dataset, baseline.sample_rate)
    method = baselines.get(baseline.method)
    annotate = method.annotator(paths.model(name), tasks.of(baseline), baseline.sample_rate)
    return recordings, lambda track: annotate(downmix.samples_of(recordings, track))

"""A tiny generated data set, and the pipeline run on it step by step in one process."""

import functools
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile
import yaml

from deepmir import paths, tasks
from deepmir.datasets import base, splits
from deepmir.declarations import data, entries, loading, schema
from deepmir.features import compute as features
from deepmir.features import downmix, duplicates
from deepmir.features.corpus import Corpus, Files
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.representations import Representation
from deepmir.tasks.shared.keys import LABELS

if TYPE_CHECKING:
    from deepmir.models.card import NetworkCard
    from deepmir.models.model import Model
    from deepmir.training.module import TrainingModule

RATE = 22050
SECONDS = 9.0

DECLARED = """
datasets:
  tiny: {source: folder, path: recordings, shards: 2, max_failures: 0.2}
representations:
  cqt: &cqt {kind: cqt, hop: 4410, fmin: 65.406, bins: 60, bins_per_octave: 12, conditioning: [{kind: log}]}
  mel: {kind: mel, hop: 441, window: 1024, bins: 20, conditioning: [{kind: log}]}
  audio: {kind: audio, hop: 441}
  both:
    kind: stack
    members:
    - *cqt
    - {<<: *cqt, conditioning: [{kind: pcen}]}
training: {epochs: 3, batch_size: 4, patch_seconds: 4, learning_rate: 0.01, device: cpu}
experiments:
  key-tiny: &key
    dataset: tiny
    task: key
    representation: cqt
    network: c2(4,3x3) - p2(2x2) - d1(16,drop=0.2) - d1
    deformations: {pitch_shift: 2, time_stretch: 0.1}
  beat-tiny:
    dataset: tiny
    task: beat
    representation: mel
    network: r1(8) - d1
    deformations: {time_stretch: 0.1}
  key-fly:
    dataset: tiny
    task: key
    representation: cqt
    precompute: no
    network: c2(4,3x3) - p2(2x2) - d1(16,drop=0.2) - d1
    deformations: {pitch_shift: 2, time_stretch: 0.1}
  key-ensemble:
    <<: *key
    representation: both
    ensemble: yes
    deformations: {pitch_shift: 2, gain: 6}
    training: {health: no, weight_average: 0.5}
baselines:
  key-krumhansl: {dataset: tiny, task: key, method: krumhansl}
  key-logistic: {dataset: tiny, task: key, method: logistic}
  beat-librosa: {dataset: tiny, task: beat, method: librosa_beats}
"""  # noqa: E501


@functools.cache
def recording(index: int) -> tuple[np.ndarray, Jams]:
    """A scale and its triad in some key, with a click on every beat."""
    rng = np.random.default_rng(index)
    label = LABELS[index % 24]
    tonic, minor = index % 12, label.endswith("minor")
    scale = [0, 2, 3, 5, 7, 8, 11, 12] if minor else [0, 2, 4, 5, 7, 9, 11, 12]
    beat = 60 / rng.uniform(90, 140)
    times = np.arange(0.3, SECONDS - 0.3, beat)
    t = np.arange(round(SECONDS * RATE)) / RATE
    audio = 0.001 * rng.standard_normal(len(t))
    for i, time in enumerate(times):
        step = (0, 2, 4, int(rng.integers(8)))[i % 4]
        pitch = 60 + tonic + scale[step]
        after = t - time
        decay = np.where(after >= 0, np.exp(-4 * np.maximum(after, 0)), 0)
        audio += 0.2 * decay * np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * after)
        strength = 0.3 if i % 4 == 0 else 0.15
        audio += strength * (decay**10) * rng.standard_normal(len(t))
    beats = tuple(Observation(float(x), 0.0, 1 + i % 4) for i, x in enumerate(times))
    key = (Observation(0.0, SECONDS, label),)
    found = (Annotation("beat", beats), Annotation("key_mode", key))
    samples = audio.astype(np.float32)
    samples.setflags(write=False)  # all tests share it
    return samples, Jams(SECONDS, found, title=f"piece {index}")


def write(root: Path, tracks: int = 12) -> None:
    """Write recordings, annotations, declarations and split below `root`."""
    (root / "recordings").mkdir(parents=True)
    for index in range(tracks):
        audio, jams = recording(index)
        soundfile.write(root / "recordings" / f"piece {index}.wav", audio, RATE)
        annotations.write(root / "recordings" / f"piece {index}.jams", jams)
    (root / "params.yaml").write_text(DECLARED)
    parts = {f"piece {i}": ("train", "validation", "test")[i % 3] for i in range(tracks)}
    (root / "data/splits").mkdir(parents=True)
    splits.write(root / "data/splits/tiny.csv", parts)


def load(**changes: object) -> schema.Params:
    """The declarations of the working folder, with some top-level sections replaced."""
    raw = yaml.safe_load(Path("params.yaml").read_text())
    return loading.parse({**raw, **changes})


def parse(**changes: object) -> schema.Params:
    """The declarations written here, with some top-level sections replaced."""
    return loading.parse({**yaml.safe_load(DECLARED), **changes})


def prepare(
    declared: schema.Params, sample_rates: Iterable[int] = (RATE,), workers: int = 1
) -> None:
    """Run index, downmix and features for everything that is declared."""
    for name, declaration in declared.datasets.items():
        for shard in range(declaration.shards):
            index = paths.index(name, shard)
            base.make_shard(name, declaration, shard, workers=workers)
            for rate in sample_rates:
                audio = paths.audio(name, rate, shard)
                downmix.compute(index, audio, rate, declaration.min_seconds, workers=workers)
            for representation in declared.representations.values():
                if representation.kind == "audio":
                    continue
                out = paths.features(name, representation, shard)
                audio = paths.audio(name, representation.sample_rate, shard)
                features.compute(audio, out, representation, workers=workers)
        assert corpus_of(declared, name).index.tracks
    compare(declared, sample_rates)


def compare(declared: schema.Params, sample_rates: Iterable[int] = (RATE,)) -> None:
    """Look for duplicate audio in all data sets whose audio is available."""
    every: list[Files] = []
    for entry in entries.everything(declared).values():
        others = entry.others if isinstance(entry, entries.NetworkEntry) else ()
        every += [entry.files, *(files for files, _ in others)]
    for path in sorted({path for files in every for path in files.compared}):
        rate, names = int(path.parent.name), path.stem.split("+")
        if rate in sample_rates:
            sources = {name: files_of(declared, name).audio(rate) for name in names}
            duplicates.compute(sources, rate, path)


def files_of(declared: schema.Params, dataset: str) -> Files:
    """The files of a data set."""
    return data.files_of(declared, dataset)


def corpus_of(declared: schema.Params, dataset: str) -> Corpus:
    """A data set with its split."""
    return files_of(declared, dataset).read()


def ready(declared: schema.Params, name: str) -> "TrainingModule":
    """A network ready for training."""
    from deepmir.training import loop, taught

    entry = entries.resolve(declared, name)
    assert isinstance(entry, entries.NetworkEntry)
    return loop.prepare(entry, taught.of(entry))


def untrained(
    notation: str,
    representation: Representation,
    task: str = "key",
    change: "Callable[[Model], None]" = lambda network: None,
    seed: int = 0,
    ensemble: bool = False,
) -> "tuple[Model, NetworkCard]":
    """An untrained network, modified by `change`, and its card."""
    import torch

    from deepmir.models import model
    from deepmir.models.card import NetworkCard

    torch.manual_seed(seed)
    kind = tasks.get(task)
    made = model.build(notation, representation, kind.output, kind.time_varying, ensemble).eval()
    with torch.no_grad():
        change(made)
    card = NetworkCard(
        name="made",
        task=task,
        network=notation,
        representation=representation,
        labels=kind.output.labels,
        activation=kind.output.activation,
        ensemble=ensemble,
    )
    return made, card


def make(declared: schema.Params) -> None:
    """Train, fit, predict, pool and evaluate everything declared, including single folds."""
    from deepmir.evaluation import pooling, prediction, scoring
    from deepmir.training import fitting, loop

    every = entries.everything(declared).values()
    for entry in every:
        if isinstance(entry, entries.NetworkEntry) and entry.is_trained:
            loop.train(entry, threads=1, progress=False)
        elif isinstance(entry, entries.BaselineEntry) and entry.is_trained:
            fitting.fit(entry)
    for entry in sorted(every, key=lambda entry: bool(entry.folds)):
        if entry.folds:
            pooling.pool(entry)
        else:
            prediction.predict(entry, threads=1)
        scoring.evaluate(entry)


def scores(name: str) -> dict[str, Any]:
    """The scores of an experiment from the pipeline."""
    found: dict[str, Any] = json.loads(paths.scores(name).read_text())
    return found


def write_onnx(
    path: str,
    nodes: Iterable[Any],
    inputs: dict[str, tuple[int | str, ...]],
    outputs: dict[str, tuple[int | str, ...]],
    **weights: object,
) -> None:
    """Write a network; shapes have numbers, names of variable sizes or both."""
    import onnx
    from onnx import helper as made

    values = [
        [made.make_tensor_value_info(n, onnx.TensorProto.FLOAT, shape) for n, shape in each.items()]
        for each in (inputs, outputs)
    ]
    constants = [onnx.numpy_helper.from_array(np.array(w), n) for n, w in weights.items()]
    graph = made.make_graph(nodes, "test", *values, constants)
    opset = [made.make_opsetid("", 17)]
    onnx.save_model(made.make_model(graph, opset_imports=opset, ir_version=8), path)


class Killed(BaseException):
    """Like kill -9: nothing catches it before the process ends."""


def killed_in(epoch):
    """A callback that kills a training at the start of an epoch, counted from 0."""
    import lightning.pytorch as pl  # seconds, which most users of this module do without

    class Killing(pl.Callback):
        def on_train_epoch_start(self, trainer, module):
            if trainer.current_epoch == epoch:
                raise Killed

    return Killing()

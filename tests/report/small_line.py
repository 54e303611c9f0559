"""A tiny but complete tree of the pipeline's files: ten recordings, two tasks, a network and a
baseline each, one track left out, one track without a prediction. Training and predictions are
made up."""

import json
from pathlib import Path

import numpy as np
import soundfile

import tiny
from deepmir import paths
from deepmir.datasets import base, splits
from deepmir.declarations import entries, loading
from deepmir.evaluation import scoring
from deepmir.features import compute as features
from deepmir.features import downmix
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.files.writing import hash_file
from deepmir.models.card import BaselineCard, write_card

KEYS = ("C:major", "G:major", "A:minor", "D:minor", "F:major")
NAMES = [f"piece-{number}" for number in range(10)]
UNPREDICTED = "piece-9"
SILENT = "piece-x"
RATE = 44100

DECLARATIONS = {
    "datasets": {
        "toy": {"source": "folder", "path": "recordings", "shards": 1, "max_failures": 0.2}
    },
    "representations": {
        "cqt": {"kind": "cqt", "hop": 2205, "fmin": 110.0, "bins": 48, "bins_per_octave": 12},
        "mel": {
            "kind": "mel",
            "hop": 441,
            "window": 1024,
            "bins": 40,
            "conditioning": [{"kind": "log"}],
        },
    },
    "experiments": {
        "key-cnn": {
            "dataset": "toy",
            "task": "key",
            "representation": "cqt",
            "network": "c2(4,3x3) - p2(2x2) - d1",
        },
        "beat-crnn": {
            "dataset": "toy",
            "task": "beat",
            "representation": "mel",
            "network": "c2(4,3x3) - p1(4) - r1(8) - d1",
        },
    },
    "baselines": {
        "key-krumhansl": {"dataset": "toy", "task": "key", "method": "krumhansl"},
        "beat-librosa": {"dataset": "toy", "task": "beat", "method": "librosa_beats"},
    },
    "evaluation": {"bootstrap": 200},
}


def recording(rng, seconds, beat):
    """A chord with a burst of noise at every beat, stereo."""
    t = np.arange(int(seconds * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * hertz * t) for hertz in (220.0, 277.2, 329.6))
    noise = rng.standard_normal(len(t)) * np.exp(-((t % beat) / 0.02))
    mono = 0.1 * chord + 0.3 * noise
    return np.stack([mono, 0.5 * mono], axis=1).clip(-1, 1)


def beats(times, positions=True):
    observations = [
        Observation(float(time), 0.0, 1 + number % 4 if positions else None)
        for number, time in enumerate(times)
    ]
    return Annotation("beat", tuple(observations))


def key(name, confidence=None):
    return Annotation("key_mode", (Observation(0.0, 0.0, name, confidence),))


def record(root):
    rng = np.random.default_rng(0)
    for number, name in enumerate(NAMES):
        seconds, beat = 8.0 + 0.5 * number, 0.4 + 0.02 * number
        soundfile.write(root / f"{name}.flac", recording(rng, seconds, beat), RATE)
        found = (key(KEYS[number % 5]), beats(np.arange(0.0, seconds - 0.1, beat)))
        sandbox = {"group": f"work-{number}", "licence": "CC0"}
        annotations.write(
            root / f"{name}.jams", Jams(seconds, found, title=f"Piece {number}", sandbox=sandbox)
        )
    soundfile.write(root / f"{SILENT}.flac", np.zeros((5 * RATE, 2)), RATE)
    annotations.write(root / f"{SILENT}.jams", Jams(5.0, (key("C:major"),)))


def guesses(system, number, duration):
    """Predictions of a system: the networks are right on the first tracks, the baselines never."""
    right = system in ("key-cnn", "beat-crnn") and number < 6
    if system.startswith("key"):
        return key(KEYS[number % 5] if right else "G:major", 0.5 + 0.04 * number)
    beat = 0.4 + 0.02 * number
    times = np.arange(0.0, duration - 0.1, beat if right else beat * 2 / 3)
    return beats(times, positions=system == "beat-crnn")


def predict(system, data):
    listed = []
    for track in data.divided.test:
        if track.id == UNPREDICTED and system == "key-cnn":
            continue
        number = NAMES.index(track.id)
        duration = annotations.read(Path(track.annotations)).duration
        path = paths.prediction(system, track.id)
        annotations.write(path, Jams(duration, (guesses(system, number, duration),)))
        listed.append({"track": track.id, "sha256": hash_file(path)})
    failures = [{"track": UNPREDICTED, "reason": "the disk forgot it <b>"}]
    listing = {
        "data_hash": data.data_hash,
        "split_hash": data.split_hash,
        "model_hash": "0123456789abcdef" if system in ("key-cnn", "beat-crnn") else "",
        "tracks": listed,
        "failures": failures if system == "key-cnn" else [],
    }
    paths.predictions(system).write_text(json.dumps(listing))


def train(system):
    folder = paths.model(system)
    folder.mkdir(parents=True)
    metric = "validation/weighted" if system == "key-cnn" else "validation/f_measure"
    rows = [f"{e},0.01,{2 / e:.3f},{1 - 1 / e:.3f},{2.2 / e:.3f}" for e in range(1, 13)]
    head = f"epoch,learning_rate,train/loss,{metric},validation/loss"
    (folder / "history.csv").write_text("\n".join([head, *rows]) + "\n")
    best = {"epoch": 12, "validation/loss": 0.18}
    training = {"parameters": 1234, "best": best, "commit": "f" * 40, "features_hash": "e" * 16}
    card = BaselineCard(name=system, task=system[:4].strip("-"), method="x", training=training)
    write_card(folder, card)


def build(root):
    """Make the tree in the current folder, which is `root`."""
    (root / "recordings").mkdir()
    record(root / "recordings")
    declared = loading.parse(DECLARATIONS)
    toy = declared.datasets["toy"]
    base.make_shard("toy", toy, 0, 1)
    parts = {f"work-{n}": "test" if n > 1 else ("train", "validation")[n] for n in range(10)}
    splits.write(paths.split("toy"), parts | {SILENT: "train"})
    downmix.compute(paths.index("toy", 0), paths.audio("toy", 22050, 0), 22050, toy.min_seconds, 1)
    for representation in declared.representations.values():
        out = paths.features("toy", representation, 0)
        features.compute(paths.audio("toy", 22050, 0), out, representation, 1)
    tiny.compare(declared)
    data = tiny.corpus_of(declared, "toy")
    for system in (*declared.experiments, *declared.baselines):
        if system in declared.experiments:
            train(system)
        predict(system, data)
        scoring.evaluate(entries.resolve(declared, system))
    return declared

"""Networks trained on labels that are unrelated to the sound must score at chance level.

Any leak (a test track among the training tracks, a label that reaches the features, a score on
training data) would show here.
"""

import json
import shutil
from pathlib import Path

import pytest

import tiny
from deepmir import paths
from deepmir.datasets import splits
from deepmir.declarations import entries, loading
from deepmir.evaluation import prediction, scoring
from deepmir.training import loop

DECLARED = {
    "datasets": {"tiny": {"source": "tones", "timbres": 20, "seconds": 2.1, "shards": 1}},
    "representations": {
        "cqt": {
            **{"kind": "cqt", "hop": 4410, "fmin": 65.406, "bins": 72, "bins_per_octave": 12},
            "conditioning": [{"kind": "log", "epsilon": 0.01}],
        }
    },
    "experiments": {
        "classes": {
            **{"dataset": "tiny", "task": "pitch_class", "representation": "cqt", "network": "d1"},
            "training": {
                **{"epochs": 12, "patience": 12, "patch_seconds": 2, "patches_per_epoch": 480},
                **{"learning_rate": 0.1, "device": "cpu"},
            },
        }
    },
}
CHANCE = 1 / 12


def shuffle_annotations(rng):
    """Give every recording the annotation of another one, regardless of its part."""
    path = paths.index("tiny", 0)
    index = json.loads(path.read_text())
    tracks = index["tracks"]
    keys = ("annotations", "annotations_sha256")
    said = [[track[key] for key in keys] for track in tracks]
    for track, place in zip(tracks, rng.permutation(len(tracks)), strict=True):
        track.update(zip(keys, said[place], strict=True))
    path.write_text(json.dumps(index))


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """The features of a data set, for both trainings."""
    root = tmp_path_factory.mktemp("tones")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        declared = loading.parse(DECLARED)
        Path("data/splits").mkdir(parents=True)
        splits.write(paths.split("tiny"), splits.make(declared.datasets["tiny"].members(), 0))
        tiny.prepare(declared)
    return root


@pytest.mark.parametrize("shuffled", [False, True])
def test_shuffled_labels_score_at_chance(line, tmp_path, monkeypatch, rng, shuffled):
    shutil.copytree(line, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    if shuffled:
        shuffle_annotations(rng)
    trained = entries.resolve(loading.parse(DECLARED), "classes")
    loop.train(trained, threads=1, progress=False)
    prediction.predict(trained, threads=1)
    scoring.evaluate(trained)
    score = tiny.scores("classes")["metrics"]["accuracy"]["mean"]
    if shuffled:  # 60 test tracks: the deviation of a guess is 0.036
        assert score < CHANCE + 4 * 0.036
    else:
        assert score > 0.9

"""Networks that are taught labels which have nothing to do with the sound must score at chance.

Whatever lets one do better (a test track among the training tracks, a label that reaches the
features, a score on training data) would show here.
"""

import json
from pathlib import Path

import pytest

import tiny
from deepmir import paths
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
    """Give every recording the annotation of another one, whatever its part."""
    path = paths.index("tiny", 0)
    index = json.loads(path.read_text())
    tracks = index["tracks"]
    keys = ("annotations", "annotations_sha256")
    said = [[track[key] for key in keys] for track in tracks]
    for track, place in zip(tracks, rng.permutation(len(tracks)), strict=True):
        track.update(zip(keys, said[place], strict=True))
    path.write_text(json.dumps(index))


@pytest.mark.parametrize("shuffled", [False, True])
def test_shuffled_labels_score_at_chance(tmp_path, monkeypatch, rng, shuffled):
    from deepmir.datasets import splits

    monkeypatch.chdir(tmp_path)
    declared = loading.parse(DECLARED)
    groups = declared.datasets["tiny"].members()
    Path("data/splits").mkdir(parents=True)
    splits.write(paths.split("tiny"), splits.make(groups, 0))
    tiny.prepare(declared)
    if shuffled:
        shuffle_annotations(rng)
    loop.train(entries.resolve(declared, "classes"), threads=1, progress=False)
    prediction.predict(entries.resolve(declared, "classes"), threads=1)
    scoring.evaluate(entries.resolve(declared, "classes"))
    score = tiny.scores("classes")["metrics"]["accuracy"]["mean"]
    if shuffled:  # 60 test tracks: the deviation of a guess is 0.036
        assert score < CHANCE + 4 * 0.036
    else:
        assert score > 0.9

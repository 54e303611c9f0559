"""Every experiment and baseline of studies/tasks on its songs: six, for one short epoch."""

from functools import partial
from pathlib import Path

import jams
import pytest
import yaml

import executed
import tiny
from deepmir import paths
from deepmir.datasets import splits
from deepmir.datasets.scores import Scores
from deepmir.declarations import entries, loading
from deepmir.evaluation import prediction, scoring
from deepmir.training import fitting, loop
from deepmir.workflow import stages

DECLARED = Path(__file__).parents[1] / "studies/tasks/params.yaml"
RAW = yaml.safe_load(DECLARED.read_text())
SONGS = [
    name
    for section in ("experiments", "baselines")
    for name, row in RAW[section].items()
    if row["dataset"] == "songs"
]
# Songs with chords, which few have: each part has all that any task is taught.
PARTS = {
    **dict.fromkeys(("aird-1157-s0", "oneill-1340-s0", "oneill-960-s0"), "train"),
    **{"oneill-1727-2-s0": "validation"},
    **dict.fromkeys(("oneill-523-s0", "bach-bwv287-s0"), "test"),
}
pytestmark = pytest.mark.end_to_end


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """Audio and features of the songs."""
    root = tmp_path_factory.mktemp("every task")
    declared = cut_short()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        Path("data/splits").mkdir(parents=True)
        songs = [s for s in declared.datasets["songs"].recordings() if s.id in PARTS]
        patch.setattr(Scores, "recordings", lambda self: songs)
        splits.write(paths.split("songs"), {song.group: PARTS[song.id] for song in songs})
        tiny.prepare(declared, sample_rates=rates(declared), workers=2)
    return root


def cut_short():
    """The declarations with one epoch and few patches."""
    raw = yaml.safe_load(DECLARED.read_text())
    raw["datasets"] = {"songs": {**raw["datasets"]["songs"], "shards": 1}}
    for section in ("experiments", "baselines"):
        raw[section] = {n: row for n, row in raw[section].items() if n in SONGS}
    for row in raw["experiments"].values():
        row["training"] |= {"epochs": 1, "patches_per_epoch": 16, "device": "cpu"}
    raw["evaluation"] = {"bootstrap": 100}
    raw["carried"] = {}
    return loading.parse(raw)


def rates(declared):
    """All sample rates of a data set that its experiments and baselines need."""
    return {
        *(representation.sample_rate for representation in declared.representations.values()),
        *(baseline.sample_rate for baseline in declared.baselines.values()),
    }


@pytest.mark.parametrize("name", SONGS)
def test_from_annotation_to_score(line, monkeypatch, name):
    monkeypatch.chdir(line)
    entry = entries.resolve(cut_short(), name)
    train = partial(loop.train, threads=1, progress=False)
    predict = partial(prediction.predict, threads=1)
    make = ("train", train) if entry.kind == "network" else ("fit", fitting.fit)
    for stage, run in (make, ("predict", predict), ("evaluate", scoring.evaluate)):
        executed.held_to(stages.closure_of(stage, entry.row), run, entry)
    result = tiny.scores(name)
    assert result["failures"] == []
    assert (
        result["metrics"][result["primary"]]["low"] <= result["metrics"][result["primary"]]["high"]
    )
    for path in sorted(Path(f"data/predictions/{name}/jams").iterdir())[:1]:
        jams.load(str(path), validate=True, strict=True)

"""An experiment that trains on several data sets: its own, and others with a share each."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml

import tiny
from deepmir.datasets import splits
from deepmir.declarations import entries
from deepmir.errors import DeepmirError
from deepmir.files import annotations
from deepmir.training import loop

OTHER = {"tiny": {"source": "folder", "path": "recordings", "shards": 2}}
OTHER["other"] = {"source": "folder", "path": "others", "shards": 1}


def declared(**also):
    raw = yaml.safe_load(tiny.DECLARED)
    beat = {**raw["experiments"]["beat-tiny"], "also": also}
    return tiny.parse(datasets=OTHER, experiments={"beat": beat}, baselines={})


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """The tiny set, and another of six recordings."""
    root = tmp_path_factory.mktemp("also")
    tiny.write(root, tracks=6)
    (root / "others").mkdir()
    for index in range(6):
        audio, jams = tiny.recording(20 + index)
        soundfile.write(root / f"others/other {index}.wav", audio, tiny.RATE)
        annotations.write(root / f"others/other {index}.jams", jams)
    parts = {f"other {i}": ("train", "validation", "test")[i % 3] for i in range(6)}
    splits.write(root / "data/splits/other.csv", parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        tiny.prepare(declared(other=0.25))
        yield root


def test_patches_are_drawn_from_each_by_its_share_and_all_validate(line):
    module = tiny.ready(declared(other=0.25), "beat")
    shares = {example.track: example.share for example in module.train_examples}
    assert sum(shares.values()) == pytest.approx(1)
    assert sum(share for track, share in shares.items() if "other" in track) == pytest.approx(0.25)
    validated = {example.track for example in module.validation_data.examples}
    assert validated == {"piece 1", "piece 4", "other 1", "other 4"}
    assert {e.share for e in tiny.ready(declared(), "beat").train_examples} == {0.5}


def test_the_card_says_what_it_was_trained_on(line):
    folder = loop.train(entries.resolve(declared(other=0.25), "beat"), threads=1, progress=False)
    said = json.loads((folder / "card.json").read_text())["training"]
    assert said["tracks"] == {"train": 4, "validation": 4}
    assert set(said["also"]) == {"other"} and said["also"]["other"]["share"] == 0.25


def test_what_does_not_use_it_is_what_it_was(line):
    with_it, without = (entries.resolve(declared(**also), "beat") for also in ({"other": 0.2}, {}))
    assert "also" not in json.dumps(without.decides) and "also" in json.dumps(with_it.decides)
    assert set(with_it.taught) > set(without.taught)
    assert len(with_it.taught) == len(set(with_it.taught))
    assert with_it.datasets == {"tiny", "other"}


@pytest.mark.parametrize(
    ("also", "said"),
    [
        ({"othr": 0.2}, "also: there is no data set 'othr'"),
        ({"tiny": 0.2}, "also.tiny: this is the experiment's own data set"),
        ({"other": 1.0}, "leaves nothing for tiny"),
        ({"other": -0.1}, "greater than or equal to 0"),
    ],
)
def test_shares_that_mean_nothing_are_refused(line, also, said):
    with pytest.raises(DeepmirError) as raised:
        declared(**also)
    assert "beat" in str(raised.value) and said in str(raised.value)


def test_a_test_track_that_another_set_trains_on_is_a_leak(line, tmp_path, monkeypatch):
    shutil.copytree(line, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    samples, rate = soundfile.read("recordings/piece 2.wav")
    soundfile.write("others/other 0.wav", samples + 1e-4 * np.sin(np.arange(len(samples))), rate)
    shutil.rmtree("data/audio")
    tiny.prepare(declared(other=0.25))
    with pytest.raises(DeepmirError, match=r"leak.*same audio") as raised:
        tiny.ready(declared(other=0.25), "beat")
    assert "piece 2" in str(raised.value) and "other 0" in str(raised.value)
    assert Path("others/other 0.wav").is_file()

"""`deepmir verify`: products are compared, and damaged ones named with the command to remake."""

import os
import shutil
from pathlib import Path

import pytest
import yaml

import tiny
from deepmir import cli, paths
from deepmir.files.store import Store


@pytest.fixture(scope="module")
def made(prepared, tmp_path_factory):
    """A pipeline with a baseline that learns, predicted and scored."""
    root = tmp_path_factory.mktemp("made") / "line"
    shutil.copytree(prepared, root)
    before = Path.cwd()
    os.chdir(root)
    raw = yaml.safe_load(Path("params.yaml").read_text())
    raw["experiments"] = {"key-tiny": raw["experiments"]["key-tiny"]}
    raw["baselines"] = {"key-logistic": raw["baselines"]["key-logistic"]}
    Path("params.yaml").write_text(yaml.safe_dump(raw))
    for stage in ("train", "predict", "evaluate"):
        assert cli.main([stage, "key-logistic"]) == 0
    os.chdir(before)
    return root


@pytest.fixture
def line(made, tmp_path, monkeypatch):
    shutil.copytree(made, tmp_path / "line")
    monkeypatch.chdir(tmp_path / "line")


def test_a_line_that_is_whole(line, capsys):
    assert cli.main(["verify"]) == 0
    said = capsys.readouterr().out
    assert "indices 2, recordings and annotations 24, files of arrays 4, arrays 24" in said
    assert "models 1" in said
    assert "predictions 4, scores 1" in said


def test_a_line_of_which_nothing_is_made(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text(tiny.DECLARED)
    assert cli.main(["verify"]) == 0
    assert "nothing has been made yet" in capsys.readouterr().out


def flip(path, place=-1):
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def an_array():
    raw = yaml.safe_load(Path("params.yaml").read_text())
    cqt = tiny.load(**{"datasets": raw["datasets"]}).representations["cqt"]
    path = paths.features("tiny", cqt, 0)
    store = Store([path], cqt.digest)
    flip(path, store._index[store.tracks[0]][1] + 5)
    return path, path


def a_file(pattern, again):
    def damage():
        path = sorted(Path().glob(pattern))[0]
        flip(path, -3)
        return path, again

    return damage


def some_metrics():
    path = Path("reports/metrics/key-logistic.json")
    path.write_text(path.read_text().replace('"tracks": 4', '"tracks": 5'))
    return path, "reports/scores/key-logistic.json"


def no_metrics():
    path = Path("reports/metrics/key-logistic.json")
    path.unlink()
    return path, "reports/scores/key-logistic.json"


DAMAGES = {
    "array": an_array,
    "weights": a_file("models/key-logistic/model.saf*", "models/key-logistic/card.json"),
    "prediction": a_file(
        "data/predictions/*/jams/*.jams", "data/predictions/key-logistic/index.json"
    ),
    "annotation": a_file("recordings/piece 0.jams", "data/raw/tiny/index/0000.json"),
    "recording": a_file("recordings/piece 0.wav", "data/raw/tiny/index/0000.json"),
    "list": a_file(
        "data/predictions/key-logistic/index.json", "data/predictions/key-logistic/index.json"
    ),
    "scores": a_file("reports/scores/key-logistic.json", "reports/scores/key-logistic.json"),
    "metrics": some_metrics,
    "no metrics": no_metrics,
}


@pytest.mark.parametrize("what", DAMAGES)
def test_what_is_damaged_is_named_with_what_makes_it_again(line, what, capsys):
    path, again = DAMAGES[what]()
    assert cli.main(["verify"]) == 1
    said = capsys.readouterr()
    named = [row for row in said.err.splitlines() if str(path) in row]
    assert any(f"`snakemake --cores 2 --force {again}`" in row for row in named), said.err
    assert "checked: indices 2" in said.out


def test_annotations_that_were_edited_are_not_learned_from_or_scored(line, capsys):
    path = Path("recordings/piece 2.jams")  # of the test part
    path.write_text(path.read_text().replace(" ", "  ", 1))
    assert cli.main(["evaluate", "key-logistic"]) == 1
    assert f"{path} has changed since it was indexed: index it" in capsys.readouterr().err

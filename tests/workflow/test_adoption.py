"""`deepmir adopt` without DVC installed."""

from importlib.util import find_spec

from deepmir import cli
from deepmir.workflow import adoption


def test_adopt_without_dvc_names_its_extra(monkeypatch, capsys):
    without = {"dvc": None}
    monkeypatch.setattr(adoption, "find_spec", lambda tool: without.get(tool, find_spec))
    assert cli.main(["adopt"]) == 1
    said = capsys.readouterr().err
    assert said == "deepmir: adopt needs dvc: pip install 'deepmir[pipeline]'\n"

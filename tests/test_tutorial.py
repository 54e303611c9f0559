"""The commands of docs/tutorial.md that train nothing have the output shown there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import programs
from deepmir.declarations import loading

ROOT = Path(__file__).parents[1]
TUTORIAL = (ROOT / "docs/tutorial.md").read_text("utf-8")
SHOWN = dict(re.findall(r"^```\n\$ ([^\n]+)\n(.*?)^```$", TUTORIAL, re.M | re.S))
QUICK = [command for command in SHOWN if not re.search("analyze|results", command)]


def block(kind, first):
    """The text of the block of a kind with this beginning."""
    return re.search(rf"^```{kind}\n({re.escape(first)}.*?)^```$", TUTORIAL, re.M | re.S)[1]


@pytest.fixture(scope="module")
def top(tmp_path_factory):
    """A folder with the files of the tutorial and its generated loops."""
    folder = tmp_path_factory.mktemp("tutorial")
    study = folder / "studies/loops"
    study.mkdir(parents=True)
    (study / "make_loops.py").write_text(block("python", '"""Make loops/'))
    (study / "params.yaml").write_text(block("yaml", "datasets:"))
    subprocess.run([sys.executable, "make_loops.py"], cwd=study, check=True)
    return folder


def test_there_are_commands():
    assert len(QUICK) == 4


@pytest.mark.parametrize("command", QUICK)
def test_the_page_shows_what_is_printed(command, top):
    done = subprocess.run(
        command,
        shell=True,
        cwd=top,
        env=programs.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    for part in SHOWN[command].split("...\n"):
        assert part in done.stdout


def test_the_second_experiment_can_be_added(top, monkeypatch):
    first = (top / "studies/loops/params.yaml").read_text()
    added = block("yaml", "  beat-conv:")
    text = first.replace("\nbaselines:", f"{added}\nbaselines:") + block("yaml", "defaults:")
    monkeypatch.chdir(top)
    Path("params.yaml").write_text(text)
    assert loading.load().defaults == {"beat": "beat-conv"}

"""Locations of data sets: impossible ones are refused, missing ones are named."""

import numpy as np
import pytest
import soundfile
import yaml

from deepmir.cli import main


@pytest.fixture
def check(tmp_path, monkeypatch, capsys):
    """Run `deepmir check` on a data set; returns its status and output."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()

    def of(declaration):
        raw = {"datasets": {"d": declaration}, "representations": {}}
        (tmp_path / "params.yaml").write_text(yaml.safe_dump(raw))
        status = main(["check"])
        said = capsys.readouterr()
        return status, said.out + said.err

    return of


GIANTSTEPS = {"source": "mirdata", "name": "giantsteps_key", "home": "folder"}


@pytest.mark.parametrize(
    ("declaration", "said"),
    [
        (GIANTSTEPS | {"name": "giantsteps"}, "datasets.d: name: .*'giantsteps'.*mean"),
        (GIANTSTEPS | {"name": "os"}, "datasets.d: name: .*'os'"),
        (
            GIANTSTEPS | {"version": "2"},
            "datasets.d: version: .* has no '2' .it has default, test,",
        ),
        (GIANTSTEPS | {"home": "file"}, "datasets.d: home: file is not a folder"),
        (GIANTSTEPS | {"home": "file/below/it"}, "datasets.d: home: file is not a folder"),
        ({"source": "folder", "path": "file"}, "datasets.d: path: file is not a folder"),
        ({"source": "rendered", "home": "file/x"}, "datasets.d: home: file is not a folder"),
        ({"source": "jamendolyrics", "home": "file"}, "datasets.d: home: file is not a folder"),
        ({"source": "fretsonfire", "home": "file"}, "datasets.d: home: file is not a folder"),
        ({"source": "fretsonfire", "packages": ["../x"]}, "datasets.d.packages.0: .*pattern"),
        ({"source": "folder", "path": "x" * 300}, "datasets.d.path: a name in a path .* 255"),
        ({"source": "rendered", "soundfonts": ["TimGM"]}, "soundfonts: .*'TimGM'.*'TimGM6mb'"),
        ({"source": "rendered", "test_soundfont": "FluidR3"}, "test_soundfont: .*'FluidR3_GM'"),
        ({"source": "rendered", "test_soundfont": "TimGM6mb"}, "is for test tracks only: remove"),
        (
            {"source": "rendered", "hours": 0.01},
            "datasets.d: 0.01 hours are too short for a track of 75",
        ),
        ({"source": "rendered", "collections": ["pop909"] * 2}, "collections: 'pop909' appears t"),
    ],
)
def test_a_data_set_that_cannot_be_is_refused(check, declaration, said):
    status, told = check(declaration)
    assert status == 1
    assert told.count("\n") == 1
    with pytest.raises(ValueError, match=said):
        raise ValueError(told.strip())


@pytest.mark.parametrize(
    ("declaration", "how"),
    [
        (GIANTSTEPS | {"home": "nowhere/at/all"}, "`deepmir fetch`"),
        ({"source": "folder", "path": "nowhere"}, "nowhere"),
        ({"source": "jamendolyrics", "home": "nowhere"}, "`git clone"),
        ({"source": "fretsonfire", "home": "folder"}, "`apt install fretsonfire-songs-muldjord`"),
        ({"source": "rendered", "home": "nowhere"}, "`deepmir fetch`"),
    ],
)
def test_a_data_set_that_is_not_there_yet_is_one_line_with_how_to_get_it(check, declaration, how):
    status, told = check(declaration)
    assert status == 0
    summary, absent = told.splitlines()
    assert summary.startswith("params.yaml: data sets 1")
    assert absent.startswith("params.yaml: datasets.d is not available yet: ")
    assert how in absent


@pytest.mark.parametrize(
    "declaration",
    [{"source": "scores"}, {"source": "tones"}, {"source": "folder", "path": "folder"}],
)
def test_a_data_set_that_is_there_or_made_is_not_told_of(check, declaration):
    soundfile.write("folder/song.wav", np.zeros(800), 8000)
    status, told = check(declaration)
    assert (status, told.count("\n")) == (0, 1)

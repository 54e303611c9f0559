"""Missing data: dependent entries are left out and named, all others can run."""

import pytest
import yaml

import tiny
from deepmir import paths
from deepmir.datasets.folder.dataset import Folder
from deepmir.declarations import loading
from deepmir.errors import DeepmirError, MissingDataError
from deepmir.workflow import availability


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny.write(tmp_path, tracks=3)


def declared(**datasets):
    raw = yaml.safe_load(tiny.DECLARED)
    raw["datasets"] |= datasets
    name = next(iter(datasets))
    raw["carried"] = {"far": {"model": "key-tiny", "dataset": name}}
    raw["folds"] = {"folded": {"entry": "key-tiny", "dataset": name, "folds": 3}}
    raw["baselines"]["other"] = {"dataset": name, "task": "key", "method": "krumhansl"}
    raw["defaults"] = {"key": "key-tiny"}
    return loading.parse(raw)


def test_only_what_needs_the_missing_data_is_left_out(root):
    found = availability.of(declared(mine={"source": "folder", "path": "nowhere"}))
    assert found.left_out == {"mine": ("other", "folded", "far")}
    assert found.params.shown == loading.parse(yaml.safe_load(tiny.DECLARED)).shown
    assert found.params.defaults == {"key": "key-tiny"}
    (note,) = found.notes
    assert note.startswith(
        "left out because the data set mine is not available: other, folded, far. "
    )
    assert "nowhere is missing" in note


def test_what_is_made_of_an_entry_is_left_out_with_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the recordings of `tiny` are not here
    found = availability.of(declared(scores={"source": "scores"}))
    assert found.params.shown == ["other"]
    assert found.params.defaults == {}


def test_nothing_is_left_out_where_all_is_here(root):
    found = availability.of(tiny.parse())
    assert found.notes == []
    assert found.params == tiny.parse()
    (note,) = found.waiting
    assert note.startswith(
        f"not scored yet: {', '.join(found.params.shown)}; to score them: `snakemake"
    )
    for name in found.params.shown:
        paths.scores(name).parent.mkdir(parents=True, exist_ok=True)
        paths.scores(name).touch()
    assert found.waiting == []


def test_data_that_nobody_has_divided_are_refused_with_the_command(root):
    found = availability.of(tiny.parse())
    assert availability.undivided(found) == []
    paths.split("tiny").rename("elsewhere.csv")
    (line,) = availability.undivided(found)
    assert "splits/tiny.csv is missing: make it with `deepmir split tiny`" in line


def test_a_split_that_gives_a_group_two_parts_is_refused(root):
    with paths.split("tiny").open("a") as file:
        file.write("one,train\none,test\n")
    (line,) = availability.undivided(availability.of(tiny.parse()))
    assert "splits/tiny.csv, line" in line
    assert "leak, one is in the part train and in test" in line


def test_metrics_of_what_is_no_longer_declared_are_named(root):
    folder = paths.metrics("x").parent
    folder.mkdir(parents=True)
    for name in ("key-tiny", "gone"):
        (folder / f"{name}.json").touch()
    (line,) = availability.of(tiny.parse()).removed
    assert line.endswith("not in params.yaml: reports/metrics/gone.json; delete them")


def test_the_data_of_a_generator_too(root):
    raw = yaml.safe_load(tiny.DECLARED)
    raw["generators"] = {"mean": {"kind": "pca", "dataset": "tiny", "representation": "mel"}}
    found = availability.of(loading.parse({**raw, "experiments": {}, "baselines": {}}))
    assert availability.undivided(found) == []
    paths.split("tiny").rename("elsewhere.csv")
    (line,) = availability.undivided(found)
    assert "make it with `deepmir split tiny`" in line


def test_what_has_run_when_its_data_were_here_is_still_shown(root):
    found = availability.of(declared(mine={"source": "folder", "path": "nowhere"}))
    assert found.scored == []
    paths.scores("other").parent.mkdir(parents=True)
    paths.scores("other").touch()
    assert found.scored == ["other"]
    assert "other" not in found.params.shown


def test_data_that_are_here_and_broken_are_an_error(root):
    (tiny.Path("recordings") / "piece 0.jams").write_text("{")
    (tiny.Path("recordings") / "metadata.csv").write_text("filename\n")
    with pytest.raises(DeepmirError) as caught:
        availability.of(tiny.parse())
    assert not isinstance(caught.value, MissingDataError)


@pytest.mark.parametrize(
    ("declaration", "said"),
    [
        ({"source": "folder", "path": "nowhere"}, "nowhere is missing: correct `path`"),
        ({"source": "fretsonfire", "home": "nowhere"}, "`apt install fretsonfire-songs-muldjord`"),
        ({"source": "jamendolyrics", "home": "nowhere"}, "nowhere/JamendoLyrics.csv is missing: "),
        ({"source": "mirdata", "name": "gtzan_genre", "home": "nowhere"}, "deepmir fetch"),
        ({"source": "rendered", "home": "nowhere"}, "deepmir fetch"),
        (
            {"source": "rendered", "collections": ["music21"], "drums": "patterns",
             "soundfonts": ["TimGM6mb", "FluidR3_GM"]},
            "the soundfont FluidR3_GM .* is missing: `apt install fluid-soundfont-gm`",
        ),
    ],
)  # fmt: skip
def test_every_source_says_how_to_get_its_data(declaration, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    from deepmir_render.sources import soundfonts

    monkeypatch.setattr(soundfonts, "FOLDERS", ("nowhere",))
    found = tiny.parse(datasets={"tiny": {"source": "tones"}, "there": declaration}).datasets
    with pytest.raises(MissingDataError, match=said):
        found["there"].state()


def test_a_job_takes_what_the_plan_has_found_and_looks_at_no_recording(root, monkeypatch):
    params = declared(mine={"source": "folder", "path": "nowhere"})
    found = availability.of(params)
    availability.remember(found)
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "state", lambda self: pytest.fail("it has looked"))
        assert availability.planned(params) == found
    # Declared since, or never remembered: it looks.
    more = declared(another={"source": "folder", "path": "nowhere"})
    assert availability.planned(more) == availability.of(more)
    paths.AVAILABLE.unlink()
    assert availability.planned(params) == found

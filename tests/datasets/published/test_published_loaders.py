from pathlib import Path

import jams
import layouts
import numpy as np
import pytest
import soundfile
from layouts import LAYOUTS
from published_formats import SECONDS

from deepmir import tasks
from deepmir.datasets.index import Member, Track
from deepmir.datasets.published import table
from deepmir.datasets.published.dataset import track_id
from deepmir.datasets.published.loader import nothing
from deepmir.files import annotations
from deepmir.tasks.base import Grid

GRID = Grid(0.0, 0.01, round(SECONDS / 0.01))
DOCS = Path(__file__).parents[3] / "docs/how-to/published-sets.md"


@pytest.fixture(scope="module", params=sorted(LAYOUTS))
def published(request, tmp_path_factory):
    """A set's layout, its declaration and its results by track."""
    folder = tmp_path_factory.mktemp("published")
    declaration = layouts.write(folder / "home", request.param)
    results = list(declaration.collect(folder / "raw", 0, 1))
    assert all(isinstance(result, Track) for result in results), results
    return LAYOUTS[request.param], declaration, {track.id: track for track in results}


def first(published):
    layout, _, tracks = published
    return Path(tracks[track_id(next(iter(layout.rows)))].annotations)


def test_there_is_a_layout_for_every_loader():
    assert set(LAYOUTS) == set(table.LOADERS)


def test_every_loader_of_mirdata_is_mapped_or_said_to_serve_no_task():
    import mirdata

    assert sorted(mirdata.list_datasets()) == sorted([*table.LOADERS, *table.UNSERVED])
    assert not {*table.LOADERS} & {*table.UNSERVED}


def test_the_annotations_are_valid_jams(published):
    _, _, tracks = published
    for track in tracks.values():
        assert jams.load(track.annotations).validate(strict=True)


def test_the_annotations_say_what_the_published_files_say(published):
    read = annotations.read(first(published))
    assert read.duration == SECONDS
    for (namespace, kind), rows in published[0].said.items():
        found = read.first(namespace, kind)
        assert found is not None, namespace
        got = [(o.time, o.duration, o.value) for o in found.observations]
        assert len(got) == len(rows), (namespace, got)
        for mine, theirs in zip(got, rows, strict=True):
            assert mine[:2] == pytest.approx(theirs[:2], abs=2e-3), namespace
            assert mine[2] == theirs[2] or mine[2] == pytest.approx(theirs[2], rel=1e-3), namespace


def test_each_task_of_a_loader_has_a_target(published):
    read = annotations.read(first(published))
    for name, labels in published[0].tasks.items():
        target = tasks.get(name, labels).target(read, GRID)
        assert target is not None, name
        assert (target > 0).any(), name


def test_no_annotation_is_one_that_no_task_reads(published):
    """A useless conversion would be a mistake in the table."""
    read = annotations.read(first(published))
    said = {(a.namespace, a.sandbox.get("kind", "")) for a in read.annotations}
    assert {namespace for namespace, _ in said} <= {n for n, _ in published[0].said} | {"tag_open"}


def test_groups_strata_and_official_parts(published):
    layout, declaration, tracks = published
    wanted = {track_id(name): Member(*member) for name, member in layout.member.items()}
    assert declaration.members() == list(wanted.values())
    assert {t.id: (t.group, t.stratum) for t in tracks.values()} == {
        name: (member.group, member.stratum) for name, member in wanted.items()
    }


def test_the_recordings_stay_where_they_are_but_for_mixes(published):
    _, declaration, tracks = published
    for track in tracks.values():
        assert declaration.home in Path(track.audio).parents or track.id == "beethoven-horn"
        assert track.licence


def test_voices_are_mixed(tmp_path):
    declaration = layouts.write(tmp_path / "home", "phenicx_anechoic")
    tracks = {track.id: track for track in declaration.collect(tmp_path / "raw", 0, 1)}
    mix, rate = soundfile.read(tracks["beethoven-horn"].audio)
    horns = [soundfile.read(declaration.home / f"audio/beethoven/horn{i}.wav")[0] for i in (1, 2)]
    assert rate == 8000
    assert mix == pytest.approx(np.mean(horns, axis=0), abs=1e-6)


def documented():
    """The rows of the table in the documentation."""
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line[:3] == "| `"]


def test_the_documentation_has_a_row_for_every_loader():
    rows = documented()
    assert [row[0] for row in rows] == [f"`{name}`" for name in table.LOADERS]
    for (_, _, group, split, audio, _), loader in zip(rows, table.LOADERS.values(), strict=True):
        assert (group == "–") == (loader.group is nothing)
        assert (split == "–") == (loader.parts is None)
        assert (audio == "own") == loader.own_audio


def test_the_documentation_names_the_tasks_that_a_loader_serves():
    for row in documented():
        name, told = row[0].strip("`"), row[1].replace("chords", "chord, chord_large")
        if "notes" in told:
            told += ", onset, offset, chroma"
        said = {task.partition(" (")[0] for task in told.split(", ")}
        assert {*LAYOUTS[name].tasks} <= said, name
        assert said <= {*LAYOUTS[name].tasks, "onset", "offset", "chroma"}, name


def test_the_documentation_says_which_loaders_serve_no_task():
    text = DOCS.read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in table.UNSERVED)

from pathlib import Path

import jams
import layouts
import pytest
from layouts import LAYOUTS
from published_formats import SECONDS

from deepmir import tasks
from deepmir.datasets.index import Member, Track
from deepmir.datasets.published import table
from deepmir.datasets.published.dataset import track_id
from deepmir.files import annotations
from deepmir.tasks.base import Grid

GRID = Grid(0.0, 0.01, round(SECONDS / 0.01))
DOCS = Path(__file__).parents[3] / "docs/how-to/published-sets.md"


@pytest.fixture(params=sorted(LAYOUTS))
def published(request, tmp_path):
    """A set's layout, its declaration and what was collected of it, by track."""
    declaration = layouts.write(tmp_path / "home", request.param)
    results = list(declaration.collect(tmp_path / "raw", 0, 1))
    assert all(isinstance(result, Track) for result in results), results
    return LAYOUTS[request.param], declaration, {track.id: track for track in results}


def first(published):
    layout, _, tracks = published
    return Path(tracks[track_id(next(iter(layout.rows)))].annotations)


def test_there_is_a_layout_for_every_loader():
    assert set(LAYOUTS) == set(table.LOADERS)


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
    """What is converted in vain would be a mistake in the table."""
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


def test_the_recordings_stay_where_they_are(published):
    _, declaration, tracks = published
    for track in tracks.values():
        assert declaration.home in Path(track.audio).parents
        assert track.licence


def test_the_documentation_has_a_row_for_every_loader():
    text = DOCS.read_text(encoding="utf-8")
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| `")]
    assert rows == [f"`{name}`" for name in table.LOADERS]

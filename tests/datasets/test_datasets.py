import shutil
from collections import namedtuple
from pathlib import Path

import pytest

import tiny
from deepmir import paths
from deepmir.datasets import base, index, splits
from deepmir.datasets.folder.dataset import Folder
from deepmir.datasets.index import Track, each_track, read_index, shard_of, write_index
from deepmir.errors import DeepmirError
from deepmir.files.store import Failure


@pytest.fixture
def declaration(tmp_path, monkeypatch):
    tiny.write(tmp_path, tracks=4)
    monkeypatch.chdir(tmp_path)
    return tiny.load().datasets["tiny"]


def collected(declaration):
    shards = range(declaration.shards)
    for shard in shards:
        base.make_shard("tiny", declaration, shard, workers=1)
    return read_index([paths.index("tiny", shard) for shard in shards])


def test_every_recording_is_in_one_shard(declaration):
    index = collected(declaration)
    assert [track.id for track in index.tracks] == [f"piece {i}" for i in range(4)]
    assert all(Path(track.audio).exists() for track in index.tracks)


def test_a_recording_that_goes_missing_moves_no_other(declaration):
    before = {t.id: shard_of(t.id, 2) for t in collected(declaration).tracks}
    Path("recordings/piece 1.wav").unlink()
    after = {t.id: shard_of(t.id, 2) for t in collected(declaration).tracks}
    assert after == {name: shard for name, shard in before.items() if name != "piece 1"}


def test_what_is_wrong_with_one_recording_is_said_by_name_and_the_rest_goes_on(declaration):
    Path("recordings/piece 0.jams").unlink()
    Path("recordings/piece 1.jams").write_text("{")
    Path("recordings/piece 2.wav").write_bytes(b"")
    index = collected(declaration)
    assert [track.id for track in index.tracks] == ["piece 3"]
    reasons = {failure.track: failure.reason for failure in index.failures}
    assert "piece 0.jams is missing beside it" in reasons["piece 0"]
    assert "not a readable JAMS file" in reasons["piece 1"]
    assert "empty (0 bytes)" in reasons["piece 2"]


def test_a_changed_recording_changes_the_state(declaration):
    before = declaration.state()
    assert len(before) == 64  # however many there are: each shard's job keeps it
    Path("recordings/piece 0.wav").write_bytes(b"other")
    assert declaration.state() != before


def test_a_missing_or_empty_folder_is_one_clear_line(tmp_path):
    with pytest.raises(DeepmirError, match="is missing: correct `path` in params.yaml"):
        Folder(source="folder", path=tmp_path / "none").recordings()
    with pytest.raises(DeepmirError, match="contains no audio files"):
        Folder(source="folder", path=tmp_path).recordings()


def test_two_recordings_of_one_name_are_refused(declaration):
    shutil.copy("recordings/piece 0.wav", "recordings/piece 0.flac")
    with pytest.raises(DeepmirError, match=r"would both be the track piece 0: keep one"):
        declaration.recordings()


def fails(_):
    raise RuntimeError("System error.")


def test_an_unforeseen_error_is_the_tracks_own():
    assert list(each_track(fails, ["a"], str, 1)) == [Failure("a", "RuntimeError: System error.")]


def test_a_full_disk_is_not_taken_for_a_bad_track(monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(100, 100, 0))
    with pytest.raises(DeepmirError, match="the disk is full; free some space"):
        list(each_track(fails, ["a"], str, 1))


def test_workers_give_the_same_results_in_the_same_order():
    items = ["b", "a", "c"]
    assert list(each_track(str.upper, items, str, 2)) == ["B", "A", "C"]


@pytest.mark.parametrize("text", ["", "[]", '{"tracks": [{"id": 1}], "failures": []}'])
def test_a_broken_index_is_refused_by_name(tmp_path, text):
    (tmp_path / "0000.json").write_text(text)
    with pytest.raises(DeepmirError, match=r"0000.json is not an index"):
        read_index([tmp_path / "0000.json"])


def test_a_track_in_two_shards_is_refused(tmp_path):
    track = Track("a", "a", "", "a.wav", "a.jams", "1", "2", "CC0")
    files = [tmp_path / "0.json", tmp_path / "1.json"]
    for path in files:
        write_index(path, [track])
    with pytest.raises(DeepmirError, match="the track a is also in another shard"):
        read_index(files)


def test_the_committed_split_serves_every_track_of_scores():
    from deepmir_render.tracks import scores

    study = Path(__file__).parents[2] / "studies/tasks"
    parts = splits.read(study / paths.split("scores"))
    tracks = scores("full")
    assert {track.group for track in tracks} == set(parts)
    small = [parts[track.group] for track in scores("small")]
    for part, share in splits.SHARES.items():
        assert small.count(part) / len(small) == pytest.approx(share, abs=0.06)


def fail_at(number):
    """Divide by zero at one common place; refuse negative numbers."""
    if number < 0:
        raise DeepmirError("negative")
    return 1 // number


@pytest.mark.parametrize("workers", [1, 2])
def test_a_bug_leaves_its_traceback_and_a_mistake_of_the_user_none(capfd, monkeypatch, workers):
    monkeypatch.setattr(index, "_bugs", set())
    found = list(each_track(fail_at, [0, 1, 0, -1, 0], lambda n: f"n{n}", workers))
    zero = Failure("n0", "ZeroDivisionError: integer division or modulo by zero")
    assert found == [zero, 1, zero, Failure("n-1", "negative"), zero]
    error = capfd.readouterr().err
    # Once in each process that met it; after that in a line.
    assert 1 <= error.count("Traceback") <= workers
    assert "return 1 // number" in error
    assert error.count("deepmir: n0: ZeroDivisionError: integer division or modulo by zero\n") == 3
    assert "negative" not in error

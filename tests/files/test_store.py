import errno
import fcntl
import os

import h5py
import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir.files import store
from deepmir.files.store import Entry, Failure, Header, Store

HEADER = Header("features", "abc", {"frame_rate": 50.0})


def entries(rng):
    return [
        Entry(f"track-{i}", rng.standard_normal((10 + i, 4)).astype(np.float16), f"hash-{i}")
        for i in range(5)
    ]


@pytest.fixture
def path(tmp_path, rng):
    path = tmp_path / "shard.h5"
    store.write(path, HEADER, [*entries(rng), Failure("bad", "no samples")])
    return path


def test_what_is_written_is_read(path):
    opened = Store([path], "abc")
    assert opened.tracks == [f"track-{i}" for i in range(5)]
    for entry in entries(np.random.default_rng(0)):
        np.testing.assert_array_equal(opened[entry.track], entry.array)
        assert opened.length(entry.track) == len(entry.array)
        assert opened.sources[entry.track] == entry.source
    assert opened.failures == {"bad": "no samples"}
    assert "bad" not in opened


def test_arrays_are_views_of_the_file_and_cannot_be_written(path):
    array = Store([path], "abc")["track-0"]
    assert isinstance(array.base, np.memmap) or isinstance(array, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 0


def test_a_copy_is_the_array_without_the_map(path):
    opened = Store([path], "abc")
    for track in opened.tracks:
        np.testing.assert_array_equal(opened.read(track), opened[track])
    assert opened.read(opened.tracks[0]).flags.writeable


def test_another_declaration_is_refused(path):
    with pytest.raises(DeepmirError, match="made from declaration abc, not other"):
        Store([path], "other")


def test_a_truncated_file_is_refused(path):
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(DeepmirError, match="not a complete store"):
        Store([path], "abc")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(DeepmirError, match="is missing: make it again with `snakemake"):
        Store([tmp_path / "none.h5"], "abc")


def test_a_kill_while_writing_leaves_what_was_there(path, rng):
    before = path.read_bytes()

    def killed():
        yield entries(rng)[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.write(path, HEADER, killed())
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_full_disk_is_one_clear_line(path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(h5py.h5d, "create", full)
    with pytest.raises(DeepmirError, match="the disk is full; free some space"):
        store.write(path, HEADER, entries(np.random.default_rng(0)))
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_the_same_content_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        store.write(tmp_path / name, HEADER, entries(np.random.default_rng(0)))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_an_empty_shard_is_a_store(tmp_path):
    store.write(tmp_path / "empty.h5", HEADER, [])
    assert Store([tmp_path / "empty.h5"], "abc").tracks == []


def test_a_file_is_read_where_it_cannot_be_locked(path):
    with path.open("r+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX)  # as a file system without locks refuses one
        assert Store([path], "abc").tracks


def test_a_file_that_is_made_anew_while_it_is_read_is_not_called_damaged(path):
    opened = Store([path], "abc")
    os.utime(path, (1, 1))  # however coarse the clock is
    store.write(path, HEADER, entries(np.random.default_rng(1)))
    with pytest.raises(DeepmirError, match="replaced by another process .* run again"):
        opened.read("track-0")

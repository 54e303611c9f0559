"""Products whose writing is killed or runs out of space, or that are damaged or removed."""

import contextlib
import errno
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

import tiny
from deepmir import paths
from deepmir.datasets import index
from deepmir.declarations import entries
from deepmir.errors import DamagedError, DeepmirError
from deepmir.evaluation import prediction, results, scoring
from deepmir.files import audio, hashes, libsndfile, store
from deepmir.files.store import Entry, Header, Store
from deepmir.files.writing import PARTIAL, is_full, replacing, write_json

KILLED = """
import os, signal, sys
from pathlib import Path
from deepmir.files.writing import replacing
with replacing(Path(sys.argv[1])) as temporary:
    temporary.write_text("half of it")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def write_store(path, tracks=3):
    rng = np.random.default_rng(0)
    each = (Entry(f"t{i}", rng.random((50, 8), np.float32), "0" * 64) for i in range(tracks))
    store.write(path, Header("features", "abc"), each)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The folder of a pipeline that declares nothing."""
    (tmp_path / "params.yaml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def limited():
    """No file may exceed 100 kB: the system refuses as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, ignored)


def test_a_killed_write_leaves_nothing_among_the_products(here):
    target = Path("data/raw/songs/index/0000.json")
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False)
        assert done.returncode == -signal.SIGKILL
        assert not [path for path in Path("data").rglob("*") if path.is_file()]
        assert len([*PARTIAL.iterdir()]) == 1  # the second has swept what the first one left
    write_json(target, [])
    assert not [*PARTIAL.iterdir()]


def test_a_killed_write_to_another_place_is_swept_there(here, tmp_path_factory):
    target = tmp_path_factory.mktemp("elsewhere") / "song.jams"
    subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False)
    assert len([*target.parent.iterdir()]) == 1
    write_json(target, [])
    assert [*target.parent.iterdir()] == [target]


def test_what_another_process_writes_now_is_not_swept(here):
    target = Path("data/a.json")
    with replacing(target) as mine:
        other = mine.with_name(mine.name.replace(f".{os.getpid()}.", f".{os.getppid()}."))
        other.write_text("still writing")
        mine.write_text("{}")
    write_json(target, {})
    assert other.exists()


def test_two_writers_of_one_file_leave_it_whole(here):
    """Each writes its own file and moves it into place."""
    path = Path("data/a.json")
    write_json(path, [0] * 1000)
    lines = "import sys; from pathlib import Path; from deepmir.files.writing import write_json"
    code = f"{lines}\nfor i in range(300): write_json(Path('{path}'), [int(sys.argv[1])] * 1000)"
    both = [subprocess.Popen([sys.executable, "-c", code, number]) for number in "12"]
    while any(one.poll() is None for one in both):
        assert len({*json.loads(path.read_text())}) == 1
    assert [one.wait() for one in both] == [0, 0]
    assert not [*PARTIAL.iterdir()]


@pytest.mark.parametrize("what", ["store", "json"])
def test_a_full_disk_is_one_line_and_keeps_what_is_there(here, limited, what):
    path = Path("data/features/0000.h5")
    write_store(path)
    before = path.read_bytes()
    with pytest.raises(DeepmirError, match=r"0000\.h5: the disk is full; free some space"):
        if what == "store":
            write_store(path, tracks=500)
        else:
            write_json(path, ["x" * 80] * 10_000)
    assert path.read_bytes() == before
    assert not [*PARTIAL.iterdir()]


def test_a_full_disk_is_seen_through_other_errors():
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            raise RuntimeError("could not commit") from error
    except RuntimeError as error:
        assert is_full(error)
    assert not is_full(RuntimeError("a bug"))


def test_a_real_full_disk(here, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(small)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("mounting is not permitted")
    try:
        with pytest.raises(DeepmirError, match="the disk is full"):
            write_store(small / "0000.h5", tracks=500)
        assert not [*small.iterdir()]
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_folder_that_cannot_be_written_is_named(here, monkeypatch):
    def refused(*args, **kwargs):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "touch", refused)
    with pytest.raises(DeepmirError, match=r"^data/a\.json cannot be written \(Read-only file"):
        write_json(Path("data/a.json"), {})


def test_every_flipped_bit_of_an_array_is_found(here, rng):
    path = Path("data/features/0000.h5")
    write_store(path)
    data = path.read_bytes()
    good = Store([path], "abc")
    for track in good.tracks:
        _, offset, shape, kind = good._index[track]
        for _ in range(20):
            place = offset + int(rng.integers(np.prod(shape) * kind.itemsize))
            changed = bytearray(data)
            changed[place] ^= 1 << int(rng.integers(8))
            path.write_bytes(changed)
            for use in (Store.read, Store.__getitem__):
                with pytest.raises(DamagedError, match=rf"the array of the track {track} is"):
                    use(Store([path], "abc"), track)


def test_a_store_cut_anywhere_is_refused_or_damaged(here):
    path = Path("data/features/0000.h5")
    write_store(path)
    data = path.read_bytes()
    for kept in range(0, len(data) - 1, 1024):
        path.write_bytes(data[:kept])
        with pytest.raises(DeepmirError, match=r"--force data/features/0000\.h5"):
            [Store([path], "abc").read(f"t{i}") for i in range(3)]


def test_a_damaged_store_stops_the_job_and_is_no_failure_of_the_track():
    def read(item):
        raise DamagedError("data/features/0000.h5: damaged")

    with pytest.raises(DamagedError):
        [*index.each_track(read, ["a"], str, 1)]


@pytest.fixture
def line(root):
    """An entry with predicted test tracks."""
    entry = entries.resolve(tiny.load(), "key-krumhansl")
    prediction.predict(entry, threads=1)
    return entry


def prediction_file():
    return sorted(Path("data/predictions/key-krumhansl/jams").iterdir())[0]


def test_a_prediction_that_is_edited_is_not_scored(line):
    scoring.evaluate(line)
    file = prediction_file()
    file.write_text(file.read_text().replace('"time": 0.0', '"time": 0.5', 1))
    with pytest.raises(DeepmirError, match=rf"{file.name} has changed .*predict again with"):
        scoring.evaluate(line)


def test_a_prediction_that_is_removed_is_named(line):
    prediction_file().unlink()
    with pytest.raises(DeepmirError, match=r"\.jams is missing: predict again with"):
        scoring.evaluate(line)


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "[" * 100_000, '{"tracks": 3}'])
def test_an_index_that_is_none_is_one_line(line, text):
    for path, read in (
        (paths.predictions(line.name), lambda: scoring.evaluate(line)),
        (paths.index("tiny", 0), lambda: index.read_index([paths.index("tiny", 0)])),
    ):
        path.write_text(text)
        with pytest.raises(DeepmirError, match=rf"{path}.* --force {path}"):
            read()


@pytest.mark.parametrize("text", ["", "null", "[]", "{", "[" * 100_000])
def test_scores_that_are_broken_are_named(line, text):
    scoring.evaluate(line)
    path = paths.scores(line.name)
    path.write_text(text)
    with pytest.raises(DeepmirError, match=rf"{path} is broken .* --force {path}"):
        results.read_one(line)


def encoded(path, seconds=8.0, rate=22050):
    time = np.arange(int(seconds * rate)) / rate
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 440 * time * (1 + 0.1 * time)), rate)
    return path.read_bytes()


@pytest.mark.parametrize("suffix", ["wav", "ogg", "flac"])
def test_a_recording_cut_anywhere_is_whole_or_refused(here, suffix):
    """With the pipeline's reader; accepted ones may lack a packet."""
    path = Path(f"song.{suffix}")
    data = encoded(path)
    length = len(audio.load(path, 22050))
    accepted = 0
    for kept in range(0, len(data) - 1, max(1024, len(data) // 60)):
        path.write_bytes(data[:kept])
        with contextlib.suppress(DeepmirError):
            assert len(audio.load(path, 22050)) >= length * (1 - libsndfile.LOST)
            accepted += 1
    assert accepted <= 1


def test_content_decides_and_is_hashed_once(here, monkeypatch):
    song, memory = Path("song.wav"), Path("hashes.db")
    song.write_bytes(b"one")
    os.utime(song, (1e9, 1e9))
    monkeypatch.setattr(hashes, "RECENT", -1.0)
    hashed = []
    original = hashes.hash_file
    monkeypatch.setattr(hashes, "hash_file", lambda p: hashed.append(p) or original(p))
    first = hashes.of([song], memory)
    assert hashes.of([song], memory) == first
    assert len(hashed) == 1
    os.utime(song, (2e9, 2e9))
    assert hashes.of([song], memory) == first  # touched: hashed again, and the same
    assert len(hashed) == 2
    song.write_bytes(b"two")
    os.utime(song, (2e9, 2e9))  # the same size and time: another content all the same
    assert hashes.of([song], memory) != first
    memory.write_text("no database")
    assert hashes.of([song], memory) != first


def test_a_folder_that_is_touched_keeps_its_state(line):
    dataset = tiny.load().datasets["tiny"]
    before = dataset.state()
    for path in Path("recordings").iterdir():
        os.utime(path)
    assert dataset.state() == before
    changed = sorted(Path("recordings").glob("*.jams"))[0]
    raw = json.loads(changed.read_text())
    changed.write_text(json.dumps(raw, indent=2))
    assert dataset.state() != before

"""Every stage of the pipeline is killed, runs out of space, or has no write permission."""

import ctypes
import os
import re
import shutil
import signal
from pathlib import Path

import pytest
from faulty_line import STAGES, apart, killed_at, without_room

pytestmark = pytest.mark.slow
NEW_NAMESPACE, BIND, REMOUNT, READ_ONLY, PRIVATE = 0x20000, 4096, 32, 1, (1 << 18) | 16384


def others(stage):
    """The bytes of everything but a stage's products and private files."""
    products = stage.made()
    files = (path for path in Path().rglob("*") if path.is_file() and str(path) not in products)
    own = ("mlruns", ".checkpoints", ".partial", "reports/metrics", "data/cache")
    return {str(p): p.read_bytes() for p in files if not str(p).startswith(own)}


def is_whole(stage, wanted):
    """Whether running a stage once more gives the wanted products, and leaves nothing else."""
    status, said = apart(stage.run)
    assert status == 0, said
    assert stage.made() == wanted
    assert not list(Path().rglob("*.tmp"))


@pytest.mark.parametrize("name", STAGES)
def test_killed_at_every_replace_of_a_file(line, name):
    """A training is run to its end after each kill, simpler stages after all of them."""
    stage = STAGES[name]
    if name == "track":  # MLflow keeps the folder of its store
        assert apart(stage.run)[0] == 0
    wanted = stage.made()
    before = others(stage)
    for after in (False, True):
        stage.clear()
        for number in range(1, 30):
            status, said = apart(killed_at(stage, number, after))
            if status == 0:
                break
            assert status == -signal.SIGKILL, said
            assert others(stage).items() >= before.items()
            if name == "train":
                is_whole(stage, wanted)
                stage.clear()
        assert number > 1, "nothing was replaced"
        is_whole(stage, wanted)


@pytest.mark.parametrize("name", STAGES)
def test_no_room_is_one_line_and_a_rerun_works(line, name):
    stage = STAGES[name]
    if name == "track":
        assert apart(stage.run)[0] == 0
    wanted = stage.made()
    stage.clear()
    before = others(stage)
    for limit in (0, max(map(len, wanted.values())) - 1):
        shutil.rmtree("mlruns", ignore_errors=True)
        status, said = apart(without_room(stage, limit))
        assert status == 1, said
        assert re.fullmatch(r"deepmir: .*(the disk is full; f|disk I/O error\): f)ree some space.*",
                            said.splitlines()[-1]), said  # fmt: skip
        assert "Traceback" not in said
        assert others(stage).items() >= before.items()
    is_whole(stage, wanted)


def read_only(stage, folder):
    """Work in a folder mounted read-only for this process only."""

    def work():
        libc = ctypes.CDLL(None, use_errno=True)
        place = os.fsencode(folder)
        for failed in (
            libc.unshare(NEW_NAMESPACE),
            libc.mount(b"none", b"/", None, PRIVATE, None),
            libc.mount(place, place, None, BIND, None),
            libc.mount(place, place, None, BIND | REMOUNT | READ_ONLY, None),
        ):
            if failed:
                return 77
        os.chdir(folder)
        return stage.run()

    return work


@pytest.mark.parametrize("name", STAGES)
def test_a_read_only_folder_is_one_line(line, name):
    stage = STAGES[name]
    before = others(stage) | stage.made()
    status, said = apart(read_only(stage, line))
    if status == 77:
        pytest.skip("mounting is not permitted")
    assert status == 1, said
    assert re.fullmatch(r"deepmir: \S+.*\(Read-only file system\).*again\n", said), said
    assert others(stage) | stage.made() == before

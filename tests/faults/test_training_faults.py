"""A training that is killed, moved, damaged or started twice ends like an undisturbed one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tiny
from deepmir.declarations import entries
from deepmir.errors import DeepmirError
from deepmir.training import checkpoint, loop, module

NAME = "key-tiny"
# The loss is worst at the end: the best epoch comes before the kill.
DECLARED = {"epochs": 6, "patch_seconds": 4, "learning_rate": 0.3, "device": "cpu", "patience": 3}


class Killed(BaseException):
    pass


@pytest.fixture(scope="module")
def whole(prepared, tmp_path_factory):
    """Weights and history of an undisturbed training."""
    line = tmp_path_factory.mktemp("whole") / "line"
    shutil.copytree(prepared, line)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(line)
        return trained()


def trained():
    entry = entries.resolve(tiny.load(training=DECLARED), NAME)
    folder = loop.train(entry, threads=1, progress=False)
    return [(folder / name).read_bytes() for name in ("model.safetensors", "history.csv")]


def kill(monkeypatch, owner, method, calls, after=False):
    """Kill the training at a call of a method, before or after its execution."""
    original = getattr(owner, method)
    seen = []

    def killed(*args, **kwargs):
        seen.append(1)
        if len(seen) == calls and not after:
            raise Killed
        result = original(*args, **kwargs)
        if len(seen) == calls:
            raise Killed
        return result

    with monkeypatch.context() as patch:
        patch.setattr(owner, method, killed)
        with pytest.raises(Killed):
            trained()
    return len(seen)


def epochs(history):
    return len(history.splitlines()) - 1


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_epoch_moved_and_resumed(root, tmp_path, monkeypatch, whole, after):
    """Before or after a checkpoint is written, including the last epoch."""
    for epoch in range(1, epochs(whole[1]) + 1):
        kill(monkeypatch, checkpoint.Resumable, "on_train_epoch_end", epoch, after)
        moved = tmp_path / f"moved {epoch} {after}"
        shutil.copytree(root, moved)
        shutil.rmtree(root / ".checkpoints")
        monkeypatch.chdir(moved)
        assert trained() == whole
        monkeypatch.chdir(root)


def test_no_more_than_the_epoch_that_was_cut_is_trained_again(root, monkeypatch, whole):
    last = epochs(whole[1])
    kill(monkeypatch, checkpoint.Resumable, "on_train_epoch_end", last, after=True)
    begun = []
    with monkeypatch.context() as patch:
        patch.setattr(module.TrainingModule, "on_train_epoch_start", lambda _: begun.append(1))
        assert trained() == whole
    assert not begun  # nothing was left to train but the model to be written


def test_killed_while_the_checkpoint_is_replaced(root, monkeypatch, whole):
    kill(monkeypatch, os, "replace", 2)
    assert trained() == whole
    assert not [*Path(".partial").iterdir()]


def test_a_checkpoint_cut_anywhere_starts_over(root, monkeypatch, whole):
    kill(monkeypatch, checkpoint.Resumable, "on_train_epoch_end", 2, after=True)
    (last,) = Path(".checkpoints").glob("*/last.ckpt")
    data = last.read_bytes()
    for kept in (0, 1, 1024, len(data) // 2, len(data) - 1):
        last.parent.mkdir(exist_ok=True)
        last.write_bytes(data[:kept])
        assert trained() == whole


def test_a_checkpoint_of_which_a_bit_has_flipped_starts_over(root, monkeypatch, whole):
    kill(monkeypatch, checkpoint.Resumable, "on_train_epoch_end", 2, after=True)
    (last,) = Path(".checkpoints").glob("*/last.ckpt")
    data = last.read_bytes()
    for place in (0, 100, len(data) // 3, len(data) // 2, len(data) * 9 // 10):
        last.parent.mkdir(exist_ok=True)
        last.write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
        assert trained() == whole


def test_a_second_training_of_the_same_experiment_is_refused(root):
    lines = "from pathlib import Path; from deepmir.training.checkpoint import only_one; import sys"
    hold = f"{lines}\nwith only_one('{NAME}', Path('.checkpoints')): print('held', flush=True); "
    command = [sys.executable, "-c", f"{hold}sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with pytest.raises(
            DeepmirError, match=f"{NAME}: process {other.pid} is already training it"
        ):
            trained()
        other.kill()  # as the advice is: what holds the lock is gone with the process
    assert trained()

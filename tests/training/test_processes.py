"""Several processes that train one network on CPUs, as on the devices of a machine."""

import csv
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from safetensors.numpy import load_file

import tiny
from deepmir.declarations import entries
from deepmir.errors import DeepmirError
from deepmir.training import loop
from deepmir.workflow import stages

# Between one process and two: sums of another order, and AdamW, which divides by small gradients.
TOLERANCE = 1e-3

BEAT = {
    "dataset": "tiny",
    "task": "beat",
    "representation": "mel",
    "network": "c2(4,3x3,bn) - p1(4) - r1(8) - d1(8,bn) - d1",
    "deformations": {"time_stretch": 0.2, "frequency_mask": 0.2},
    "training": {"weight_average": 0.5, "monitor": "validation/f_measure"},
}
KEY = {
    "dataset": "tiny",
    "task": "key",
    "representation": "cqt",
    "precompute": False,
    "network": "c2(4,3x3,bn) - p2(2x2) - p1(global) - d1(8,bn) - d1",
    "deformations": {"pitch_shift": 2, "noise": 0.5},
    "class_weights": "balanced",
}


def declare(**training):
    raw = yaml.safe_load(Path("params.yaml").read_text())
    raw["training"] |= {"batch_size": 6, **training}
    raw |= {"experiments": {"beat": BEAT, "key": KEY}, "baselines": {}}
    Path("params.yaml").write_text(yaml.safe_dump(raw))


def trained(name):
    entry = entries.resolve(tiny.load(), name)
    code = stages.code_hash("train", entry.row)
    loop.train(entry, threads=1, progress=False, code=code)


def result(name):
    with Path(f"models/{name}/history.csv").open() as file:
        return load_file(f"models/{name}/model.safetensors"), list(csv.DictReader(file))


def one(name, rank, port):
    torch.set_num_threads(1)
    os.environ |= {"LOCAL_RANK": str(rank), "WORLD_SIZE": "2", "MASTER_PORT": str(port)}
    trained(name)


def together(name):
    """Train in two processes, without import times."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    context = multiprocessing.get_context("fork")
    both = [context.Process(target=one, args=(name, rank, port)) for rank in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join(300)
        assert each.exitcode == 0
    return result(name)


@pytest.mark.parametrize("name", ["beat", "key"])
def test_two_processes_give_the_model_of_one(root, name, capfd):
    declare()
    trained(name)
    alone, history = result(name)
    declare(devices=2)
    capfd.readouterr()
    shared, shared_history = together(name)
    said = capfd.readouterr().err
    assert alone.keys() == shared.keys()
    for part, tensor in alone.items():
        np.testing.assert_allclose(shared[part], tensor, atol=TOLERANCE, rtol=TOLERANCE)
    assert len(history) == len(shared_history) == 3
    for ours, theirs in zip(history, shared_history, strict=True):
        assert ours.keys() == theirs.keys()
        for value in ours:
            assert float(theirs[value]) == pytest.approx(float(ours[value]), abs=TOLERANCE), value
    # One of them tells, and writes.
    assert said.count(f"{name}: epoch 2 of at most 3") == 1
    assert "arning" not in said
    written = sorted(path.name for path in Path(f"models/{name}").iterdir())
    assert written == ["card.json", "history.csv", "model.safetensors"]


def test_when_one_process_is_killed_the_next_run_goes_on(root, capfd):
    """The command starts the other process itself, and stops when that has ended."""
    declare(devices=2)
    whole, history = together("beat")
    shutil.rmtree("models")
    command = [Path(sys.executable).parent / "deepmir", "train", "beat", "--threads", "2"]
    process = subprocess.Popen(command)
    while not list(Path(".checkpoints").glob("beat-*/last.ckpt")):
        assert process.poll() is None
        time.sleep(0.05)
    wanted = ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="]
    running = subprocess.run(wanted, capture_output=True, text=True).stdout.splitlines()
    children = [each.split(None, 2) for each in running if f" {process.pid} " in each]
    (other,) = [
        int(pid)
        for pid, parent, args in children
        if int(parent) == process.pid and "deepmir train beat" in args
    ]
    os.kill(other, signal.SIGKILL)
    assert process.wait(300) != 0
    assert not Path("models/beat").exists()
    capfd.readouterr()
    again, again_history = together("beat")
    said = capfd.readouterr().err
    assert "beat: epoch 3 of" in said
    assert "beat: epoch 1 of" not in said
    assert all(np.array_equal(again[part], tensor) for part, tensor in whole.items())
    assert again_history == history


def test_a_batch_that_the_devices_cannot_share_is_refused():
    with pytest.raises(
        DeepmirError, match="training: batch_size 32 cannot be divided .* 3 devices"
    ):
        tiny.parse(training={"devices": 3})


@pytest.mark.parametrize("name", ["beat", "key"])
def test_half_precision_trains_on_a_cpu_as_well(root, name):
    """Including batch normalisation over padding, losses with unknown targets, and decoders."""
    declare()
    trained(name)
    losses = [float(row["validation/loss"]) for row in result(name)[1]]
    declare(precision="bf16-mixed")
    trained(name)
    halved = [float(row["validation/loss"]) for row in result(name)[1]]
    assert halved != losses
    assert halved == pytest.approx(losses, rel=0.1)

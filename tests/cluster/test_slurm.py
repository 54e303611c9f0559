"""The pipeline on a real Slurm: one of two nodes dies, and the results are the same bytes."""

import importlib.util
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import slurm
import yaml

import tiny

ROOT = Path(__file__).parents[2]
PLUGIN = importlib.util.find_spec("snakemake_executor_plugin_slurm")
pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(bool(slurm.missing()), reason=slurm.missing()),
    pytest.mark.skipif(PLUGIN is None, reason='needs pip install "deepmir[slurm]"'),
]
SAME = ("data/raw", "data/audio", "data/duplicates", "data/features", "data/predictions")
PATIENCE = 1800  # seconds, where other work keeps the machine busy
MODELS = ("model.safetensors", "history.csv")
TARGET = "reports/scores/key-tiny.json"
LOGS = "logs/slurm/rule_train/*/*.log"
# Snakemake's plugin waits 10 s longer after each look at which no job had ended: the end of one of
# 15 s is seen after 36. Here it looks every second.
SNAKEMAKE = """
import sys
from snakemake.cli import main
from snakemake_executor_plugin_slurm import Executor

Executor.next_seconds_between_status_checks = property(lambda self: 1, lambda self, seconds: None)
sys.argv[0] = "snakemake"
main()
"""
# What is short here and not on a cluster of hundreds of jobs; and no accounting.
OPTIONS = {
    "slurm-init-seconds-before-status-checks": "2",
    "slurm-status-command": "squeue",
    "slurm-no-account": None,
    "latency-wait": "20",
}
RESOURCES = ("duplicates:mem_mb=60+3000*(attempt>1)", "train:gpu=1", "train:slurm_partition=gpu")


def line(folder):
    tiny.write(folder)
    declared = yaml.safe_load(tiny.DECLARED)
    declared["experiments"] = {"key-tiny": declared["experiments"]["key-tiny"]}
    declared["representations"] = {"cqt": declared["representations"]["cqt"]}
    declared["datasets"]["tiny"]["shards"] = 1
    declared["baselines"] = {}
    (folder / "params.yaml").write_text(yaml.safe_dump(declared, sort_keys=False))


def contents(folder):
    files = [path for name in SAME for path in (folder / name).rglob("*") if path.is_file()]
    files += [path for name in MODELS for path in folder.glob(f"models/*/{name}")]
    files += folder.glob("reports/scores/*.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def node_of(cluster, comment, line):
    """Wait for a job to run, and return its node."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and line.poll() is None:
        for row in cluster.ask("squeue", "-ht", "R", "-o", "%N %k").splitlines():
            if comment in row:
                return row.split()[0]
        time.sleep(0.2)
    raise AssertionError(f"{comment} did not run: {cluster.ask('squeue')}")


def begun(folder, line):
    """Whether a training has a log; waits until it has."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and line.poll() is None:
        if list(folder.glob(LOGS)):
            return True
        time.sleep(0.2)
    return False


def test_a_cluster_gives_the_bytes_of_this_machine_though_a_node_dies(tmp_path, monkeypatch):
    shared = tmp_path / "shared"
    line(shared)
    shutil.copytree(ROOT / "profiles", shared / "profiles")
    command = [sys.executable, "-P", "-c", SNAKEMAKE, "-s", ROOT / "Snakefile", TARGET]
    command += ["--workflow-profile", "profiles/slurm"]
    for name, value in OPTIONS.items():
        command += [f"--{name}", *([] if value is None else [value])]
    command += ["--set-resources", *RESOURCES]
    with slurm.running() as cluster, (tmp_path / "said").open("w+") as out:
        environment = cluster.environment
        environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a job starts Python many times
        run = subprocess.Popen(command, cwd=shared, env=environment, stdout=out, stderr=out)
        try:
            node = node_of(cluster, "rule_train", run)
            # Slurm says that a job runs before its node has opened the job's log.
            assert begun(shared, run), cluster.ask("squeue")
            cluster.kill(node)
            run.wait()
        finally:
            run.kill()
        states = cluster.ask("squeue", "-ht", "all", "-o", "%T %m %N %P %k").splitlines()
        asked = cluster.ask("scontrol", "-o", "show", "jobs").splitlines()
    said = (tmp_path / "said").read_text()
    assert run.returncode == 0, said
    # One job makes a shard from end to end, one predicts and scores.
    assert sum("rule_shards" in row for row in states) == 1, states
    assert sum("rule_scores" in row for row in states) == 1, states
    # What ran on the node was sent again, to the other; what lacked memory, with more.
    trainings = sorted(row.split() for row in states if "rule_train" in row)
    assert [row[0] for row in trainings] == ["COMPLETED", "NODE_FAIL"], states
    assert trainings[0][2] != node
    assert {row[3] for row in trainings} == {"gpu"}
    assert sum("gpu:1" in row and "rule_train" in row for row in asked) == 2, asked
    looks = [row.split()[:2] for row in states if "rule_duplicates" in row]
    assert ["COMPLETED", "3060M"] in looks, states
    assert any(memory == "60M" and state != "COMPLETED" for state, memory in looks), states
    # What a job said that failed is kept, by rule.
    assert list(shared.glob(LOGS))

    alone = tmp_path / "alone"
    line(alone)
    monkeypatch.chdir(alone)
    declared = tiny.load()
    tiny.prepare(declared)
    tiny.make(declared)
    here, there = contents(alone), contents(shared)
    assert here.keys() == there.keys()
    assert [name for name in here if here[name] != there[name]] == []

"""Following the advice in a message literally makes the failed command work."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from faulty_line import STAGES, Stage, apart

import programs

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.end_to_end


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) * 2 // 3] ^= 1
    path.write_bytes(data)


def edit(path):
    path.write_text(path.read_text().replace(" ", "  ", 1))


def cut(path):
    path.write_bytes(path.read_bytes()[:200])


# What happens to a file, and the stage that finds it.
FAULTS = {
    "index": (cut, "data/raw/tiny/index/0000.json", STAGES["downmix"]),
    "features": (flip, "data/features/tiny/cqt-*/0000.h5", Stage(("verify",), ())),
    "annotations": (edit, "recordings/piece 5.jams", STAGES["evaluate"]),
    "weights": (flip, "models/key-tiny/model.safetensors", STAGES["predict"]),
    "no card": (Path.unlink, "models/key-logistic/card.json", Stage(("predict key-logistic",), ())),
    "history": (cut, "models/key-tiny/history.csv", STAGES["report"]),
    "edited": (flip, "data/predictions/key-krumhansl/jams/*.jams", STAGES["evaluate"]),
    "scores": (cut, "reports/scores/key-krumhansl.json", STAGES["report"]),
    "store": (cut, "mlruns/mlflow.db", STAGES["track"]),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_command_of_a_message_mends_what_it_names(line, name):
    damage, pattern, stage = FAULTS[name]
    shutil.copy(ROOT / "Snakefile", "Snakefile")
    if name == "store":
        assert apart(STAGES["track"].run)[0] == 0
    damage(sorted(Path().glob(pattern))[0])
    status, said = apart(stage.run)
    assert status == 1, said
    for _ in range(3):  # what is indexed again has to be predicted again, too
        follow(said)
        status, said = apart(stage.run)
        if status == 0:
            return
    pytest.fail(said)


def follow(said):
    """Do what a message advises."""
    for folder in re.findall(r"delete (\S+) and", said):
        shutil.rmtree(folder)
    command = re.search(r"`(snakemake[^`]*)`", said)[1]
    done = subprocess.run(
        command, shell=True, capture_output=True, text=True, env=programs.environment()
    )
    assert done.returncode == 0, f"{said}\n{command}\n{done.stdout}{done.stderr}"

"""The shipped networks analyse a recording without torch installed."""

import json
import subprocess
import sys

import untrained

from deepmir.analysis import engine

COMMAND = """
import sys

class Refuse:
    def find_spec(self, name, *rest):
        if name.partition(".")[0] in ("torch", "safetensors", "onnx"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Refuse())
from deepmir.cli import main
raise SystemExit(main(sys.argv[1:]))
"""


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments], capture_output=True, text=True, check=False
    )


def test_every_task_is_answered_without_torch(here):
    untrained.write(here / "a.wav", untrained.pulses(16.0), subtype="FLOAT")
    done = command("analyze", "a.wav", "--threads", "1")
    assert done.returncode == 0, done.stderr
    found = json.loads((here / "a.jams").read_text())["annotations"]
    assert {one["sandbox"]["task"] for one in found} == {
        one.task.name for one in engine.load_networks(None, None)
    }


def test_a_network_of_ones_own_says_what_it_needs(here):
    untrained.write(here / "a.wav", untrained.pulses(4.0), subtype="FLOAT")
    untrained.save(here / "models" / "onset", "onset")
    done = command("analyze", "a.wav", "--models", "models")
    assert done.returncode == 1
    assert done.stderr.endswith("so it needs torch: pip install 'deepmir[pipeline]'\n")
    assert len(done.stderr.splitlines()) == 1

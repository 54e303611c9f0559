"""requirements.lock installs from wheels only wherever README says that deepmir runs."""

import itertools
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28", "aarch64-apple-darwin")
MACOS = "14.0"  # what torch needs
# No wheel is there of these, but they are Python alone.
PURE = ("antlr4-python3-runtime", "connection-pool")
# Nor of these, but they are Python alone where no compiler is (scripts/environment).
PURE_ON = {"3.14": ("immutables",)}


def resolved(python, platform):
    from_source = [f"--no-binary={name}" for name in (*PURE, *PURE_ON.get(python, ()))]
    command = ["uv", "pip", "compile", "--quiet", "--no-deps", "--only-binary=:all:", *from_source]
    command += [f"--python={sys.executable}"]  # none is looked for
    command += [f"--python-version={python}", f"--python-platform={platform}", "requirements.lock"]
    environment = {k: v for k, v in os.environ.items() if k != "UV_FIND_LINKS"}
    environment["MACOSX_DEPLOYMENT_TARGET"] = MACOS
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.mark.slow  # asks the index for every package
def test_there_is_a_wheel_of_everything_for_every_machine():
    machines = list(itertools.product(PYTHONS, PLATFORMS))
    with ThreadPoolExecutor(len(machines)) as pool:
        results = list(pool.map(resolved, *zip(*machines, strict=True)))
    failures = [
        f"Python {python}, {platform}: {result.stderr}"  # names the package
        for (python, platform), result in zip(machines, results, strict=True)
        if result.returncode
    ]
    assert not failures, "\n".join(failures)


def test_the_lock_is_for_every_machine():
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if "+" in line]  # as in torch==2.13.0+cpu
    assert not [line for line in lines if line.startswith(("cuda-", "nvidia-", "triton"))]

"""The bridge from DVC to Snakemake: files from `dvc pull` count as made.

In the other direction none is needed: each stage of `dvc.yaml` calls Snakemake, which knows what
has to be done. But Snakemake has no record of files that it has not made.
"""

import json
import subprocess
import sys
from importlib.util import find_spec

from deepmir import paths
from deepmir.errors import DeepmirError


def adopt() -> str:
    """Make what DVC does not store, and let Snakemake count everything else as made.

    Raises:
        DeepmirError: when DVC is not up to date: missing or changed files have to be made.
        ModuleNotFoundError: when DVC or Snakemake is not installed.
    """
    status = json.loads(_run("dvc", "status", "--json") or "{}")
    if status:
        stages = ", ".join(sorted(status))
        raise DeepmirError(
            f"adopt: DVC is not up to date ({stages}): run `dvc pull`, or `dvc repro` instead"
        )
    # Audio and features first: made later, they would be newer than their products.
    _run("snakemake", "--quiet", "all", "--", "arrays")
    _run("snakemake", "--touch", "--cores", "1", "--quiet", "all", "--", "results")
    # MLflow's paths belong to the machine that wrote them, so the dashboard is made here.
    _run("snakemake", "--quiet", "all", "--", str(paths.MLFLOW / "tracked.json"))
    return "adopt: Snakemake now accepts the files here as up to date; the dashboard is rebuilt"


def _run(tool: str, *arguments: str) -> str:
    if find_spec(tool) is None:
        raise ModuleNotFoundError(f"No module named {tool!r}", name=tool)
    command = [sys.executable, "-m", tool, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        message = done.stderr.strip() or done.stdout.strip() or "it printed nothing"
        raise DeepmirError(f"{tool} {' '.join(arguments)} failed:\n{message}")
    return done.stdout

"""The two bridges that make Snakemake and DVC believe each other.

DVC owns the boundary products (rendered data, models, predictions and scores, the report),
Snakemake the intermediate ones. Each keeps books of its own, so after one has worked, the other is
told - but only when there is nothing left to do: to commit or touch anything else would hide a job
that has to run.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from deepmir import paths
from deepmir.errors import DeepmirError
from deepmir.params import Params


def record(quick: Params | None = None) -> str:
    """Snakemake -> DVC: commit what is there, if Snakemake has nothing to do.

    Args:
        quick: the declarations of a run of their quick part: what it has made is committed, and
            the report, which is one of all results, is not.

    Raises:
        DeepmirError: when DVC refuses.
    """
    if "DVC_STAGE" in os.environ:
        return "record: inside a DVC stage, which records itself"
    if not Path(".dvc").is_dir():
        return "record: no .dvc here, nothing is recorded"
    if not _snakemake_is_done(quick is not None):
        return "record: snakemake has more to do, nothing is recorded"
    _dvc("commit", "--force", "--quiet", *([] if quick is None else _stages(quick)))
    return "record: dvc.lock describes what is here"


def _stages(params: Params) -> list[str]:
    """The DVC stages of every entry of the declarations."""
    datasets = {params.entry(name).dataset for name in params.shown}
    return [
        *(f"data@{dataset}" for dataset in sorted(datasets)),
        *(f"{stage}@{name}" for name in params.experiments for stage in ("train", "evaluate")),
        *(f"baseline@{name}" for name in params.baselines),
        *(f"pool@{name}" for name in params.folds),
        *(f"carried@{name}" for name in params.carried),
    ]


def adopt() -> str:
    """DVC -> Snakemake: touch what is there, if DVC has nothing to do.

    Raises:
        DeepmirError: when DVC has something to do.
    """
    status = json.loads(_dvc("status", "--json") or "{}")
    if status:
        stages = ", ".join(sorted(status)[:4])
        raise DeepmirError(f"adopt: DVC is not up to date ({stages}): dvc pull or dvc repro first")
    _snakemake("--touch", "--cores", "1", "--quiet", "all", "--", "results")
    # The dashboard is no product that DVC keeps: it is rebuilt from those that it does.
    _snakemake("--cores", "1", "--quiet", "all", "--", str(paths.MLFLOW / "tracked.json"))
    return "adopt: snakemake takes what is here for its own, the dashboard is rebuilt"


def _snakemake_is_done(quick: bool) -> bool:
    config = ["--config", "quick=true"] if quick else []
    return "Nothing to be done" in _snakemake("--dry-run", *config, "--", "results")


def _snakemake(*arguments: str) -> str:
    # A run that has just ended still holds the lock while it calls this.
    command = [sys.executable, "-m", "snakemake", "--nolock", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise DeepmirError(f"snakemake {' '.join(arguments)} failed: {' '.join(last)}")
    return done.stdout + done.stderr


def _dvc(*arguments: str) -> str:
    command = [sys.executable, "-m", "dvc", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise DeepmirError(f"dvc {' '.join(arguments)} failed: {' '.join(last)}")
    return done.stdout

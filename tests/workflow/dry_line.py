"""The Snakefile with empty placeholder files: what would run again?"""

import os
from pathlib import Path

import programs
from deepmir import paths

ROOT = Path(__file__).parents[2]


def snakemake(*arguments, status=0):
    command = ["snakemake", "-s", str(ROOT / "Snakefile"), *arguments]
    return programs.run(command, Path.cwd(), status=status)


def pretend(entries, beside=()):
    """Create all files that the pipeline would make for some entries, and others."""
    made = [*beside]
    for entry in entries:
        made += [*entry.files.described, *entry.arrays, *entry.files.audio(entry.sample_rate)]
        made += [entry.folder / file for file in ("card.json", "model.safetensors", "history.csv")]
        made += [paths.predictions(entry.name), paths.metrics(entry.name), paths.scores(entry.name)]
    for path in made:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    _equally_old()


def touch(*arguments):
    """Make the placeholder files up to date."""
    snakemake("--touch", "--forceall", "--cores", "1", *arguments)
    _equally_old()


def _equally_old():
    """Give all files the same time, whatever the order of creation."""
    for path in Path().rglob("*"):
        os.utime(path, (0, 0))

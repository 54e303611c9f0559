"""Durations of the jobs of the pipeline, as measured by Snakemake."""

import csv

from deepmir import paths


def training_seconds(name: str) -> float | None:
    """The duration of making a model; None if it was made elsewhere, as measurements are local."""
    for rule in ("train", "fit"):
        table = paths.BENCHMARKS / rule / f"{name}.tsv"
        if table.exists():
            with table.open(newline="") as file:
                for row in csv.DictReader(file, delimiter="\t"):
                    return float(row["s"])
    return None

"""How long the jobs of the line took, as Snakemake measured it."""

import csv

from deepmir import paths


def training_seconds(name: str) -> float | None:
    """What making a model took; None where it was made elsewhere, since measurements stay there."""
    for rule in ("train", "fit"):
        table = paths.BENCHMARKS / rule / f"{name}.tsv"
        if table.exists():
            with table.open(newline="") as file:
                for row in csv.DictReader(file, delimiter="\t"):
                    return float(row["s"])
    return None

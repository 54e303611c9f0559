"""Write the figure of a sweep as PNG, for README.md.

Run after snakemake: ``(cd studies/aggregation && python plot.py)``.
"""

from pathlib import Path

from deepmir.declarations import entries, loading, sweeps
from deepmir.drawing import figures
from deepmir.evaluation import results
from deepmir.report import sweep_page


def main() -> None:
    """Draw the settings of key-over-time."""
    declared = loading.load()
    group = next(group for group in sweeps.groups(declared) if group.name == "key-over-time")
    every = entries.everything(declared)
    found = {name: results.read_one(every[name]) for name in group.members}
    table = sweep_page.rows(group, found)
    figure = sweep_page.figure(group, table, declared.evaluation.confidence)
    Path("key.png").write_bytes(figures.png(figure))


if __name__ == "__main__":
    main()

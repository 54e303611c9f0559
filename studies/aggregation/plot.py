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
    drawn = [
        figures.Setting(
            group.title(row.setting),
            [seed.score["mean"] for seed in row.result.seeds],
            row.result.score["mean"],
            row.result.score["low"],
            row.result.score["high"],
            row.result.deviation,
        )
        for row in sweep_page.rows(group, found)
    ]
    figure = figures.sweep(drawn, "weighted", declared.evaluation.confidence)
    Path("key.png").write_bytes(figures.png(figure))


if __name__ == "__main__":
    main()

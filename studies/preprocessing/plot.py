"""Draw the score against what the input costs, and print the costs: cost.png.

Run after snakemake: ``python studies/preprocessing/plot.py``. Seconds are those of the processor
that Snakemake measured for the rule `features`; the start of Python is in them.
"""

import csv
import os
from pathlib import Path

from matplotlib.figure import Figure

from deepmir import paths
from deepmir.declarations import entries, loading, sweeps
from deepmir.declarations.neural import NetworkEntry
from deepmir.drawing import figures
from deepmir.drawing.figures import COLOURS
from deepmir.evaluation import results
from deepmir.report import sweep_page

HERE = Path(__file__).parent


def costs(entry: NetworkEntry) -> tuple[float, float]:
    """Processor seconds and megabytes of the features of a network, all shards together."""
    seconds, size = 0.0, 0
    for shard, path in enumerate(entry.arrays):
        folder = paths.folder_of(entry.representation)
        name = f"{entry.files.name}-{folder}-{shard:04d}.tsv"
        with (paths.BENCHMARKS / "features" / name).open(newline="") as file:
            (row,) = csv.DictReader(file, delimiter="\t")
        seconds += float(row["cpu_time"])
        size += path.stat().st_size
    return seconds, size / 1e6


def main() -> None:
    """Print the table, and draw it."""
    os.chdir(HERE)
    params = loading.load()
    (group,) = sweeps.groups(params)
    members = {name: entries.resolve(params, name) for name in group.members}
    found = {result.name: result for result in results.read(members.values())}
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    print("| setting | seconds | megabytes |\n|---|---|---|")
    for place, row in enumerate(sweep_page.rows(group, found)):
        name, score = group.title(row.setting), row.result.score
        cost = costs(members[row.setting.members[0]])
        print(f"| {name} | {cost[0]:.1f} | {cost[1]:.0f} |")
        error = [[score["mean"] - score["low"]], [score["high"] - score["mean"]]]
        colour = COLOURS[place % len(COLOURS)]
        for axis, value in zip(axes, cost, strict=True):
            axis.errorbar(value, score["mean"], yerr=error, fmt="o", color=colour, alpha=0.7)
            at = (value, score["mean"])
            axis.annotate(name, at, xytext=(4, 3), textcoords="offset points", fontsize=7)
    for axis, label in zip(axes, ("processor seconds to compute", "megabytes"), strict=True):
        axis.set_xscale("log")
        axis.set_xlabel(label)
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel(next(iter(found.values())).primary)
    (HERE / "cost.png").write_bytes(figures.png(figure))


if __name__ == "__main__":
    main()

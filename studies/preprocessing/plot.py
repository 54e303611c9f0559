"""Draw the score against the cost of the input, and print the table of README.md: cost.png.

Run after snakemake: ``python studies/preprocessing/plot.py``. Seconds are the CPU time that
Snakemake measured for the rule `features`, including the start of Python.
"""

import csv
import os
from collections.abc import Iterable
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from deepmir import paths
from deepmir.declarations import entries, loading, sweeps
from deepmir.declarations.neural import NetworkEntry
from deepmir.drawing import figures
from deepmir.drawing.figures import COLOURS
from deepmir.evaluation import results
from deepmir.report import sweep_page

HERE = Path(__file__).parent
LINE = "{:17} {:14} {:15} {:31} {:>7} {:>4}"


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


def name_points(axis: Axes, points: Iterable[tuple[str, float, float]]) -> None:
    """Write the names beside the points, from below, each as far up as those in its way ask."""
    high, wide = 0.011, axis.get_xlim()[1] / 7  # of a name, in units of the axes
    placed: list[tuple[float, float]] = []
    for name, x, y in sorted(points, key=lambda point: point[2]):
        near = [other for there, other in placed if abs(there - x) < wide]
        at = y
        while any(abs(at - other) < high for other in near):
            at += high / 10
        axis.annotate(name, (x, at), xytext=(5, -2), textcoords="offset points", fontsize=7)
        placed.append((x, at))


def main() -> None:
    """Print the table, and draw it."""
    os.chdir(HERE)
    params = loading.load()
    (group,) = sweeps.groups(params)
    members = {name: entries.resolve(params, name) for name in group.members}
    found = {result.name: result for result in results.read(members.values())}
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    titles = ("input", "mean, seeds", "over tracks", "less log", "seconds", "MB")
    print(LINE.format(*titles))
    points: list[tuple[str, float, tuple[float, float]]] = []
    for row in sweep_page.rows(group, found):
        name, score = group.title(row.setting), row.result.score
        cost = costs(members[row.setting.members[0]])
        mean = f"{score['mean']:.3f} ± {row.result.deviation:.3f}"
        off = row.difference
        less = f"{off.mean:+.3f} [{off.low:+.3f}, {off.high:+.3f}] {off.verdict}" if off else ""
        over = f"[{score['low']:.3f}, {score['high']:.3f}]"
        print(LINE.format(name, mean, over, less, f"{cost[0]:.1f}", f"{cost[1]:.0f}"))
        error = [[score["mean"] - score["low"]], [score["high"] - score["mean"]]]
        for axis, value in zip(axes, cost, strict=True):
            axis.errorbar(value, score["mean"], yerr=error, fmt="o", color=COLOURS[0], alpha=0.6)
        points.append((name, score["mean"], cost))
    for side, axis in enumerate(axes):
        name_points(axis, [(name, cost[side], mean) for name, mean, cost in points])
    for axis, label in zip(axes, ("processor seconds to compute", "megabytes"), strict=True):
        axis.set_xlim(left=0)
        axis.set_xlabel(label)
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel(next(iter(found.values())).primary)
    (HERE / "cost.png").write_bytes(figures.png(figure))


if __name__ == "__main__":
    main()

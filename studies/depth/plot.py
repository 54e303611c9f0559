"""Draw the score against the number of layers: depth.png.

Run after snakemake: ``python studies/depth/plot.py``.
"""

import os
from pathlib import Path

from matplotlib.figure import Figure

from deepmir import paths
from deepmir.declarations import entries, loading, sweeps
from deepmir.drawing import figures
from deepmir.drawing.figures import COLOURS
from deepmir.evaluation import results
from deepmir.report import sweep_page

HERE = Path(__file__).parent


def main() -> None:
    """Draw one panel for each sweep that has been scored."""
    os.chdir(HERE)
    params = loading.load()
    groups = [g for g in sweeps.groups(params) if all(paths.scores(n).exists() for n in g.members)]
    figure = Figure(figsize=(4.4 * len(groups), 3.2), layout="constrained")
    axes = figure.subplots(1, len(groups), sharey=True, squeeze=False)[0]
    for axis, group in zip(axes, groups, strict=True):
        found = results.read([entries.resolve(params, name) for name in group.members])
        rows = sweep_page.rows(group, {result.name: result for result in found})
        layers = [int(row.setting.values[0].split()[0]) for row in rows]
        scores = [row.result.score for row in rows]
        low, high = ([score[side] for score in scores] for side in ("low", "high"))
        label = f"{params.evaluation.confidence:.0%} interval over tracks"
        axis.fill_between(layers, low, high, color=COLOURS[4], alpha=0.3, label=label)
        means = [score["mean"] for score in scores]
        axis.plot(layers, means, color=COLOURS[0], marker="D", label="mean over seeds")
        for place, row in zip(layers, rows, strict=True):
            seeds = [seed.score["mean"] for seed in row.result.seeds]
            label = "one seed" if row is rows[0] else None
            axis.scatter([place] * len(seeds), seeds, s=14, color=COLOURS[1], zorder=3, label=label)
        axis.set_title(group.name, fontsize=10)
        axis.set_xlabel("layers")
        axis.set_xticks(layers)
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
        axes[0].set_ylabel(rows[0].result.primary)
    axes[0].legend(frameon=False, fontsize=8, loc="lower right")
    (HERE / "depth.png").write_bytes(figures.png(figure))


if __name__ == "__main__":
    main()

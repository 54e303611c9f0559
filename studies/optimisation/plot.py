"""Draw the validation loss over the epochs, and print the tables of README.md: learning.png.

Run after snakemake: ``python studies/optimisation/plot.py``.
"""

import csv
import os
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from deepmir import paths
from deepmir.declarations import entries, loading, sweeps
from deepmir.drawing import figures
from deepmir.drawing.figures import COLOURS
from deepmir.evaluation import results
from deepmir.report import sweep_page

HERE = Path(__file__).parent
LINE = "{:14} {:12} {:15} {:16} {}"
TITLES = ("valid. loss", "mean, seeds", "over tracks")


def losses(name: str) -> list[float]:
    """Validation loss after each epoch."""
    with (paths.model(name) / "history.csv").open(newline="") as file:
        return [float(row["validation/loss"]) for row in csv.DictReader(file)]


def line(title: str, row: sweep_page.Row) -> str:
    """A setting as a line of the table."""
    score, off = row.result.score, row.difference
    least = np.mean([min(losses(name)) for name in row.setting.members])
    mean = f"{score['mean']:.3f} ± {row.result.deviation:.3f}"
    over = f"[{score['low']:.3f}, {score['high']:.3f}]"
    less = f"{off.mean:+.3f} [{off.low:+.3f}, {off.high:+.3f}] {off.verdict}" if off else ""
    return LINE.format(title, f"{least:.3f}", mean, over, less)


def main() -> None:
    """Print the tables, and draw the losses."""
    os.chdir(HERE)
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    params = loading.load()
    for axis, group in zip(axes, sweeps.groups(params), strict=True):
        members = [entries.resolve(params, name) for name in group.members]
        found = {result.name: result for result in results.read(members)}
        print("\n" + LINE.format(group.name, *TITLES, f"less {group.title(group.reference)}"))
        for row in sweep_page.rows(group, found):
            print(line(group.title(row.setting), row).rstrip())
        for place, setting in enumerate(group.settings):
            curves = [losses(name) for name in setting.members]
            for number, curve in enumerate(curves):
                label = group.title(setting) if not number else None
                epochs = range(1, len(curve) + 1)
                axis.plot(epochs, curve, color=COLOURS[place], alpha=0.8, label=label)
        axis.set_title(group.name, fontsize=10)
        axis.set_xlabel("epoch")
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
        axis.legend(frameon=False, fontsize=8)
    axes[0].set_ylabel("validation loss")
    (HERE / "learning.png").write_bytes(figures.png(figure))


if __name__ == "__main__":
    main()

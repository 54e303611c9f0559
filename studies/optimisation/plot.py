"""Draw the validation loss over the epochs, and print the least: learning.png.

Run after snakemake: ``python studies/optimisation/plot.py``.
"""

import csv
import os
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from deepmir import paths
from deepmir.declarations import loading, sweeps
from deepmir.drawing import figures
from deepmir.drawing.figures import COLOURS

HERE = Path(__file__).parent


def losses(name: str) -> list[float]:
    """Validation loss after each epoch."""
    with (paths.model(name) / "history.csv").open(newline="") as file:
        return [float(row["validation/loss"]) for row in csv.DictReader(file)]


def main() -> None:
    """Print the table, and draw it."""
    os.chdir(HERE)
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for axis, group in zip(axes, sweeps.groups(loading.load()), strict=True):
        print(f"\n| {group.name} | least validation loss |\n|---|---|")
        for place, setting in enumerate(group.settings):
            curves = [losses(name) for name in setting.members]
            print(f"| {group.title(setting)} | {np.mean([min(c) for c in curves]):.3f} |")
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

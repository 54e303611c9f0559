"""Draw how much of the gradient reaches the first layer, and print the table of README.md.

Run after snakemake: ``python studies/vanishing/plot.py``.
"""

import csv
import json
from pathlib import Path

from matplotlib.figure import Figure

from deepmir.drawing import figures
from deepmir.drawing.figures import COLOURS

HERE = Path(__file__).parent
ACTIVATIONS, DEPTHS = ("logistic", "tanh", "relu"), (2, 4, 8, 16)


def gradients(name: str) -> list[float]:
    """Mean norms of the first epoch's gradients, from the first layer to the last."""
    with (HERE / f"models/{name}/health.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["epoch"] == "1"]
    return [float(row["gradient_norm"]) for row in rows]


def accuracy(name: str) -> dict[str, float]:
    """On the test part: mean, and low and high of its interval."""
    scores = json.loads((HERE / f"reports/metrics/{name}.json").read_text())
    found: dict[str, float] = scores["accuracy"]
    return found


def main() -> None:
    """Print the table, and draw it."""
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    print("| activation | hidden layers | gradient, first layer | first over last | accuracy |")
    print("|---|---|---|---|---|")
    for colour, activation in zip(COLOURS, ACTIVATIONS, strict=False):
        found = {depth: gradients(f"{activation}-{depth:02d}") for depth in DEPTHS}
        scores = {depth: accuracy(f"{activation}-{depth:02d}") for depth in DEPTHS}
        for depth, norms in found.items():
            ratio = norms[0] / norms[-1]
            score = "{mean:.2f} [{low:.2f}, {high:.2f}]".format_map(scores[depth])
            print(f"| {activation} | {depth} | {norms[0]:.1e} | {ratio:.1e} | {score} |")
        first = [norms[0] for norms in found.values()]
        left.plot(DEPTHS, first, color=colour, marker="o", label=activation)
        deepest = found[DEPTHS[-1]]
        middle.plot(range(1, len(deepest) + 1), deepest, color=colour, marker=".")
        right.plot(DEPTHS, [score["mean"] for score in scores.values()], color=colour, marker="o")
    for axis in (left, middle):
        axis.set_yscale("log")
    left.set_title("gradient at the first layer", fontsize=10)
    left.legend(frameon=False, fontsize=9)
    middle.set_title(f"gradient by layer, {DEPTHS[-1]} hidden layers", fontsize=10)
    right.set_title("accuracy on the test part", fontsize=10)
    right.set_ylim(0, 1.03)
    for axis, label in ((left, "hidden layers"), (middle, "layer"), (right, "hidden layers")):
        axis.set_xlabel(label)
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    (HERE / "vanishing.png").write_bytes(figures.png(figure))


if __name__ == "__main__":
    main()

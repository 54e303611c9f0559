"""Draw plane.png, the codes of the generator `plane` as in Figure 14, and print the tables.

Run `snakemake --cores 2 --directory studies/autoencoder` before; this reads its products.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from deepmir.declarations.schema import Evaluation
from deepmir.drawing import figures
from deepmir.evaluation import scoring

HERE = Path(__file__).parent
GENERATORS = (
    *("pca", "autoencoder", "autoencoder-seed2", "denoising", "variational", "untrained", "plane"),
)
INPUTS = {
    "h": "autoencoder",
    "h-seed2": "autoencoder, seed 2",
    "h-denoising": "denoising",
    "h-variational": "variational",
    "h-pca": "pca",
    "h-random": "random weights",
    "mfcc": "MFCC",
    "of-chords": "layers of chord-supervised",
    "of-instruments": "layers of instrument-supervised",
    "supervised": "network of the task, trained with labels",
}
TASKS = {"genre": "accuracy", "chord": "majmin", "instrument": "frame_f"}


def judgement(name: str) -> dict[str, Any]:
    """What a generator was judged by."""
    found: dict[str, Any] = json.loads(
        (HERE / f"reports/generated/{name}/judgement.json").read_text()
    )
    return found


def shown(found: Mapping[str, float] | None) -> str:
    """A mean with its interval."""
    return "" if found is None else f"{found['mean']:.3f} [{found['low']:.3f}, {found['high']:.3f}]"


def tables() -> None:
    """Print what the README has: what is lost, what is found, what is recognised."""
    for name in GENERATORS:
        raw = judgement(name)
        rows = {"": raw["metrics"], **raw["baselines"]}
        for other, metrics in rows.items():
            print(f"| {name} {other} |", " | ".join(f"{k} {shown(v)}" for k, v in metrics.items()))
        print(name, {other: shown(found) for other, found in raw["differences"].items()})
        print(*raw["notes"], sep="\n")
    for representation, words in INPUTS.items():
        means, less = [], []
        for task, metric in TASKS.items():
            ours, theirs = (scores(f"{task}-{name}") for name in ("h", representation))
            means.append(shown(theirs["metrics"][metric]))
            both = ours["per_track"], theirs["per_track"]
            mean, low, high = scoring.difference(*both, metric, Evaluation())
            less.append(shown({"mean": mean, "low": low, "high": high}))
        print("|", " | ".join([words, *means]), "|  h better by:", ", ".join(less))


def scores(name: str) -> dict[str, Any]:
    """What an entry has on every test track."""
    found: dict[str, Any] = json.loads((HERE / f"reports/scores/{name}.json").read_text())
    return found


def plane() -> Figure:
    """The test tracks by the mean of their two numbers, coloured by genre."""
    points = judgement("plane")["maps"][0]["points"]
    figure = Figure(figsize=(6, 4.2), layout="constrained")
    axis = figure.subplots()
    for genre in sorted({point["label"] for point in points}):
        some = [point for point in points if point["label"] == genre]
        axis.scatter([p["x"] for p in some], [p["y"] for p in some], s=16, label=genre or "none")
    axis.set_xlabel("first number of the code")
    axis.set_ylabel("second number")
    figure.legend(loc="outside right upper", fontsize=8, frameon=False)
    return figure


if __name__ == "__main__":
    tables()
    (HERE / "plane.png").write_bytes(figures.png(plane()))
    shutil.copyfile(HERE / "reports/generated/autoencoder/patches.png", HERE / "patches.png")

"""Draw how each method does with few and with many tracks, and print the table of README.md.

Run after snakemake: ``(cd studies/little-data && python plot.py)``.
"""

from collections.abc import Iterable
from pathlib import Path

from matplotlib.figure import Figure

from deepmir.declarations import entries, loading
from deepmir.drawing import figures
from deepmir.drawing.figures import COLOURS
from deepmir.evaluation import results
from deepmir.evaluation.results import Result

SIZES = ("16", "64", "all")
SEEDS = (1, 2)
TASKS = ("tagging", "singing", "mood")
NETWORKS = ("scratch", "fine-tuned", "full-rate")
METHODS = (*NETWORKS, "transferred", "random", "mfcc")
WIDE = 32  # characters of a column
LABELS = {
    "scratch": "network from scratch",
    "fine-tuned": "fine-tuned, old layers slower",
    "full-rate": "fine-tuned, full rate",
    "transferred": "regression on trained layers",
    "random": "regression on random weights",
    "mfcc": "regression on MFCCs",
}


def names(task: str, method: str, size: str) -> list[str]:
    """The entries of a point: one for each seed, where seeds differ."""
    if method not in NETWORKS:
        return (
            [f"{task}-{method}-all"]
            if size == "all"
            else [f"{task}-{method}-{size}-{seed}" for seed in SEEDS]
        )
    tracks = "null" if size == "all" else size
    found = [f"{task}-tracks-{method}-tracks-{tracks}-seed-{seed}" for seed in SEEDS]
    return [task, *found[1:]] if (method, size) == ("scratch", "all") else found


def main() -> None:
    """Print the tables, and draw them."""
    every = entries.everything(loading.load())
    figure = Figure(figsize=(11, 4.2), layout="constrained")
    for axis, task in zip(figure.subplots(1, len(TASKS)), TASKS, strict=True):
        found: dict[tuple[str, str], Result] = {}
        for method in METHODS:
            for size in SIZES:
                seeds = [results.read_one(every[name]) for name in names(task, method, size)]
                found[method, size] = results.average(seeds[0], seeds)
        print(f"\n{task}, {found['scratch', 'all'].primary}".ljust(WIDE + 1), end="")
        print("".join(size.ljust(WIDE) for size in SIZES).rstrip())
        for colour, method in zip(COLOURS, METHODS, strict=False):
            row = [found[method, size] for size in SIZES]
            line(LABELS[method], map(cell, row))
            if method != "scratch":
                against = [difference(found[method, n], found["scratch", n]) for n in SIZES]
                line("  less scratch", against)
            places = range(len(SIZES))
            axis.plot(places, [r.score["mean"] for r in row], color=colour, label=LABELS[method])
            for place, result in zip(places, row, strict=True):
                each = [seed.score["mean"] for seed in result.seeds]
                axis.scatter([place] * len(each), each, color=colour, s=14)
        axis.set_xticks(range(len(SIZES)), SIZES)
        axis.set_xlabel("training tracks")
        axis.set_title(f"{task}: {found['scratch', 'all'].primary}", fontsize=10)
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    handles, labels = axis.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False, fontsize=9)
    Path("little-data.png").write_bytes(figures.png(figure))


def line(title: str, cells: Iterable[str]) -> None:
    """Print a line of a table."""
    print("".join(text.ljust(WIDE) for text in [title, *cells]).rstrip())


def cell(result: Result) -> str:
    """Mean, its interval over tracks and its deviation over seeds."""
    score = result.score
    spread = "" if result.deviation is None else f" ± {result.deviation:.3f}"
    return f"{score['mean']:.3f} [{score['low']:.3f}, {score['high']:.3f}]{spread}"


def difference(result: Result, other: Result) -> str:
    """Paired, with its interval over tracks."""
    found = results.compare(result, other)
    return f"{found.mean:+.3f} [{found.low:+.3f}, {found.high:+.3f}] {found.verdict}"


if __name__ == "__main__":
    main()

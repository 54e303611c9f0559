"""Draw the effect of each deformation, and print the table of README.md: deformed.png.

Run after snakemake and unlabelled.py: ``(cd studies/augmentation && python plot.py)``.
"""

from pathlib import Path

import unlabelled
from matplotlib.figure import Figure

from deepmir.declarations import entries, sweeps
from deepmir.declarations.entry import Entry
from deepmir.declarations.sweeps import Group, Setting
from deepmir.drawing import figures
from deepmir.drawing.figures import COLOURS
from deepmir.evaluation import results
from deepmir.evaluation.results import Result

LINE = "{:27} {:15} {:16} {}"
TITLES = ("mean, seeds", "over tracks", "less none")


def means(group: Group, every: dict[str, Entry], forbidden: Setting | None) -> dict[str, Result]:
    """By title, the mean over seeds of every setting, `none` first."""
    settings = [*group.settings, *([forbidden] if forbidden else [])]
    found: dict[str, Result] = {}
    for setting in settings:
        seeds = [results.read_one(every[name]) for name in setting.members]
        found[group.title(setting)] = results.average(seeds[0], seeds)
    return found


def main() -> None:
    """Print the tables, and draw them."""
    params, forbidden = unlabelled.declared()
    every, groups = entries.everything(params), sweeps.groups(params)
    figure = Figure(figsize=(4.4 * len(groups), 3.0), layout="constrained")
    for axis, group in zip(figure.subplots(1, len(groups)), groups, strict=True):
        found = means(group, every, forbidden.get(group.name))
        none = found["none"]
        print("\n" + LINE.format(f"{group.of}, {none.primary}", *TITLES))
        for place, (title, result) in enumerate(found.items()):
            score, off = result.score, results.compare(result, none)
            mean = f"{score['mean']:.3f} ± {result.deviation:.3f}"
            over = f"[{score['low']:.3f}, {score['high']:.3f}]"
            less = f"{off.mean:+.3f} [{off.low:+.3f}, {off.high:+.3f}] {off.verdict}"
            print(LINE.format(title, mean, over, less if title != "none" else "").rstrip())
            colour = COLOURS[1] if title.endswith("labels left") else COLOURS[0]
            error = [[off.mean - off.low], [off.high - off.mean]]
            axis.errorbar(off.mean, place, xerr=error, fmt="D", ms=5, color=colour, capsize=3)
            each = [seed.score["mean"] - none.score["mean"] for seed in result.seeds]
            axis.scatter(each, [place + 0.25] * len(each), s=12, color="0.4")
        axis.axvline(0, color="0.6", linewidth=1)
        axis.set_yticks(range(len(found)), [*found])
        axis.set_ylim(len(found) - 0.4, -0.5)
        axis.set_xlabel(f"{none.primary}, less none")
        axis.set_title(group.of, fontsize=10)
        axis.grid(alpha=0.25, axis="x")
        axis.spines[["top", "right"]].set_visible(False)
    Path("deformed.png").write_bytes(figures.png(figure))


if __name__ == "__main__":
    main()

"""The figure of a search: its trials in order, and against the values of each key."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from deepmir.drawing.figures import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LONGEST = 18  # characters of a label below an axis
COLUMNS = 3


@dataclass(frozen=True)
class Drawn:
    """A trial with a value.

    Attributes:
        number: from 1.
        values: of each key, a number or the name of a choice.
        value: the value used for comparison.
        pruned: whether it was stopped early.
    """

    number: int
    values: Mapping[str, Any]
    value: float
    pruned: bool


def search(
    trials: Sequence[Drawn],
    best: int,
    metric: str,
    mode: Literal["min", "max"],
    logarithmic: Sequence[str] = (),
) -> "Figure":
    """All trials of a search: value against number with the best so far, then against each key.

    Args:
        trials: in order.
        best: the number of the chosen one.
        metric: name of the value used for comparison.
        mode: whether lower or higher is better.
        logarithmic: keys with a logarithmic axis.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    keys = [*trials[0].values]
    rows = math.ceil((1 + len(keys)) / COLUMNS)
    columns = min(1 + len(keys), COLUMNS)
    figure = Figure(figsize=(0.6 + 2.9 * columns, 0.6 + 2.7 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, sharey=True, squeeze=False)
    first, *others = axes.flat
    _points(first, [trial.number for trial in trials], trials, best)
    finished = [trial for trial in trials if not trial.pruned]
    so_far = itertools.accumulate((t.value for t in finished), min if mode == "min" else max)
    numbers = [trial.number for trial in finished]
    label = "best so far"
    first.step(numbers, [*so_far], where="post", color="0.5", zorder=0, label=label)
    first.set_xlabel("trial")
    first.xaxis.set_major_locator(MaxNLocator(integer=True))
    for axis, key in zip(others, keys, strict=False):
        _against(axis, key, trials, best)
        if key in logarithmic:
            axis.set_xscale("log")
    for axis in others[len(keys) :]:
        axis.set_visible(False)
    for row in axes:
        row[0].set_ylabel(metric)
    figure.legend(*first.get_legend_handles_labels(), loc="outside upper left", ncols=4, fontsize=8)
    figure.legends[0].set_frame_on(False)
    return figure


def _against(axis: "Axes", key: str, trials: Sequence[Drawn], best: int) -> None:
    values = [trial.values[key] for trial in trials]
    if any(isinstance(value, str) for value in values):
        names = [*dict.fromkeys(values)]
        _points(axis, [names.index(value) for value in values], trials, best)
        axis.set_xticks(
            range(len(names)), [_short(name) for name in names], rotation=20, ha="right"
        )
        axis.set_xlim(-0.6, len(names) - 0.4)
    else:
        _points(axis, values, trials, best)
    axis.set_xlabel(key)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _points(axis: "Axes", places: Sequence[float], trials: Sequence[Drawn], best: int) -> None:
    kinds = {"trained to its end": False, "pruned": True}
    for (label, pruned), face in zip(kinds.items(), (COLOURS[0], "none"), strict=True):
        own = [(x, t.value) for x, t in zip(places, trials, strict=True) if t.pruned == pruned]
        if own:
            x, y = zip(*own, strict=True)
            axis.scatter(x, y, s=22, facecolor=face, edgecolor=COLOURS[0], label=label)
    chosen = [(x, t.value) for x, t in zip(places, trials, strict=True) if t.number == best]
    axis.scatter(*chosen[0], s=90, marker="*", color=COLOURS[1], zorder=3, label="chosen")
    axis.grid(alpha=0.25)
    axis.spines[["top", "right"]].set_visible(False)

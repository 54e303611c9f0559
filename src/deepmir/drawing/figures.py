"""Figures for the report as SVG and for the dashboard as PNG.

Figures are drawn without pyplot, so they need no display and leave no state, and their SVG has
neither a date nor random identifiers: the same values give the same bytes.
"""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

from deepmir import paths
from deepmir.errors import DeepmirError

# Distinguishable with any colour vision (Okabe and Ito, 2008).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#B8860B", "#555555")
LOSSES = {"train/loss": "training", "validation/loss": "validation"}

Curves = Mapping[str, Sequence[float]]


def learning_curves(history: Path) -> "Figure":
    """Losses above, validation metrics below, against the first column of a history.

    The first column is `epoch` for a network; for a baseline that learns, the option chosen on the
    validation part. The kept one is marked if the card beside the history names it.

    Args:
        history: `history.csv` of a model.

    Raises:
        DeepmirError: when it is missing or is not a table of numbers.
    """
    from matplotlib.figure import Figure

    curves = _read(history)
    along, *names = curves
    metrics = [name for name in names if name.startswith("validation/") and name not in LOSSES]
    losses = [name for name in names if name in LOSSES or name.startswith("train/")]
    panels = [panel for panel in (losses, metrics) if panel]
    figure = Figure(figsize=(5.2, 0.7 + 2.1 * len(panels)), layout="constrained")
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    best = _kept(history.parent / "card.json").get(along)
    for axis, panel in zip(axes, panels, strict=True):
        _draw(axis, curves, along, panel)
        axis.set_ylabel("loss" if panel is losses else "validation score")
        if best is not None:
            axis.axvline(best, color="0.45", linestyle=":", linewidth=1.2, zorder=0)
    if best is not None:
        axes[0].set_title(f"kept: {along} {best:g}", fontsize=9, color="0.3", loc="right")
    _label_time(axes[-1], along)
    return figure


def health(table: Path) -> "Figure":
    """Gradient norms, silent units and updates of every layer over the epochs.

    Args:
        table: `health.csv` of a model.
    """
    from matplotlib.figure import Figure

    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    layers = sorted({int(row["layer"]) for row in rows})
    names = {int(row["layer"]): row["name"] for row in rows}
    figure = Figure(figsize=(9, 7.5), layout="constrained")
    axes = figure.subplots(3, 1, sharex=True)
    panels = {
        "gradient_norm": "gradient norm",
        "update": "change in an epoch / weights",
        "silent": "share of outputs at zero",
    }
    for axis, (column, label) in zip(axes, panels.items(), strict=True):
        for place, layer in enumerate(layers):
            own = [row for row in rows if int(row["layer"]) == layer]
            axis.plot(
                [int(row["epoch"]) for row in own],
                [float(row[column]) for row in own],
                color=_shade(place, len(layers)),
                label=f"{layer} {names[layer]}",
                marker="o" if len(own) < 10 else "",
                ms=3,
            )
        if column == "silent":
            axis.set_ylim(-0.02, 1.02)
        else:
            axis.set_yscale("log")
        axis.set_ylabel(label)
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].legend(fontsize=7, frameon=False, ncols=2, loc="center left", bbox_to_anchor=(1, 0.5))
    _label_time(axes[-1], "epoch")
    return figure


@dataclass(frozen=True)
class Setting:
    """One setting of a sweep: scores of its seeds, their mean and its interval."""

    title: str
    scores: Sequence[float]
    mean: float
    low: float
    high: float
    deviation: float | None


def sweep(settings: Sequence[Setting], metric: str, confidence: float) -> "Figure":
    """All settings of a sweep: their seeds, and the interval of their mean over tracks.

    Args:
        settings: from top to bottom.
        metric: name of the metric.
        confidence: level of the intervals, from 0 to 1.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 1.5 + 0.45 * len(settings)), layout="constrained")
    axis = figure.subplots()
    places = range(len(settings))
    label = f"{confidence:.0%} interval of the mean over tracks"
    lows, highs = [s.low for s in settings], [s.high for s in settings]
    axis.hlines(places, lows, highs, color=COLOURS[4], linewidth=9, alpha=0.5, label=label)
    label = "mean ± standard deviation over seeds"
    means, spread = [s.mean for s in settings], [s.deviation or 0 for s in settings]
    axis.errorbar(means, places, xerr=spread, fmt="D", ms=5, color="0.15", capsize=3, label=label)
    scores = [score for s in settings for score in s.scores]
    heights = [place + 0.25 for place, s in enumerate(settings) for _ in s.scores]  # below
    axis.scatter(scores, heights, s=14, color=COLOURS[1], zorder=3, label="one seed")
    axis.set_yticks(places, [s.title for s in settings])
    axis.set_ylim(len(settings) - 0.4, -0.5)
    axis.set_xlabel(metric)
    axis.grid(alpha=0.25, axis="x")
    axis.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper left", fontsize=8, frameon=False, ncols=2)
    return figure


def reliability(sides: Mapping[str, Sequence[tuple[float, float, float]]]) -> "Figure":
    """The share of correct answers against their confidence: the diagonal is ideal.

    Args:
        sides: by name, the mean confidence, the correct share and the weight of each bin.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.2, 4.0), layout="constrained")
    axis = figure.subplots()
    axis.plot([0, 1], [0, 1], color="0.6", linestyle=":", linewidth=1.2)
    for (name, bins), colour in zip(sides.items(), COLOURS[1::-1], strict=False):
        sure, right, weight = zip(*bins, strict=True)
        axis.plot(sure, right, color=colour, label=name)
        axis.scatter(sure, right, s=[8 + 120 * w for w in weight], color=colour, alpha=0.7)
    axis.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="share that is correct")
    axis.grid(alpha=0.25)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(fontsize=8, frameon=False, loc="upper left")
    return figure


def _shade(place: int, count: int) -> tuple[float, float, float, float]:
    """A colour from dark to bright with depth."""
    import matplotlib

    colour: tuple[float, float, float, float] = matplotlib.colormaps["viridis"](
        0.9 * place / max(count - 1, 1)
    )
    return colour


def _draw(axis: "Axes", curves: Curves, along: str, names: Sequence[str]) -> None:
    for name, colour in zip(names, _cycle(len(names)), strict=True):
        label = LOSSES.get(name, name.removeprefix("validation/").removeprefix("train/"))
        marker = "o" if len(curves[along]) < 10 else ""
        axis.plot(curves[along], curves[name], color=colour, label=label, marker=marker, ms=3)
    axis.grid(alpha=0.25)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(fontsize=8, frameon=False, ncols=2 if len(names) > 3 else 1)


def _cycle(count: int) -> list[str]:
    return [COLOURS[index % len(COLOURS)] for index in range(count)]


def _label_time(axis: "Axes", along: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axis.set_xlabel(along)
    if along == "epoch":
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    else:
        axis.set_xscale("log")


def svg(figure: "Figure") -> bytes:
    """A figure as SVG; the same figure always gives the same bytes."""
    import matplotlib

    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "deepmir"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def png(figure: "Figure") -> bytes:
    """A figure as PNG with 128 colours, a fifth of the bytes; the same figure, the same bytes."""
    from PIL import Image

    drawn, packed = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=100)
    picture = Image.open(drawn).convert("RGB")
    quantised = picture.quantize(128, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    quantised.save(packed, format="PNG", optimize=True)
    return packed.getvalue()


def _read(path: Path) -> dict[str, list[float]]:
    """The columns of a table of numbers; empty cells are NaN, which is not drawn."""
    try:
        text = path.read_text()
        if not text.endswith("\n"):  # a truncated number may still be a number
            raise ValueError("its last line is truncated")
        names, *rows = csv.reader(text.splitlines())
        if not rows:
            raise ValueError("it has no rows")
        return {
            name: [float(cell or math.nan) for cell in column]
            for name, *column in zip(names, *rows, strict=True)
        }
    except FileNotFoundError:
        raise DeepmirError(f"{path} is missing: {paths.again(path)}") from None
    except ValueError as error:
        raise DeepmirError(
            f"{path} is not a table of numbers ({error}): {paths.again(path)}"
        ) from None


def _kept(card: Path) -> dict[str, Any]:
    """The values of the kept checkpoint, if a card has them."""
    try:
        best: dict[str, Any] = json.loads(card.read_text())["training"]["best"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {}
    return best

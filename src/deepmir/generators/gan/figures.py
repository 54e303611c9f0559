"""The figures of a GAN: notes beside their nearest training notes, losses, classes."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

from deepmir.declarations.generated import GeneratorEntry
from deepmir.drawing.axes import frequency_ticks
from deepmir.drawing.figures import COLOURS, png, svg
from deepmir.generators.gan.patches import Array, Patches
from deepmir.generators.judgement import Figure
from deepmir.representations import Representation

COLUMNS = 8  # notes side by side


@dataclass(frozen=True)
class Shown:
    """The data of the figures.

    Attributes:
        own: generated notes, shape (n, T, F).
        asked: the test notes, whose classes they were conditioned on.
        nearest: the nearest training note of each, shape (n, T, F).
        heard: the label that the classifier assigns to each.
        heard_in_test: the same for the test notes.
        labels: of the classifier.
    """

    own: Array
    asked: Patches
    nearest: Array
    heard: npt.NDArray[np.int64]
    heard_in_test: npt.NDArray[np.int64]
    labels: Sequence[str]


def draw(folder: Path, entry: GeneratorEntry, shown: Shown) -> list[Figure]:
    """Write all figures of a GAN into a folder."""
    places = np.linspace(0, len(shown.own) - 1, min(COLUMNS, len(shown.own))).astype(int)
    titles = [_title(shown.asked.said[place], entry) for place in places]
    rows = {"generated": shown.own[places], "nearest\ntraining note": shown.nearest[places]}
    if any(titles):
        rows["test note\nof the same"] = shown.asked.frames[places]
    notes = side_by_side(rows, titles, entry.representation)
    heard = {"generated": shown.heard, "test": shown.heard_in_test}
    (folder / "nearest.png").write_bytes(png(notes))
    (folder / "losses.svg").write_bytes(svg(losses(entry.folder / "history.csv")))
    (folder / "classes.svg").write_bytes(svg(classes(heard, shown.labels)))
    return [
        Figure(
            "Generated notes, and the training notes nearest to them",
            "Two identical pictures would be a copy. If the GAN is conditioned, a test "
            "note of the same class is shown below.",
            "nearest.png",
        ),
        Figure(
            "The two losses, and the distance to the validation part",
            "Neither loss has to fall: each network is only as good as the other lets it "
            "be. The epoch with the smallest distance is kept.",
            "losses.svg",
        ),
        Figure(
            "What the classifier hears",
            "Shares of the instruments among generated notes and among test notes.",
            "classes.svg",
        ),
    ]


def side_by_side(
    rows: Mapping[str, Array], titles: Sequence[str], representation: Representation
) -> "Drawing":
    """Rows of patches on one colour scale, shape (n, T, F) each, with a title per column."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1.1 + 1.1 * len(titles), 0.4 + 1.75 * len(rows)), layout="constrained")
    axes = figure.subplots(len(rows), len(titles), squeeze=False)
    every = np.concatenate([*rows.values()])
    limits = {"vmin": float(every.min()), "vmax": float(every.max())}
    for line, (name, patches) in zip(axes, rows.items(), strict=True):
        for axis, patch in zip(line, patches, strict=True):
            axis.imshow(patch.T, origin="lower", aspect="auto", cmap="magma", **limits)
            axis.set_xticks([])
            axis.set_yticks([])
        line[0].set_ylabel(name, fontsize=9)
        ticks = frequency_ticks(representation)
        bins = representation.bins
        line[0].set_yticks(
            [(1 - tick.at) * bins - 0.5 for tick in ticks],
            [tick.label for tick in ticks],
            fontsize=6,
        )
    for axis, title in zip(axes[0], titles, strict=True):
        axis.set_title(title, fontsize=8)
    return figure


def losses(history: Path) -> "Drawing":
    """The losses of both networks on top, the Frechet distance to the validation part below."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullLocator

    with history.open(newline="") as file:
        rows = list(csv.DictReader(file))
    figure = Figure(figsize=(5.6, 4.6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    for name, colour in zip(("discriminator", "generator"), COLOURS, strict=False):
        _curve(above, rows, f"train/{name}", colour, name)
    above.set_ylabel("loss")
    above.legend(fontsize=8, frameon=False)
    _curve(below, rows, "validation/frechet", COLOURS[2], "")
    best = min(rows, key=lambda row: float(row["validation/frechet"]))
    below.axvline(float(best["epoch"]), color="0.45", linestyle=":", linewidth=1.2)
    below.set(ylabel="distance to validation", xlabel="epoch", yscale="log")
    below.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    below.yaxis.set_minor_locator(NullLocator())
    below.yaxis.set_major_formatter("{x:g}")
    return figure


def classes(heard: Mapping[str, npt.NDArray[np.int64]], labels: Sequence[str]) -> "Drawing":
    """The share of every label in each set of notes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.6, 0.9 + 0.4 * len(labels)), layout="constrained")
    axis = figure.subplots()
    height = 0.8 / len(heard)
    for row, (name, found) in enumerate(heard.items()):
        shares = np.bincount(found, minlength=len(labels)) / len(found)
        places = np.arange(len(labels)) + (row - (len(heard) - 1) / 2) * height
        axis.barh(places, shares, height, color=COLOURS[row], label=name)
    axis.set_yticks(range(len(labels)), labels)
    axis.invert_yaxis()
    axis.set_xlabel("share of the notes")
    axis.legend(fontsize=8, frameon=False)
    axis.spines[["top", "right"]].set_visible(False)
    return figure


def _curve(
    axis: "Axes", rows: Sequence[Mapping[str, str]], name: str, colour: str, label: str
) -> None:
    known = [row for row in rows if row[name]]
    axis.plot(
        [float(row["epoch"]) for row in known],
        [float(row[name]) for row in known],
        color=colour,
        label=label,
    )
    axis.grid(alpha=0.25)
    axis.spines[["top", "right"]].set_visible(False)


def _title(said: Mapping[str, str], entry: GeneratorEntry) -> str:
    """The conditions of a generated note."""
    told = getattr(entry.generator, "conditions", ())
    return "\n".join(said[c] if c == "instrument" else f"pitch {int(said[c])}" for c in told)

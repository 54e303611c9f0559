"""The attention of a decoder for each symbol, drawn over its input."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from deepmir.drawing.axes import frequency_ticks
from deepmir.drawing.figures import COLOURS
from deepmir.drawing.picture import shades
from deepmir.representations import Representation

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SYMBOL = 0.17  # inches for the name of a symbol
DOTS = 110  # per inch


@dataclass(frozen=True)
class Alignment:
    """An excerpt and the symbols written for it.

    Attributes:
        title: of the recording.
        start: of the excerpt in seconds.
        values: its representation, shape (frames, bins).
        representation: of the values.
        symbols: in words, as written.
        weights: attention over the frames for each, shape (symbols, frames).
        starts: of the events, in seconds from the beginning of the excerpt.
    """

    title: str
    start: float
    values: npt.NDArray[np.floating]
    representation: Representation
    symbols: Sequence[str]
    weights: npt.NDArray[np.float32]
    starts: Sequence[float]


def draw(one: Alignment) -> "Figure":
    """The representation with the written starts; below, the attention for each symbol."""
    from matplotlib.figure import Figure

    seconds = len(one.values) / one.representation.frame_rate
    below = max(1.0, SYMBOL * len(one.symbols))
    figure = Figure(figsize=(7.2, 2.6 + below), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[2.0, below])
    extent = (one.start, one.start + seconds)
    values = one.values if one.values.ndim == 2 else one.values.mean(axis=2)
    top.imshow(
        shades(values.T), cmap="Greys", origin="lower", aspect="auto", extent=(*extent, 0, 1)
    )
    ticks = frequency_ticks(one.representation)
    top.set_yticks([1 - tick.at for tick in ticks], [tick.label for tick in ticks], fontsize=7)
    top.set_title(one.title, fontsize=9, loc="left")
    bottom.imshow(
        one.weights,
        cmap="Blues",
        aspect="auto",
        interpolation="nearest",
        vmin=0.0,
        extent=(*extent, len(one.symbols), 0),
    )
    bottom.set_yticks(np.arange(len(one.symbols)) + 0.5, one.symbols, fontsize=6.5)
    bottom.set_xlabel("seconds")
    bottom.set_title("symbols, as they were written", fontsize=8, loc="left")
    for axis in (top, bottom):
        for start in one.starts:
            axis.axvline(one.start + start, color=COLOURS[1], linewidth=0.8, alpha=0.7)
    return figure


def png(one: Alignment) -> bytes:
    """The same as a PNG; the same values give the same bytes."""
    buffer = io.BytesIO()
    draw(one).savefig(buffer, format="png", dpi=DOTS, metadata={"Software": None})
    return buffer.getvalue()

"""Views of a track: lines over the picture of its representation, words beside it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deepmir.drawing.axes import height
from deepmir.files.annotations import Jams

Times = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scene:
    """The data to draw for one track.

    Attributes:
        reference: its annotations.
        estimate: the annotations of a system.
        seconds: how much of it is shown, from its start.
        values: the representation shown, shape (frames, bins).
        frequencies: centre of every bin, shape (bins,), Hz, rising.
        octaves: whether the bins are fine enough to tell pitch classes apart.
    """

    reference: Jams
    estimate: Jams
    seconds: float
    values: npt.NDArray[np.float32]
    frequencies: npt.NDArray[np.float64]
    octaves: bool

    def height(self, hertz: float) -> float:
        """The position of a frequency in the picture: 0 is its top, 1 its bottom."""
        return height(self.frequencies, hertz)


@dataclass(frozen=True)
class Mark:
    """A straight line over the picture.

    Attributes:
        kind: CSS classes, of which `right`, `wrong`, `strong`, `other` and `edge` have a look.
        x1: start in seconds.
        y1: start as a share of the picture's height, from its top.
        x2: end in seconds.
        y2: end as a share of the picture's height.
    """

    kind: str
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class Bar:
    """One pitch class of a profile: its height in [0, 1] and whose scale it belongs to."""

    label: str
    height: float
    reference: bool
    estimate: bool


@dataclass(frozen=True)
class Box:
    """An interval, with its name, beside the picture.

    Attributes:
        text: the name.
        start: seconds.
        end: seconds.
        top: as a share of the picture's height, from its top: below 0 is above the picture.
        height: as a share of the picture's height.
        right: whether the other side agrees.
    """

    text: str
    start: float
    end: float
    top: float
    height: float
    right: bool


@dataclass(frozen=True)
class Clicks:
    """When a click sounds, and when a higher one does, in seconds; and what they stand for."""

    weak: Times
    strong: Times
    words: str


@dataclass(frozen=True)
class View:
    """What the page shows and plays for one track.

    Attributes:
        words: pairs of a term and its text.
        marks: lines over the picture.
        legend: for each look of a mark, what it means.
        margin: room above and below the picture for marks, as a share of its height.
        bars: a profile of pitch classes, or nothing.
        boxes: intervals, in the margins.
        clicks: what is mixed into a second recording, or None.
    """

    words: tuple[tuple[str, str], ...]
    marks: tuple[Mark, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
    margin: float = 0.0
    bars: tuple[Bar, ...] = ()
    boxes: tuple[Box, ...] = ()
    clicks: Clicks | None = None


Drawing = Callable[[Scene], View]

"""The spectrum of a recording as pictures: pitch upwards, level as brightness."""

import base64
import io
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from deepmir.drawing.picture import shades
from deepmir.representations import Representation

Number = TypeVar("Number", bound=np.generic)

BINS_PER_SEMITONE = 2
LOWEST = 24  # MIDI number of the lowest bin: C1
OCTAVES = 8

COLUMNS = 65_536  # of the fine picture at most
TILE = 2048  # columns of one image file, and of the whole picture that is seen from afar
GREYS = 32  # as many as an eye tells apart here


@dataclass(frozen=True)
class Picture:
    """Images side by side, each with :data:`TILE` columns except the last.

    Attributes:
        tiles: PNG files in greys, the highest pitch on top, black where it is silent, as base64.
        columns: in all.
        rate: columns a second.
    """

    tiles: tuple[str, ...]
    columns: int
    rate: float


@cache
def representation() -> Representation:
    """A constant-Q transform, in which all octaves have the same height."""
    from pydantic import TypeAdapter

    declaration = {
        "kind": "cqt",
        "sample_rate": 22050,
        "hop": 512,
        "bins": 12 * OCTAVES * BINS_PER_SEMITONE,
        "bins_per_octave": 12 * BINS_PER_SEMITONE,
        "fmin": 440 * 2 ** ((LOWEST - 69) / 12),
        "conditioning": [{"kind": "log", "epsilon": 1e-3}],
    }
    found: Representation = TypeAdapter(Representation).validate_python(declaration)
    return found


def pictures(levels: npt.NDArray[np.floating]) -> tuple[Picture, Picture]:
    """The detailed picture, and the overview.

    Args:
        levels: shape (frames, bins), at the frame rate of :func:`representation`.
    """
    rate = representation().frame_rate
    near, near_step = _fewer(levels, COLUMNS)
    greys = np.rint(shades(near.astype(np.float32)) * (GREYS - 1)) * (255 // (GREYS - 1))
    fine = greys.astype(np.uint8)
    far, far_step = _fewer(fine, TILE)
    return _picture(fine, rate / near_step), _picture(far, rate / near_step / far_step)


def _fewer(values: npt.NDArray[Number], most: int) -> tuple[npt.NDArray[Number], int]:
    """At most so many rows, each the greatest of `step` ones: a short sound must not vanish."""
    step = -(-len(values) // most)
    return np.maximum.reduceat(values, np.arange(0, len(values), step), axis=0), step


def _picture(greys: npt.NDArray[np.uint8], rate: float) -> Picture:
    tiles = (greys[start : start + TILE] for start in range(0, len(greys), TILE))
    return Picture(tuple(_png(tile) for tile in tiles), len(greys), rate)


def _png(greys: npt.NDArray[np.uint8]) -> str:
    from PIL import Image

    packed = io.BytesIO()
    Image.fromarray(greys.T[::-1]).save(packed, format="PNG", optimize=True)
    return base64.b64encode(packed.getvalue()).decode()

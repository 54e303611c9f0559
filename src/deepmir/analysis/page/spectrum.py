"""The spectrum of a recording as pictures: pitch upwards, the louder the lighter or darker."""

import base64
import io
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from deepmir.drawing.picture import shades
from deepmir.representations import Representation

BINS_PER_SEMITONE = 2
LOWEST = 24  # MIDI number of the lowest bin: C1
OCTAVES = 8

COLUMNS = 16_384  # of the fine picture at most
TILE = 2048  # columns of one image file, and of the whole picture that is seen from afar
GREYS = 32  # as many as an eye tells apart here


@dataclass(frozen=True)
class Picture:
    """Images side by side, each of :data:`TILE` columns but the last.

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
    """A constant-Q transform, in which every octave is as high as every other."""
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
    """The picture for a closer look, and the one of the whole.

    Args:
        levels: shape (frames, bins), at the frame rate of :func:`representation`.
    """
    greys = np.rint(shades(levels.astype(np.float32)) * (GREYS - 1)) * (255 // (GREYS - 1))
    fine = greys.astype(np.uint8)
    return _picture(fine, COLUMNS), _picture(fine, TILE)


def _picture(greys: npt.NDArray[np.uint8], columns: int) -> Picture:
    step = -(-len(greys) // columns)
    # The loudest of the frames that fall onto one column: a short sound must not vanish.
    kept = np.maximum.reduceat(greys, np.arange(0, len(greys), step), axis=0)
    tiles = (kept[start : start + TILE] for start in range(0, len(kept), TILE))
    rate = representation().frame_rate / step
    return Picture(tuple(_png(tile) for tile in tiles), len(kept), rate)


def _png(greys: npt.NDArray[np.uint8]) -> str:
    from PIL import Image

    packed = io.BytesIO()
    Image.fromarray(greys.T[::-1]).save(packed, format="PNG", optimize=True)
    return base64.b64encode(packed.getvalue()).decode()

"""Running maxima from either side, of which the exact searches for paths are made."""

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]


def from_both_sides(here: Scores, there: Scores, reach: int) -> Scores:
    """Running maxima of rows, over those before each and over those after it.

    Each step covers twice as many rows: `np.maximum.accumulate` takes them one by one.

    Args:
        here: the rows to go up through, and those to go down through, shape (2, rows, columns).
        there: room of the same shape; both are overwritten.
        reach: how many rows each maximum covers, at least.

    Returns:
        Shape (2, rows, columns), in one of the two.
    """
    step = 1
    while step < reach:
        (up, down), (higher, lower) = here, there
        np.maximum(up[step:], up[:-step], out=higher[step:])
        np.maximum(down[:-step], down[step:], out=lower[:-step])
        higher[:step], lower[-step:] = up[:step], down[-step:]
        here, there, step = there, here, 2 * step
    return here

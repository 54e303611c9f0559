"""Running maxima from both sides, for the exact path searches."""

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]


def from_both_sides(here: Scores, there: Scores, reach: int) -> Scores:
    """Running maxima of rows, over those before and those after each.

    Each step covers twice as many rows; `np.maximum.accumulate` takes them one by one.

    Args:
        here: the rows to ascend, and those to descend, shape (2, rows, columns).
        there: buffer of the same shape; both are overwritten.
        reach: minimum number of rows that each maximum covers.

    Returns:
        Shape (2, rows, columns), in one of the two buffers.
    """
    step = 1
    while step < reach:
        (up, down), (higher, lower) = here, there
        np.maximum(up[step:], up[:-step], out=higher[step:])
        np.maximum(down[:-step], down[step:], out=lower[:-step])
        higher[:step], lower[-step:] = up[:step], down[-step:]
        here, there, step = there, here, 2 * step
    return here

"""Running medians along time for many bins at once, compiled."""

import numpy as np
import numpy.typing as npt
from numba import njit

Array = npt.NDArray[np.float32]

# Neighbouring bins processed together: a whole number of vector registers.
LANES = 32


def running_median(values: Array, size: int) -> Array:
    """Median of every ``size`` neighbours along axis 0, the ends reflected (d c b a | a b c d).

    Args:
        values: float32, shape (n, lanes), contiguous.
        size: Odd number of neighbours.

    Returns:
        float32, shape (n, lanes).
    """
    extra = -values.shape[1] % LANES
    padded = np.pad(values, ((size // 2, size // 2), (0, 0)), mode="symmetric")
    padded = np.pad(padded, ((0, 0), (0, extra)))
    medians: Array = _medians(padded, size)
    return medians[:, : values.shape[1]]


@njit(cache=True)  # type: ignore[untyped-decorator]
def _medians(padded: Array, size: int) -> Array:
    """Keep the window sorted: drop the oldest value, bubble in the newest, for LANES bins at once.

    Both are comparisons of neighbours without branches, which the compiler turns into vector
    minima and maxima; a tree or a binary search would be scalar.
    """
    count = padded.shape[0] - size + 1
    result = np.empty((count, padded.shape[1]), np.float32)
    ordered = np.empty((size + 1, LANES), np.float32)  # its last row stays infinite
    newest, oldest = np.empty(LANES, np.float32), np.empty(LANES, np.float32)
    for lane in range(0, padded.shape[1], LANES):
        ordered[:] = np.inf
        for row in range(padded.shape[0]):
            for j in range(LANES):
                newest[j] = padded[row, lane + j]
                oldest[j] = padded[row - size, lane + j] if row >= size else np.inf
            for i in range(size):
                for j in range(LANES):
                    kept = ordered[i, j] if ordered[i, j] < oldest[j] else ordered[i + 1, j]
                    ordered[i, j] = min(kept, newest[j])
                    newest[j] = max(kept, newest[j])
            if row >= size - 1:
                for j in range(LANES):
                    result[row - size + 1, lane + j] = ordered[size // 2, j]
    return result

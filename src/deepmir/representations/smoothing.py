"""A first-order recursive filter. `scipy.signal` has it, too, and takes a second to import."""

import numpy as np
import numpy.typing as npt
from numba import njit

Array = npt.NDArray[np.float64]


def smoothed(values: Array, b: float, state: Array) -> Array:
    """M[t] = (1 - b) M[t - 1] + b X[t], along the first axis.

    Args:
        values: X, shape (frames, ...).
        b: coefficient of what is new.
        state: (1 - b) M[t - 1] ahead of the first frame, all bins in one row; left here, too.
    """
    rows = np.ascontiguousarray(values).reshape(len(values), -1)
    smooth: Array = _smoothed(rows, b, state)
    return smooth.reshape(values.shape)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _smoothed(rows: Array, b: float, state: Array) -> Array:
    out = np.empty_like(rows)
    for t in range(rows.shape[0]):
        for i in range(rows.shape[1]):
            out[t, i] = b * rows[t, i] + state[i]
            state[i] = (1 - b) * out[t, i]
    return out

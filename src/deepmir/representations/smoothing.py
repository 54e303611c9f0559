"""A first-order recursive filter; `scipy.signal` takes a second to import."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from deepmir.representations.framing import blocks

Array = npt.NDArray[np.float64]

FRAMES = 64  # per matrix product


def smoothed(values: Array, b: float, state: Array) -> Array:
    """M[t] = (1 - b) M[t - 1] + b X[t], along the first axis.

    Args:
        values: X, shape (frames, ...).
        b: coefficient of the new value.
        state: (1 - b) M[t - 1] before the first frame, all bins in one row; updated in place.
    """
    rows = values.reshape(len(values), -1)
    new, old = _weights(b)
    smooth = np.empty_like(rows)
    for which in blocks(len(rows), FRAMES):
        part, count = smooth[which], which.stop - which.start
        np.matmul(new[:count, :count], rows[which], out=part)
        part += old[:count, None] * state
        np.multiply(part[-1], 1 - b, out=state)
    return smooth.reshape(values.shape)


@lru_cache(maxsize=8)
def _weights(b: float) -> tuple[Array, Array]:
    """Weights in a block of the frames up to each, (t, t'), and of the previous state, (t,)."""
    age = np.subtract.outer(np.arange(FRAMES), np.arange(FRAMES))
    powers = (1 - b) ** np.arange(FRAMES)
    new: Array = np.where(age >= 0, b * powers[np.maximum(age, 0)], 0.0)
    return new, np.asarray(powers)

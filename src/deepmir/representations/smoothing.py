"""A first-order recursive filter. `scipy.signal` has it, too, and takes a second to import."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from deepmir.representations.framing import blocks

Array = npt.NDArray[np.float64]

FRAMES = 64  # that are one product of matrices


def smoothed(values: Array, b: float, state: Array) -> Array:
    """M[t] = (1 - b) M[t - 1] + b X[t], along the first axis.

    Args:
        values: X, shape (frames, ...).
        b: coefficient of what is new.
        state: (1 - b) M[t - 1] ahead of the first frame, all bins in one row; left here, too.
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
    """What each frame has of those up to it in a block, (t, t'), and of the state before, (t,)."""
    age = np.subtract.outer(np.arange(FRAMES), np.arange(FRAMES))
    powers = (1 - b) ** np.arange(FRAMES)
    new: Array = np.where(age >= 0, b * powers[np.maximum(age, 0)], 0.0)
    return new, np.asarray(powers)

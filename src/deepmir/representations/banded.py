"""Products with filterbanks whose rows are zero outside a band: a few small dense products."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

# Filters a group: fewer waste less on zeros, more keep the matrix product efficient.
GROUP = 16


class Band(NamedTuple):
    """Filters ``rows``, all zero outside the inputs ``columns``; weights (inputs, filters)."""

    rows: slice
    columns: slice
    weights: Array


def banded(weights: npt.NDArray[np.float64], group: int = GROUP) -> tuple[Band, ...]:
    """Split a filterbank into groups of neighbouring filters without their common zeros.

    Args:
        weights: Filterbank, shape (filters, inputs).
        group: Filters a group.

    Returns:
        The groups, in order.
    """
    return tuple(_band(weights, first, group) for first in range(0, len(weights), group))


def _band(weights: npt.NDArray[np.float64], first: int, group: int) -> Band:
    rows = weights[first : first + group]
    used = np.flatnonzero(rows.any(axis=0))
    columns = slice(int(used[0]), int(used[-1]) + 1) if used.size else slice(0, 1)
    kept = np.ascontiguousarray(rows[:, columns].T, dtype=np.float32)
    return Band(slice(first, first + len(rows)), columns, kept)


def product(values: Array, bands: tuple[Band, ...], out: Array) -> None:
    """Write ``values @ weights.T`` into ``out``.

    Args:
        values: Inputs, shape (frames, inputs).
        bands: The filterbank, from `banded`.
        out: Result, shape (frames, filters), overwritten.
    """
    for rows, columns, weights in bands:
        np.matmul(values[:, columns], weights, out=out[:, rows])

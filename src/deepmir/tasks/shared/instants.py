"""Instants on the grid of a network, for onsets, offsets, beats and notes."""

import numpy as np
import numpy.typing as npt

from deepmir.tasks.base import Array, Floats, Grid

# The two neighbour frames of an instant count half: annotations are no finer than one or two
# frames, and one positive frame in fifty gives a poor gradient (Schlueter and Boeck, ICASSP 2014).
WIDENED = ((-1, 0.5), (0, 1.0), (1, 0.5))


def widened(times: Floats, grid: Grid) -> Array:
    """1 at the frame nearest to each instant, 0.5 at its neighbours, shape (frames,).

    Args:
        times: in seconds, shape (events,), in any order; those outside the grid are ignored.
        grid: of the network.
    """
    target = np.zeros(grid.frames, dtype=np.float32)
    nearest = np.rint(grid.position(times)).astype(int)
    for offset, weight in WIDENED:
        frames = nearest + offset
        frames = frames[(frames >= 0) & (frames < grid.frames)]
        target[frames] = np.maximum(target[frames], weight)
    return target


def is_new(times: Floats, apart: float) -> npt.NDArray[np.bool_]:
    """Whether each instant is not simultaneous with an earlier new one, shape (events,).

    Args:
        times: in seconds, shape (events,), ascending.
        apart: minimum distance in seconds of instants that are not simultaneous.
    """
    new = np.zeros(times.size, dtype=bool)
    last = -np.inf
    for index, time in enumerate(times.tolist()):
        if time - last >= apart:
            new[index], last = True, time
    return new

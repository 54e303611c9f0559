"""Instants on the grid of a network: what onsets, offsets, beats and notes have in common."""

import numpy as np
import numpy.typing as npt

from deepmir.tasks.base import Array, Floats, Grid

# An instant also half-marks its two neighbour frames: annotations are no finer than a frame or
# two, and one positive frame in fifty makes a poor gradient (Schlueter and Boeck, ICASSP 2014).
WIDENED = ((-1, 0.5), (0, 1.0), (1, 0.5))


def widened(times: Floats, grid: Grid) -> Array:
    """1 at the frame nearest to each instant, 0.5 at its neighbours, shape (frames,).

    Args:
        times: in seconds, shape (events,), in any order; those outside of the grid are left out.
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
    """Which instants are not simultaneous with an earlier one that is new, shape (events,).

    Args:
        times: in seconds, shape (events,), ascending.
        apart: seconds from which on two instants are not simultaneous.
    """
    new = np.zeros(times.size, dtype=bool)
    last = -np.inf
    for index, time in enumerate(times.tolist()):
        if time - last >= apart:
            new[index], last = True, time
    return new

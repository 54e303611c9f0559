"""Frames of a signal, cut block by block without a padded copy, and their temporal context.

`deepmir.features.frontend.framing` does the same for batches in torch.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

Array = npt.NDArray[np.float32]

# Samples of windowed frames processed at once: 1 MB, small for the caches, large for Python.
BLOCK = 1 << 18


@dataclass(frozen=True)
class Context:
    """The temporal context of a frame.

    Attributes:
        before: frames before it.
        after: frames after it.
        grid: an excerpt has to begin at a multiple of this many frames.
    """

    before: int
    after: int
    grid: int = 1

    def wider(self, before: int, after: int) -> "Context":
        """The context of an operation that uses this many frames with this context."""
        return Context(self.before + before, self.after + after, self.grid)


def excerpt(samples: Array, start: int, stop: int) -> Array:
    """Samples ``start`` to ``stop``, zero outside the signal; a view if it lies inside.

    Args:
        samples: Audio, shape (n,).
        start: First sample, possibly negative.
        stop: One past the last sample, possibly beyond n.

    Returns:
        float32, shape (stop - start,).
    """
    if start >= 0 and stop <= len(samples):
        return samples[start:stop]
    padded = np.zeros(stop - start, np.float32)
    inside = samples[max(start, 0) : max(stop, 0)]
    offset = max(-start, 0)
    padded[offset : offset + len(inside)] = inside
    return padded


def blocks(frames: int, size: int) -> Iterator[slice]:
    """Consecutive slices of at most ``size`` frames that cover ``frames`` frames."""
    for first in range(0, frames, size):
        yield slice(first, min(first + size, frames))


def centred_frames(samples: Array, window: int, hop: int, which: slice) -> Array:
    """Frames centred at multiples of the hop, zero beyond the ends of the signal.

    Args:
        samples: Audio, shape (n,).
        window: Samples per frame.
        hop: Samples between frames.
        which: The frames to return, by index.

    Returns:
        float32, shape (which.stop - which.start, window), rows overlapping in memory: read-only.
    """
    start = which.start * hop - window // 2
    stop = (which.stop - 1) * hop - window // 2 + window
    part = excerpt(samples, start, stop)
    shape, strides = (which.stop - which.start, window), (hop * part.itemsize, part.itemsize)
    return as_strided(part, shape, strides, writeable=False)

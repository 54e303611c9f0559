"""The level between the two heaps of a recording's activations: a threshold of its own."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

LOGITS = (-8.0, 8.0)  # what is further out counts as this
LEVELS = 160  # a tenth of a logit each


def part(activations: ArrayLike, highest: float, slack: float) -> float:
    """Where Otsu's method parts the activations of a recording, not far below a threshold.

    A network is less sure of a voice or an instrument that is unlike those it was trained on, but
    evenly so for a whole recording: what it says still falls into two heaps. The level that parts
    them maximises the variance between the two (N. Otsu, IEEE Trans. SMC 9, 1979, equation 18),
    here of the logits.

    Args:
        activations: probabilities, shape (frames,).
        highest: the threshold, between 0 and 1.
        slack: by how many logits the level may be lower.

    Returns:
        A probability, `highest` or less; `highest` without activations.
    """
    values = np.asarray(activations, dtype=np.float64)
    top = float(_logits(np.array(highest)))
    counts, edges = np.histogram(_logits(values).clip(*LOGITS), LEVELS, LOGITS)
    below, above = np.cumsum(counts)[:-1], values.size - np.cumsum(counts)[:-1]
    if slack == 0 or not (below * above).any():
        return highest
    sums = np.cumsum(counts * (edges[1:] + edges[:-1]) / 2)
    between = sums[:-1] / np.maximum(below, 1) - (sums[-1] - sums[:-1]) / np.maximum(above, 1)
    variance = below * above * between**2
    best = np.flatnonzero(variance >= variance.max() * (1 - 1e-12))  # all of an empty valley
    level = float(np.clip(edges[1:-1][best].mean(), top - slack, top))
    return 1 / (1 + float(np.exp(-level)))


def _logits(values: NDArray[np.float64]) -> NDArray[np.float64]:
    safe = values.clip(1e-9, 1 - 1e-9)
    return np.asarray(np.log(safe) - np.log1p(-safe))

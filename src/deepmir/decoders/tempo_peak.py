"""One or two tempi from a distribution over tempo classes."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepmir.decoders.base import refuse_non_finite
from deepmir.decoders.peaks import refine_peaks

Floats = NDArray[np.float64]

# Zeros must still have a logarithm.
FLOOR = 1e-12


# MIREX's tolerance: a second tempo that differs relatively by no more is the same.
DISTANCE = 0.08


def tempo_peaks(distribution: ArrayLike, slowest: float) -> tuple[Floats, Floats]:
    """The highest peak, and the next one at a different tempo.

    A peak lies at the vertex of the parabola through the logarithms of a class and its two
    neighbours, which for a Gaussian is exactly its mean. Listeners tap to a piece at two tempi, so
    MIREX requires two with their strengths (M. McKinney et al., "Evaluation of audio beat
    tracking and music tempo extraction algorithms", JNMR 36(1), 2007).

    Args:
        distribution: over classes 1 BPM apart, not negative, shape (classes,).
        slowest: BPM of the first class.

    Returns:
        BPM and weights, shape (tempi,) each: one or two, the stronger first, or none if nothing is
        greater than zero. A weight is the height of the peak's class; they sum to 1.

    Raises:
        DeepmirError: a value is NaN or infinite.
    """
    values = np.asarray(distribution, dtype=np.float64)
    refuse_non_finite(values, "tempo activations")
    peaks = _local_maxima(values)
    peaks = peaks[np.argsort(-values[peaks], kind="stable")]
    bpm = slowest + refine_peaks(np.log(np.maximum(values, FLOOR)), peaks)
    other = np.flatnonzero(np.abs(bpm - bpm[:1]) > DISTANCE * bpm[:1])
    chosen = np.concatenate([np.arange(min(1, peaks.size)), other[:1]])
    weights = values[peaks[chosen]]
    return bpm[chosen], weights / max(weights.sum(), FLOOR)


def _local_maxima(values: Floats) -> NDArray[np.int64]:
    """Classes above zero and not below a neighbour; the first of equal neighbours."""
    padded = np.concatenate([[0.0], values, [0.0]])
    is_peak = (values > padded[:-2]) & (values >= padded[2:])
    return np.flatnonzero(is_peak)

"""Triangular filters on any frequency scale, and their norms."""

from typing import Literal

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.float64]
Norm = Literal["none", "area", "sum"]


def triangles(edges: Weights, frequencies: Weights) -> Weights:
    """Triangles of height one between neighbouring edges.

    Args:
        edges: Increasing; filter k rises from edge k to k + 1 and falls to k + 2; (filters + 2,).
        frequencies: Where the filters are sampled, on the scale of the edges, shape (inputs,).

    Returns:
        float64, shape (filters, inputs).
    """
    rising = (frequencies - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - frequencies) / (edges[2:] - edges[1:-1])[:, None]
    heights: Weights = np.maximum(np.minimum(rising, falling), 0.0)
    return heights


def normalised(weights: Weights, norm: Norm, widths: Weights) -> Weights:
    """Scale each filter.

    Args:
        weights: Filterbank, shape (filters, inputs).
        norm: ``area`` divides by half the width in Hz (Slaney's constant energy per filter),
            ``sum`` by the sum of the weights, ``none`` leaves peaks of one.
        widths: Width of each filter at its base, shape (filters,), Hz.

    Returns:
        float64, shape (filters, inputs).
    """
    if norm == "area":
        return np.asarray(weights * (2 / widths)[:, None])
    if norm == "sum":
        sums = np.maximum(weights.sum(axis=1), np.finfo(np.float64).tiny)
        return np.asarray(weights / sums[:, None])
    return weights

"""The F measure of every label from counts, and its mean over labels (macro average)."""

from collections.abc import Sequence

import numpy as np

from deepmir.tasks.base import Floats, Metric, shares


def f_measures(hits: Floats, false_alarms: Floats, misses: Floats) -> Floats:
    """F = 2 TP / (2 TP + FP + FN) of every label.

    Args:
        hits: true positives, shape (V,).
        false_alarms: false positives, shape (V,).
        misses: false negatives, shape (V,).

    Returns:
        Shape (V,); NaN for a label in neither reference nor estimate, which has no F.
    """
    counted = 2 * hits + false_alarms + misses
    return np.where(counted > 0, 2 * hits / np.maximum(counted, 1), np.nan)


def measures(labels: Sequence[str]) -> dict[str, Metric]:
    """The metrics of :func:`macro`: shares for the whole part."""
    return shares(("f_macro", *(f"f/{label}" for label in labels)), of="part")


def macro(values: Floats, labels: Sequence[str]) -> dict[str, float]:
    """`f_macro`, the mean over the labels that have an F, and `f/<label>` of each of these.

    Args:
        values: of :func:`f_measures`, shape (V,).
        labels: their names.
    """
    known = {label: float(f) for label, f in zip(labels, values, strict=True) if np.isfinite(f)}
    if not known:
        return {}
    each = {f"f/{label}": f for label, f in known.items()}
    return {"f_macro": float(np.mean(list(known.values()))), **each}

"""Ranking quality of confidences, true above false, for many labels at once.

Vectorised because a bootstrap computes it thousands of times.
"""

import numpy as np

from deepmir.tasks.base import Floats


def roc_auc(truth: Floats, confidence: Floats) -> Floats:
    """Area under the ROC curve of every column: P(a positive ranks above a negative), ties half.

    From rank sums (Mann and Whitney, 1947): (R - P (P + 1) / 2) / (P N).

    Args:
        truth: 0 or 1, shape (examples, labels).
        confidence: of the same shape.

    Returns:
        Shape (labels,); NaN for a label that is true for all examples or for none.
    """
    from scipy.stats import rankdata

    positives = truth.sum(axis=0)
    negatives = len(truth) - positives
    ranks = (rankdata(confidence, axis=0) * truth).sum(axis=0)
    pairs = positives * negatives
    area = (ranks - positives * (positives + 1) / 2) / np.maximum(pairs, 1)
    return np.where(pairs > 0, area, np.nan)


def average_precision(truth: Floats, confidence: Floats) -> Floats:
    """Area under the precision-recall curve of every column, as a sum of steps.

    That is the mean, over the positives, of the precision among all examples ranked at least as
    high: examples of equal confidence are accepted together.

    Args:
        truth: 0 or 1, shape (examples, labels).
        confidence: of the same shape.

    Returns:
        Shape (labels,); NaN for a label that is true for all examples or for none.
    """
    from scipy.stats import rankdata

    positives = truth.sum(axis=0)
    order = np.argsort(-confidence, axis=0, kind="stable")
    hits = np.cumsum(np.take_along_axis(truth, order, axis=0), axis=0)
    accepted = rankdata(-confidence, method="max", axis=0).astype(np.int64)
    precision = np.take_along_axis(hits, accepted - 1, axis=0) / accepted
    area = (precision * truth).sum(axis=0) / np.maximum(positives, 1)
    return np.where((positives > 0) & (positives < len(truth)), area, np.nan)

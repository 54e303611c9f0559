"""From the confidence of a network to its accuracy.

A network's confidence is seldom its accuracy (Guo, Pleiss, Sun and Weinberger, "On calibration of
modern neural networks", ICML 2017). A logistic curve with two parameters maps one to the other
(J. Platt, "Probabilistic outputs for support vector machines", 1999): it is fitted to the
statements about the validation part, and preserves their order.

The statements are a table of claims, shape (claims, 3), see `Task.claims`: confidence, the share
that is right, and weight.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import Field

from deepmir.fields import Declaration, Number

Floats = npt.NDArray[np.float64]

FEWEST = 20  # claims needed to fit a curve
FLATTEST = 0.05  # a flat curve would make all answers equal
EXTREME = 1e-4  # minimum distance of confidences from 0 and 1
ROUNDS = 50
BINS = 10


class Calibration(Declaration):
    """The curve 1 / (1 + exp(-(slope * logit(confidence) + offset)))."""

    slope: Number = Field(1.0, ge=FLATTEST, le=100, description="1 leaves confidences as they are")
    offset: Number = Field(
        0.0, ge=-100, le=100, description="above 0: right more often than its confidence"
    )

    def __call__(self, confidences: Floats) -> Floats:
        """The share of correct answers at some confidences, both in [0, 1]."""
        return _logistic(self.slope * _logit(confidences) + self.offset)


@dataclass(frozen=True)
class Bin:
    """Claims with similar confidence.

    Attributes:
        confidence: their mean confidence.
        right: the share that is right.
        weight: their share of all claims.
    """

    confidence: float
    right: float
    weight: float


def fit(claims: Floats) -> Calibration | None:
    """The maximum-likelihood curve for claims; None if there are too few.

    A prior with the weight of one claim pulls the curve towards the diagonal, so answers that are
    all right do not lead to infinity.
    """
    if len(claims) < FEWEST or not claims[:, 2].sum() > 0:
        return None
    confidence, right, weight = claims.T
    sure, ones = _logit(confidence), np.ones(len(claims))
    weight = weight * len(claims) / weight.sum()
    columns, start = np.stack([sure, ones], axis=1), np.array([1.0, 0.0])
    slope, offset = _likeliest(columns, 0 * sure, right, weight, start)
    if slope < FLATTEST:
        slope = FLATTEST
        (offset,) = _likeliest(columns[:, 1:], slope * sure, right, weight, start[1:])
    return Calibration(slope=round(min(slope, 100.0), 4), offset=round(float(offset), 4))


def _likeliest(
    columns: Floats, base: Floats, right: Floats, weight: Floats, start: Floats
) -> tuple[float, ...]:
    """Coefficients of some columns plus a base, by Newton's method with safeguarded steps."""

    def loss(curve: Floats) -> float:
        logits = base + columns @ curve
        likely = np.logaddexp(0, logits) - right * logits
        return float(weight @ likely + 0.5 * np.square(curve - start).sum())

    curve = start.copy()
    for _ in range(ROUNDS):
        guess = _logistic(base + columns @ curve)
        gradient = columns.T @ (weight * (guess - right)) + curve - start
        bend = (columns.T * (weight * guess * (1 - guess))) @ columns + np.eye(len(start))
        step = np.linalg.solve(bend, gradient)
        while loss(curve - step) > loss(curve) and np.abs(step).max() > 1e-9:
            step /= 2
        curve = curve - step
        if np.abs(step).max() < 1e-9:
            break
    return tuple(curve.tolist())


def bins(claims: Floats) -> list[Bin]:
    """Claims in ten bins of equal width by confidence, without empty ones."""
    confidence, right, weight = claims.T
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    shares = [np.bincount(place, w, BINS) for w in (weight, weight * confidence, weight * right)]
    total = weight.sum()
    return [
        Bin(float(sure / w), float(correct / w), float(w / total))
        for w, sure, correct in zip(*shares, strict=True)
        if w > 0
    ]


def error(claims: Floats) -> float:
    """Expected calibration error: the weighted mean distance of the two in :func:`bins`."""
    return sum(one.weight * abs(one.confidence - one.right) for one in bins(claims))


def calibrated(claims: Floats, curve: Calibration | None) -> Floats:
    """The claims after calibration."""
    if curve is None:
        return claims
    return np.column_stack([curve(claims[:, 0]), claims[:, 1:]])


def _logit(confidences: Floats) -> Floats:
    kept = np.clip(confidences, EXTREME, 1 - EXTREME)
    return np.asarray(np.log(kept) - np.log1p(-kept))


def _logistic(values: Floats) -> Floats:
    return np.asarray(np.exp(-np.logaddexp(0, -values)))

"""Logistic regression on MFCCs: the conventional classifier of timbre (tutorial, section 2.1).

One multinomial regression for a softmax; one regression per label for sigmoids, over all recordings
or all frames. Validation chooses the regularisation strength, then the decoder's options.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir.baselines.shared import examples, linear
from deepmir.baselines.shared.examples import Examples
from deepmir.baselines.shared.lesson import Lesson, Search
from deepmir.baselines.shared.linear import Linear, standardisation
from deepmir.baselines.shared.mfcc import context_rate

Array = npt.NDArray[np.float64]

# Inverse strength of regularisation.
PENALTIES = (0.001, 0.01, 0.1, 1.0, 10.0)
FRAMES = 50_000  # training frames: more do not help with 81 weights per label
LEAST = 1e-6  # lower limit of a probability: that of a label without training examples

annotator = linear.annotator


def fit(lesson: Lesson) -> None:
    """Learn from the training part, choose regularisation and decoder on the validation part.

    Raises:
        DeepmirError: when a part has no annotation for the task.
    """
    rate = context_rate(int(lesson.sample_rate))
    learn(lesson, examples.read(lesson), rate, "logistic regression on MFCCs", regression)


def learn(
    lesson: Lesson,
    parts: tuple[Examples, Examples],
    frame_rate: float,
    name: str,
    regression: Callable[[Array, Array, str, float], Linear],
) -> None:
    """Train a linear model on any features.

    Args:
        lesson: data and destination.
        parts: features and targets of the training and the validation part.
        frame_rate: of the features.
        name: of the method, for the card.
        regression: fits a model to features, targets, activation and penalty.
    """
    train, validation = parts
    activation = lesson.task.output.activation
    x, y = _sample(np.concatenate(train.features), np.concatenate(train.targets).astype(float))
    held_out, truth = np.concatenate(validation.features), np.concatenate(validation.targets)
    fitted = {penalty: regression(x, y, activation, penalty) for penalty in PENALTIES}
    losses = {
        penalty: log_loss(truth, model.activations(held_out, activation), activation)
        for penalty, model in fitted.items()
    }
    search = Search("C", "validation/log_loss", losses)
    best = fitted[search.best]
    decoder = _decoder(best, lesson, frame_rate, train, validation)
    best.save(lesson, name, search, decoder)


def _decoder(
    model: Linear, lesson: Lesson, frame_rate: float, train: Examples, validation: Examples
) -> dict[str, Any]:
    """Options of the task's decoder, estimated in training or chosen on the validation part."""
    from deepmir.models.choosing import Choice

    task = lesson.task
    choice = Choice(task, frame_rate, task.learned(train.references))
    for values, reference in zip(validation.features, validation.references, strict=True):
        activations = model.activations(values, task.output.activation)
        choice.hear(activations if task.time_varying else activations[0], reference)
    return choice.options()


def _sample(x: Array, y: Array) -> tuple[Array, Array]:
    """At most :data:`FRAMES` examples, evenly from all recordings."""
    kept = np.unique(np.linspace(0, len(x) - 1, min(FRAMES, len(x))).astype(int))
    return x[kept], y[kept]


def regression(x: Array, y: Array, activation: str, penalty: float) -> Linear:
    """Fit to targets, shape (examples, V), ignoring NaN."""
    mean, scale = standardisation(x)
    z = (x - mean) * scale
    if activation == "softmax":
        known = np.isfinite(y).all(axis=1)
        weights = _multinomial(z[known], y[known].argmax(axis=1), y.shape[1], penalty)
    else:
        each = []
        for target in y.T:
            known = np.isfinite(target)
            each.append(binary(z[known], target[known] >= 0.5, penalty))
        weights = np.stack(each)
    return Linear(mean, scale, weights[:, :-1].copy(), weights[:, -1].copy())


def _multinomial(z: Array, classes: npt.NDArray[np.int64], width: int, penalty: float) -> Array:
    """Coefficients and, last, the intercept of every class, shape (V, H + 1)."""
    weights = np.zeros((width, z.shape[1] + 1))
    present = np.unique(classes)
    # A class without examples has minimum probability, whatever the features.
    weights[:, -1] = np.log(LEAST)
    if len(present) == 1:
        weights[present, -1] = 0.0
    elif len(present) == 2:
        # Two classes have a single logit: the other one is zero.
        weights[present] = 0.0
        weights[present[1]] = binary(z, classes == present[1], penalty)
    else:
        weights[present] = _fitted(z, classes, penalty)
    return weights


def binary(z: Array, holds: npt.NDArray[np.bool_], penalty: float) -> Array:
    """Coefficients and, last, the intercept of one label, shape (H + 1,)."""
    if holds.any() and not holds.all():
        weights: Array = _fitted(z, holds, penalty)[0]
        return weights
    share = np.clip(holds.mean() if holds.size else 0.0, LEAST, 1 - LEAST)
    return np.append(np.zeros(z.shape[1]), np.log(share / (1 - share)))


def _fitted(z: Array, labels: npt.NDArray[np.generic], penalty: float) -> Array:
    from sklearn.linear_model import LogisticRegression

    found = LogisticRegression(C=penalty, max_iter=500).fit(z, labels)
    return np.column_stack([found.coef_, found.intercept_])


def log_loss(
    target: npt.NDArray[np.floating], activations: npt.NDArray[np.floating], activation: str
) -> float:
    """Mean cross entropy over all known targets.

    Args:
        target: shape (examples, V), NaN where unknown.
        activations: probabilities, of the same shape.
        activation: softmax: over the labels of an example; sigmoid: for each label separately.
    """
    probabilities = np.clip(activations.astype(np.float64), LEAST, 1 - LEAST)
    if activation == "softmax":
        each = -(target * np.log(probabilities)).sum(axis=1)
    else:
        each = -(target * np.log(probabilities) + (1 - target) * np.log(1 - probabilities))
    return float(np.nanmean(each))

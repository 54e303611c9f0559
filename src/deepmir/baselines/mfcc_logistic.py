"""Logistic regression on MFCCs: the conventional classifier of timbre (tutorial, section 2.1).

One multinomial regression for a softmax; for sigmoids one regression a label, on all recordings or
on all frames. Validation chooses the strength of the regularisation, then the decoder's options.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir.baselines.shared import examples, linear
from deepmir.baselines.shared.examples import Examples
from deepmir.baselines.shared.linear import Linear, Search, standardisation
from deepmir.baselines.shared.mfcc import context_rate
from deepmir.files.annotations import Jams
from deepmir.files.audio import Samples
from deepmir.tasks.base import Task

Array = npt.NDArray[np.float64]

# Inverse strength of regularisation.
PENALTIES = (0.001, 0.01, 0.1, 1.0, 10.0)
FRAMES = 50_000  # frames that are learned from: more of them say nothing new to 81 weights a label
LEAST = 1e-6  # of a probability: that of a label of which training has no example

annotator = linear.annotator


def fit(
    folder: Path,
    name: str,
    task: Task,
    parts: Mapping[str, Iterable[tuple[Samples, Jams]]],
    sample_rate: int,
    provenance: Mapping[str, object],
) -> None:
    """Learn from the training part, choose regularisation and decoder on the validation part.

    Raises:
        DeepmirError: when a part has no annotation for the task.
    """
    train, validation = (
        examples.read(parts[part], task, sample_rate) for part in ("train", "validation")
    )
    activation = task.output.activation
    x, y = _sample(np.concatenate(train.features), np.concatenate(train.targets).astype(float))
    held_out, truth = np.concatenate(validation.features), np.concatenate(validation.targets)
    fitted = {penalty: _regression(x, y, activation, penalty) for penalty in PENALTIES}
    losses = {
        penalty: log_loss(truth, model.activations(held_out, activation), activation)
        for penalty, model in fitted.items()
    }
    search = Search("C", "validation/log_loss", losses)
    linear.save(
        folder,
        fitted[search.best],
        name=name,
        task=task,
        method="logistic regression on MFCCs",
        decoder=_decoder(fitted[search.best], task, train, validation, sample_rate),
        search=search,
        provenance=provenance,
    )


def _decoder(
    model: Linear, task: Task, train: Examples, validation: Examples, sample_rate: int
) -> dict[str, Any]:
    """Options of the task's decoder: what training counts, and what validation chooses."""
    from deepmir.models.choosing import choose

    said = [model.activations(values, task.output.activation) for values in validation.features]
    return choose(
        task,
        context_rate(sample_rate),
        said if task.time_varying else [values[0] for values in said],
        validation.references,
        task.learned(train.references),
    )


def _sample(x: Array, y: Array) -> tuple[Array, Array]:
    """At most :data:`FRAMES` examples, evenly from all recordings."""
    kept = np.unique(np.linspace(0, len(x) - 1, min(FRAMES, len(x))).astype(int))
    return x[kept], y[kept]


def _regression(x: Array, y: Array, activation: str, penalty: float) -> Linear:
    """Fit to targets, shape (examples, V), of which those that are NaN do not count."""
    mean, scale = standardisation(x)
    z = (x - mean) * scale
    if activation == "softmax":
        known = np.isfinite(y).all(axis=1)
        weights = _multinomial(z[known], y[known].argmax(axis=1), y.shape[1], penalty)
    else:
        each = []
        for target in y.T:
            known = np.isfinite(target)
            each.append(_binary(z[known], target[known] >= 0.5, penalty))
        weights = np.stack(each)
    return Linear(mean, scale, weights[:, :-1].copy(), weights[:, -1].copy())


def _multinomial(z: Array, classes: npt.NDArray[np.int64], width: int, penalty: float) -> Array:
    """Coefficients and, last, intercept of every class, shape (V, H + 1)."""
    weights = np.zeros((width, z.shape[1] + 1))
    present = np.unique(classes)
    # A class without example is as improbable as can be, whatever is heard.
    weights[:, -1] = np.log(LEAST)
    if len(present) == 1:
        weights[present, -1] = 0.0
    elif len(present) == 2:
        # Two classes have one logit: the other's is zero.
        weights[present] = 0.0
        weights[present[1]] = _binary(z, classes == present[1], penalty)
    else:
        weights[present] = _fitted(z, classes, penalty)
    return weights


def _binary(z: Array, holds: npt.NDArray[np.bool_], penalty: float) -> Array:
    """Coefficients and, last, intercept of one label, shape (H + 1,)."""
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
    """Mean cross entropy over all that is known.

    Args:
        target: shape (examples, V), NaN where it is not known.
        activations: probabilities, of the same shape.
        activation: softmax: over the labels of an example; sigmoid: of each label by itself.
    """
    probabilities = np.clip(activations.astype(np.float64), LEAST, 1 - LEAST)
    if activation == "softmax":
        each = -(target * np.log(probabilities)).sum(axis=1)
    else:
        each = -(target * np.log(probabilities) + (1 - target) * np.log(1 - probabilities))
    return float(np.nanmean(each))

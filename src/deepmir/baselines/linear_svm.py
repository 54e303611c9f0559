"""Linear support vector machines on a representation: one per label, one against the rest.

Their margins are used as logits, so confidences are not fitted probabilities.
"""

import warnings

import numpy as np
import numpy.typing as npt

from deepmir.baselines import mfcc_logistic
from deepmir.baselines.shared import examples, linear
from deepmir.baselines.shared.lesson import Lesson
from deepmir.baselines.shared.linear import Floats, Linear, standardisation

annotator = linear.of_frames
NEVER = -10.0  # the margin of a label without training examples; its negative, if it has no others


def fit(lesson: Lesson) -> None:
    """Learn from the training part, choose regularisation and decoder on the validation part.

    Raises:
        DeepmirError: when a part has no annotation for the task.
    """
    parts = examples.read_frames(lesson)
    name = "linear support vector machines"
    mfcc_logistic.learn(lesson, parts, lesson.sample_rate, name, _machines)


def _machines(x: Floats, y: Floats, activation: str, penalty: float) -> Linear:
    """Fit to targets, shape (examples, V), ignoring NaN."""
    mean, scale = standardisation(x)
    z = (x - mean) * scale
    each = []
    for target in y.T:
        known = np.isfinite(target)
        each.append(_machine(z[known], target[known] >= 0.5, penalty))
    weights = np.stack(each)
    return Linear(mean, scale, weights[:, :-1].copy(), weights[:, -1].copy())


def _machine(z: Floats, holds: npt.NDArray[np.bool_], penalty: float) -> Floats:
    """Coefficients and, last, the intercept of one label, shape (H + 1,)."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    if holds.all() or not holds.any():
        return np.append(np.zeros(z.shape[1]), -NEVER if holds.any() else NEVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # of weak penalties, seldom chosen
        found = LinearSVC(C=penalty, random_state=0).fit(z, holds)
    weights: Floats = np.append(found.coef_[0], found.intercept_)
    return weights

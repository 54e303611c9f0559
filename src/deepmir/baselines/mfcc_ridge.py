"""Ridge regression on MFCCs, for the valence and arousal of a mood (tutorial, section 2.1)."""

import numpy as np

from deepmir.baselines.shared import examples, linear
from deepmir.baselines.shared.examples import Examples
from deepmir.baselines.shared.lesson import Lesson, Search
from deepmir.baselines.shared.linear import Floats, Linear, standardisation

# Regularisation strength, chosen on the validation part.
PENALTIES = (0.1, 1.0, 10.0, 100.0, 1000.0)

annotator = linear.annotator


def fit(lesson: Lesson) -> None:
    """Learn from the training part, choose the regularisation on the validation part.

    Raises:
        DeepmirError: when a part has no annotation for the task.
    """
    learn(lesson, examples.read(lesson), "ridge regression on MFCCs")


def learn(lesson: Lesson, parts: tuple[Examples, Examples], name: str) -> None:
    """Train on any features, with the targets of the training and validation parts."""
    (x, y), (held_out, truth) = (
        (np.concatenate(part.features), np.concatenate(part.targets)) for part in parts
    )
    fitted = {penalty: _regression(x, y.astype(float), penalty) for penalty in PENALTIES}
    errors = {
        penalty: float(np.mean((model.activations(held_out, "linear") - truth) ** 2))
        for penalty, model in fitted.items()
    }
    search = Search("alpha", "validation/squared_error", errors)
    fitted[search.best].save(lesson, name, search)


def _regression(x: Floats, y: Floats, penalty: float) -> Linear:
    from sklearn.linear_model import Ridge

    mean, scale = standardisation(x)
    found = Ridge(alpha=penalty).fit((x - mean) * scale, y)
    return Linear(mean, scale, found.coef_, found.intercept_)

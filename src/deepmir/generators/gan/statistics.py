"""Statistics of a set of notes as a whole, with their intervals."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from deepmir.declarations.schema import Evaluation
from deepmir.evaluation import scoring
from deepmir.generators.judgement import Estimate

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


def of_draws(
    statistic: Callable[[Places], float], groups: Sequence[str], options: Evaluation
) -> Floats:
    """A statistic of a set, followed by its bootstrap draws, shape (1 + draws,).

    Args:
        statistic: a function of indices of notes.
        groups: of the notes, each drawn as a whole.
        options: of the bootstrap.
    """
    drawn = scoring.draws(groups, options)
    return np.array([statistic(np.arange(len(groups))), *(statistic(which) for which in drawn)])


def centred(
    values: Floats, groups: Sequence[str], options: Evaluation, most: float = float("inf")
) -> Estimate:
    """A statistic with the interval of its draws, centred to remove their bias.

    A draw contains notes repeatedly, which increases a distance of sets as fewer notes would: the
    draws lie around a different value than the statistic, by their mean difference.

    Args:
        values: of `of_draws`.
        groups: of the notes of the set.
        options: with the confidence level.
        most: maximum of the statistic.
    """
    tail = (1 - options.confidence) / 2
    mean = float(values[0])
    low, high = np.quantile(values[1:] - values[1:].mean(), [tail, 1 - tail]) + mean
    within = min(float(low), mean), min(max(float(high), mean), most)
    return Estimate(mean, *within, len(groups), len({*groups}))


def evenness(heard: Places, classes: int) -> float:
    """The equivalent number of equally frequent classes with the same entropy, over their total."""
    part = np.bincount(heard, minlength=classes) / len(heard)
    entropy = -(part[part > 0] * np.log(part[part > 0])).sum()
    return float(np.exp(entropy) / classes)

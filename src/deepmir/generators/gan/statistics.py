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
    """A statistic of a set, and of its bootstrap draws after it, shape (1 + draws,).

    Args:
        statistic: of the notes at some places.
        groups: of the notes, each of which is drawn as a whole.
        options: of the bootstrap.
    """
    drawn = scoring.draws(groups, options)
    return np.array([statistic(np.arange(len(groups))), *(statistic(which) for which in drawn)])


def centred(
    values: Floats, groups: Sequence[str], options: Evaluation, most: float = float("inf")
) -> Estimate:
    """A statistic with the interval of its draws, moved to where its own bias is.

    A draw holds notes twice and more, which adds to a distance of sets as fewer notes would: the
    draws lie around another value than the statistic, by their mean difference.

    Args:
        values: of `of_draws`.
        groups: of the notes of the set.
        options: for the level of the interval.
        most: what the statistic can be at most.
    """
    tail = (1 - options.confidence) / 2
    mean = float(values[0])
    low, high = np.quantile(values[1:] - values[1:].mean(), [tail, 1 - tail]) + mean
    within = min(float(low), mean), min(max(float(high), mean), most)
    return Estimate(mean, *within, len(groups), len({*groups}))


def evenness(heard: Places, classes: int) -> float:
    """How many classes there would be, all alike, with the same entropy; over those there are."""
    part = np.bincount(heard, minlength=classes) / len(heard)
    entropy = -(part[part > 0] * np.log(part[part > 0])).sum()
    return float(np.exp(entropy) / classes)

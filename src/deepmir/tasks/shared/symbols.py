"""Edit distance between the symbols of an estimate and of a reference, ignoring times."""

from collections.abc import Hashable, Sequence

import numpy as np

from deepmir.tasks.base import Metric

NAME = "symbol_error"
MEASURE = Metric("less", worst=1.0)


def distance(truth: Sequence[Hashable], guess: Sequence[Hashable]) -> int:
    """The fewest substitutions, deletions and insertions (Levenshtein, 1966)."""
    numbers = {symbol: number for number, symbol in enumerate(dict.fromkeys((*truth, *guess)))}
    found = np.array([numbers[symbol] for symbol in guess], dtype=np.int64)
    steps = np.arange(len(guess) + 1)
    row = steps
    for number, symbol in enumerate(truth, 1):
        left_out = row + 1
        changed = np.append(number, row[:-1] + (found != numbers[symbol]))
        best = np.minimum(left_out, changed)
        # Insertions cost one each: the minimum over all earlier positions.
        row = np.minimum.accumulate(best - steps) + steps
    return int(row[-1])


def error(truth: Sequence[Hashable], guess: Sequence[Hashable]) -> dict[str, float]:
    """The symbol error rate: the distance over the length of the reference, at most 1.

    An empty estimate has a rate of 1, and none is worse. For an empty reference, it is 0 if the
    estimate is empty, else 1.
    """
    if not truth:
        return {NAME: float(bool(guess))}
    return {NAME: min(distance(truth, guess) / len(truth), 1.0)}


def without_repeats(symbols: Sequence[Hashable]) -> list[Hashable]:
    """The symbols without immediate repetitions."""
    pairs = zip((object(), *symbols), symbols, strict=False)
    return [symbol for before, symbol in pairs if symbol != before]

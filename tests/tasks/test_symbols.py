"""The symbol error rate: manual results, comparison with the recursion, use in tasks."""

from functools import cache

import pytest

from deepmir import tasks
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.shared import symbols


def recursive(truth, guess):
    @cache
    def least(i, j):
        if not i or not j:
            return i + j
        changed = least(i - 1, j - 1) + (truth[i - 1] != guess[j - 1])
        return min(changed, least(i - 1, j) + 1, least(i, j - 1) + 1)

    return least(len(truth), len(guess))


def test_distances_are_those_of_the_recursion(rng):
    for _ in range(60):
        truth, guess = (tuple(rng.integers(0, 4, rng.integers(0, 9)).tolist()) for _ in range(2))
        assert symbols.distance(truth, guess) == recursive(truth, guess)


def test_the_rate_is_over_the_reference_and_one_at_most():
    assert symbols.error("kitten", "sitting") == {"symbol_error": 3 / 6}
    assert symbols.error("ab", "") == {"symbol_error": 1.0}
    assert symbols.error("a", "xyz") == {"symbol_error": 1.0}
    assert symbols.error("", "") == {"symbol_error": 0.0}
    assert symbols.error("", "a") == {"symbol_error": 1.0}


def jams(namespace, *rows):
    return Jams(8.0, (Annotation(namespace, tuple(Observation(*row) for row in rows)),))


def test_chords_are_compared_without_repeats_and_times():
    truth = jams("chord", (0, 2, "C:maj"), (2, 2, "C:7"), (4, 1, "D:dim"), (5, 3, "A:min"))
    guess = jams("chord", (0, 1, "C:maj"), (1, 1, "G:maj"), (2, 6, "A:min7"))
    assert tasks.get("chord").metrics(truth, guess)["symbol_error"] == 1 / 2
    assert tasks.get("chord").metrics(truth, Jams(8.0, ()))["symbol_error"] == 1.0


def test_notes_that_begin_at_once_have_no_order():
    truth = jams("note_midi", (0.0, 1, 60), (0.01, 1, 64), (1.0, 1, 62), (2.0, 1, 67))
    guess = jams("note_midi", (0.0, 1, 64), (0.01, 1, 60), (1.0, 1, 62))
    assert tasks.get("notes").metrics(truth, guess)["symbol_error"] == pytest.approx(1 / 4)

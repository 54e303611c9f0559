"""The search, compared with an exhaustive search over all paths."""

from itertools import pairwise, product

import numpy as np
import pytest

from deepmir.decoders.viterbi import viterbi


def score(path, observed, transition, start):
    total = start[path[0]] + sum(observed[t, state] for t, state in enumerate(path))
    return total + sum(transition[a, b] for a, b in pairwise(path))


def best_score(observed, transition, start):
    frames, states = observed.shape
    return max(
        score(path, observed, transition, start) for path in product(range(states), repeat=frames)
    )


def random_transition(rng, states, kind):
    if kind == "uniform":
        matrix = np.full((states, states), 0.1)
        np.fill_diagonal(matrix, 0.7)
    else:
        matrix = rng.dirichlet(np.ones(states), states) + 2 * np.eye(states)
    if kind == "banded":
        apart = np.abs(np.subtract.outer(np.arange(states), np.arange(states)))
        matrix[apart > 1] = 0
    if kind == "holes":
        matrix[rng.random((states, states)) < 0.4] = 0
        np.fill_diagonal(matrix, 1)
    with np.errstate(divide="ignore"):
        return np.log(matrix / matrix.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("kind", ["dense", "uniform", "banded", "holes"])
@pytest.mark.parametrize("seed", range(8))
def test_no_path_is_better(kind, seed):
    rng = np.random.default_rng(seed)
    frames, states = int(rng.integers(1, 7)), int(rng.integers(1, 5))
    observed = rng.normal(scale=rng.choice([0.3, 3.0]), size=(frames, states))
    transition = random_transition(rng, states, kind)
    start = np.log(rng.dirichlet(np.ones(states)))
    path = viterbi(observed, transition, start)
    assert path.dtype == np.int64
    found = score(path, observed, transition, start)
    assert found == pytest.approx(best_score(observed, transition, start), abs=1e-9)


def test_without_a_start_all_states_are_equally_probable():
    observed = np.log([[0.4, 0.6], [0.5, 0.5]])
    assert viterbi(observed, np.log([[0.9, 0.1], [0.1, 0.9]])).tolist() == [1, 1]


def test_a_forbidden_observation_is_avoided():
    observed = np.array([[0.0, -5.0], [-np.inf, -5.0], [0.0, -5.0]])
    assert viterbi(observed, np.log([[0.9, 0.1], [0.1, 0.9]])).tolist() == [0, 1, 0]


def test_the_input_is_left_as_it_is():
    observed = np.random.default_rng(1).normal(size=(5, 3))
    before = observed.copy()
    viterbi(observed, random_transition(np.random.default_rng(2), 3, "uniform"))
    np.testing.assert_array_equal(observed, before)


def test_no_frames_have_no_states():
    assert viterbi(np.zeros((0, 3)), np.zeros((3, 3))).shape == (0,)


@pytest.mark.parametrize(
    ("observed", "transition"),
    [(np.zeros((4, 3)), np.zeros((2, 2))), (np.full((4, 2), np.nan), np.zeros((2, 2)))],
)
def test_what_does_not_fit_is_refused(observed, transition):
    with pytest.raises(ValueError, match=r"states|NaN"):
        viterbi(observed, transition)

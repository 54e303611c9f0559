"""The beat-wise search, compared with a textbook Viterbi over a dense matrix of all states."""

import numpy as np
import pytest

from deepmir.decoders import hmm
from deepmir.decoders.hmm import BeatSpace, viterbi


def dense_viterbi(log_densities, metre, intervals, transition_lambda, observation_lambda):
    """Every state (beat, interval, frame of the beat) separately, without any deepmir code."""
    states = [(b, i, f) for b in range(metre) for i in intervals for f in range(i)]
    index = {state: n for n, state in enumerate(states)}
    transition = np.zeros((len(states), len(states)))
    for (b, i, f), n in index.items():
        if f + 1 < i:
            transition[n, index[b, i, f + 1]] = 1
            continue
        weights = np.array([np.exp(-transition_lambda * abs(np.log(new / i))) for new in intervals])
        for new, weight in zip(intervals, weights / weights.sum(), strict=True):
            transition[n, index[(b + 1) % metre, new, 0]] = weight
    with np.errstate(divide="ignore"):
        log_transition = np.log(transition)
    column = [0 if f / i >= 1 / observation_lambda else 1 + (b == 0) for b, i, f in states]
    score = log_densities[0, column] - np.log(len(states))
    pointers = []
    for densities in log_densities[1:]:
        candidates = score[:, None] + log_transition
        pointers.append(candidates.argmax(axis=0))
        score = candidates.max(axis=0) + densities[column]
    path = [int(score.argmax())]
    for pointer in reversed(pointers):
        path.append(int(pointer[path[-1]]))
    return [states[n] for n in reversed(path)], score.max()


def expand(path, space, frames):
    """The state at each frame of a path given by beats."""
    states = []
    for start, beat, interval in zip(path.starts, path.beats, path.intervals, strict=True):
        length = int(space.intervals[interval])
        states += [(int(beat), length, f) for f in range(length) if 0 <= start + f < frames]
    return states


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("metre", [2, 3, 4])
@pytest.mark.parametrize("intervals", [[3], [2, 3, 5], [4, 5, 6, 7, 9]])
def test_same_path_and_probability_as_dense_viterbi(seed, metre, intervals):
    rng = np.random.default_rng(seed)
    transition_lambda = float(rng.choice([0.5, 3.0, 30.0]))
    observation_lambda = int(rng.choice([2, 3, 4, 8]))
    frames = int(rng.integers(1, 60))
    log_densities = rng.normal(0, 2, (frames, 3))

    space = BeatSpace.build(np.array(intervals), transition_lambda, observation_lambda)
    path = viterbi(log_densities, [metre], space)
    states, log_probability = dense_viterbi(
        log_densities, metre, intervals, transition_lambda, observation_lambda
    )

    assert path.log_probability == pytest.approx(log_probability, abs=1e-4)
    assert expand(path, space, frames) == states


def test_probability_of_dense_viterbi_with_free_tempo():
    """Without a penalty many paths tie: only their probability can be compared."""
    log_densities = np.random.default_rng(0).normal(0, 2, (60, 3))
    path = viterbi(log_densities, [3], BeatSpace.build(np.array([3, 4, 6]), 0.0, 4))
    _, log_probability = dense_viterbi(log_densities, 3, [3, 4, 6], 0.0, 4)
    assert path.log_probability == pytest.approx(log_probability, abs=1e-4)


def test_more_tempi_than_a_byte_can_number():
    intervals = np.arange(4, 304)
    space = BeatSpace.build(intervals, 100.0, 16)
    log_densities = np.zeros((2000, 3))
    log_densities[:, 1:] = -5
    log_densities[np.arange(2000) % 290 < 290 / 16, 1:] = 5
    path = viterbi(log_densities, [2], space)
    assert set(intervals[path.intervals]) == {290}


def test_transitions_are_probabilities():
    space = BeatSpace.build(np.arange(14, 56), 100.0, 16)
    np.testing.assert_allclose(np.exp(space.log_transition).sum(axis=1), 1)
    assert (space.log_transition.argmax(axis=1) == np.arange(42)).all()


@pytest.mark.parametrize("seed", range(6))
def test_of_several_metres_the_most_probable_one(seed):
    log_densities = np.random.default_rng(seed).normal(0, 2, (50, 3))
    space = BeatSpace.build(np.array([3, 4, 6]), 3.0, 4)
    each = [viterbi(log_densities, [metre], space) for metre in (2, 3, 4)]
    best = max(each, key=lambda path: path.log_probability)
    found = viterbi(log_densities, (2, 3, 4), space)
    assert found.metre == best.metre
    assert expand(found, space, 50) == expand(best, space, 50)
    assert found.log_probability == pytest.approx(best.log_probability, abs=1e-4)


@pytest.mark.parametrize("segment", [1, 7, 40])
def test_in_segments_as_in_one(segment, monkeypatch):
    log_densities = np.random.default_rng(0).normal(0, 2, (150, 3))
    space = BeatSpace.build(np.array([4, 5, 6, 7, 9]), 30.0, 4)
    whole = viterbi(log_densities, (2, 3), space)
    monkeypatch.setattr(hmm, "SEGMENT", segment)
    parts = viterbi(log_densities, (2, 3), space)
    assert expand(parts, space, 150) == expand(whole, space, 150)
    assert parts.log_probability == pytest.approx(whole.log_probability, abs=1e-4)

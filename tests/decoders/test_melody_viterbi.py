from itertools import product

import numpy as np
import pytest

from deepmir.decoders import pitch_path
from deepmir.decoders.melody_viterbi import MelodyViterbi
from deepmir.decoders.pitch_path import FLOOR, best_path
from deepmir.errors import DeepmirError


def score(path, probabilities, weight, limit):
    steps = np.minimum(weight * np.abs(np.diff(path)), limit)
    chosen = probabilities[np.arange(len(path)), list(path)].astype(np.float64)
    return np.log(np.maximum(chosen, FLOOR)).sum() - steps.sum()


@pytest.mark.parametrize("seed", range(30))
def test_no_path_is_better_than_the_one_that_is_found(seed):
    rng = np.random.default_rng(seed)
    frames, bins = int(rng.integers(1, 6)), int(rng.integers(1, 6))
    probabilities = (rng.dirichlet(np.full(bins, 0.3), size=frames)).astype(np.float32)
    weight, limit = rng.choice([0.0, 0.2, 1.0, 3.0]), rng.choice([0.0, 0.5, 2.5, 50.0])
    best = max(
        score(path, probabilities, weight, limit) for path in product(range(bins), repeat=frames)
    )
    found = best_path(probabilities, weight, limit)
    assert score(found, probabilities, weight, limit) == pytest.approx(best, abs=1e-6)


def test_as_a_dense_viterbi_of_all_pairs():
    rng = np.random.default_rng(3)
    probabilities = rng.dirichlet(np.full(60, 0.2), size=200).astype(np.float32)
    bins = np.arange(60)
    penalty = np.minimum(0.15 * np.abs(bins[:, None] - bins), 2.0)
    scores = np.log(np.maximum(probabilities[0].astype(np.float64), FLOOR))
    for row in probabilities[1:].astype(np.float64):
        scores = (scores[:, None] - penalty).max(axis=0) + np.log(np.maximum(row, FLOOR))
    found = best_path(probabilities, 0.15, 2.0)
    assert score(found, probabilities, 0.15, 2.0) == pytest.approx(scores.max(), abs=1e-4)


def test_an_octave_error_of_a_few_frames_is_bridged():
    probabilities = np.full((50, 300), 1e-4, dtype=np.float32)
    probabilities[:, 100] = 0.4
    probabilities[20:23, 100], probabilities[20:23, 160] = 0.2, 0.6
    _, free, _ = MelodyViterbi(frame_rate=50, weight=0)(probabilities, np.ones(50))
    _, steady, _ = MelodyViterbi(frame_rate=50, weight=0.1)(probabilities, np.ones(50))
    assert (np.rint(free[40:46]) == 160).all()
    assert (np.rint(steady) == 100).all()


def test_the_pitch_is_finer_than_a_bin():
    centres = np.array([0.0, 12.3, 150.6, 299.0])
    bells = np.exp(-0.5 * ((np.arange(300) - centres[:, None]) / 1.25) ** 2)
    _, bins, _ = MelodyViterbi(frame_rate=100)(bells / bells.sum(axis=1, keepdims=True), np.ones(4))
    np.testing.assert_allclose(bins[1:3], centres[1:3], atol=0.02)
    np.testing.assert_allclose(bins[[0, 3]], centres[[0, 3]], atol=1)  # half of the bell is there


def test_voicing_is_a_median_above_a_threshold():
    voicing = np.zeros(100)
    voicing[10:40], voicing[60:62] = 0.6, 0.9
    pitch = np.full((100, 300), 1 / 300)
    *_, voiced = MelodyViterbi(frame_rate=100, width=0.05)(pitch, voicing)
    np.testing.assert_array_equal(np.flatnonzero(voiced), np.arange(10, 40))
    assert np.flatnonzero(MelodyViterbi(frame_rate=100)(pitch, voicing)[2]).size == 32
    assert not MelodyViterbi(frame_rate=100, threshold=0.7, width=0.05)(pitch, voicing)[2].any()


def test_between_frames_voicing_is_interpolated_and_pitch_is_that_of_the_voiced_one():
    pitch = np.full((4, 300), 1e-6)
    pitch[[0, 1], 50] = pitch[[2, 3], 250] = 1
    find = MelodyViterbi(frame_rate=50, limit=1)
    times, bins, voiced = find(pitch, [1, 0.25, 0.8, 1])
    np.testing.assert_allclose(times, np.arange(7) / 100)
    np.testing.assert_array_equal(voiced, [True, True, False, True, True, True, True])
    np.testing.assert_array_equal(np.rint(bins), [50, 50, 50, 250, 250, 250, 250])


def test_nothing_gives_nothing_and_a_diverged_network_is_told_of():
    times, bins, voiced = MelodyViterbi(frame_rate=50)(np.zeros((0, 300)), np.zeros(0))
    assert times.shape == bins.shape == voiced.shape == (0,)
    bad = np.zeros((4, 300))
    bad[2, 5] = np.nan
    with pytest.raises(DeepmirError, match="pitch activations: frame 2 "):
        MelodyViterbi(frame_rate=50)(bad, np.zeros(4))


@pytest.mark.parametrize("lead", [2, 64])
def test_stretches_side_by_side_are_one_recording(lead, monkeypatch):
    # With two frames of lead, most stretches have to be gone through again.
    logits = 20 * np.random.default_rng(0).random((700, 40), np.float32)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    whole = pitch_path.best_path(probabilities, 0.05, 50.0)
    monkeypatch.setattr(pitch_path, "STRETCH", 50)
    monkeypatch.setattr(pitch_path, "LEAD", lead)
    assert np.array_equal(pitch_path.best_path(probabilities, 0.05, 50.0), whole)

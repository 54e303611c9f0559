"""Peaks, compared with a loop over all classes."""

import numpy as np
import pytest

from deepmir.decoders.tempo_peak import tempo_peaks
from deepmir.errors import DeepmirError


def gaussian(bpm, width=1.5, classes=256):
    return np.exp(-0.5 * ((30 + np.arange(classes) - bpm) / width) ** 2)


def by_loop(values):
    """Classes of the strongest peak and of the next one more than 8 % away."""
    ranked = sorted(
        (k for k in range(1, len(values) - 1) if values[k - 1] < values[k] > values[k + 1]),
        key=lambda k: -values[k],
    )
    far = [k for k in ranked if abs(k - ranked[0]) > 0.08 * (30 + ranked[0]) + 1]
    return ranked[0], far[0]


@pytest.mark.parametrize("bpm", [30.0, 61.2, 100.5, 133.333, 284.0])
def test_the_mean_of_a_gaussian_is_found_between_classes(bpm):
    found, weights = tempo_peaks(gaussian(bpm), 30)
    assert found == pytest.approx([bpm], abs=1e-6)
    assert weights.tolist() == [1.0]


def test_two_tempi_come_with_their_relative_strength_the_stronger_first():
    found, weights = tempo_peaks(0.3 * gaussian(60) + 0.7 * gaussian(120), 30)
    assert found == pytest.approx([120, 60], abs=1e-6)
    assert weights == pytest.approx([0.7, 0.3])


def test_a_peak_within_eight_percent_is_the_same_tempo():
    found, _ = tempo_peaks(gaussian(120) + 0.8 * gaussian(128) + 0.2 * gaussian(180), 30)
    assert found == pytest.approx([120, 180], abs=0.1)


@pytest.mark.parametrize("seed", range(10))
def test_random_distributions_against_a_loop(seed):
    values = np.random.default_rng(seed).random(256)
    values[[0, -1]] = 0
    found, weights = tempo_peaks(values, 30)
    first, second = by_loop(values)
    assert abs(found[0] - 30 - first) <= 0.5
    assert values[second] <= weights[1] / weights[0] * values[first] + 1e-12
    assert abs(found[1] / found[0] - 1) > 0.08
    assert weights.sum() == pytest.approx(1)


def test_a_plateau_is_one_peak():
    values = np.zeros(256)
    values[70:73] = 0.2
    assert tempo_peaks(values, 30)[0].size == 1


def test_nothing_has_no_tempo():
    found, weights = tempo_peaks(np.zeros(256), 30)
    assert found.size == weights.size == 0


def test_a_broken_network_is_told():
    with pytest.raises(DeepmirError, match="tempo activations"):
        tempo_peaks(np.full(256, np.nan), 30)

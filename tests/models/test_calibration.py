"""Confidences that match the accuracy of answers."""

import numpy as np
import pytest

from deepmir.models import calibration
from deepmir.models.calibration import Calibration


def boastful(rng, count=4000):
    """Overconfident claims: by half of the logit, and slightly more."""
    sure = rng.uniform(0.02, 0.98, count)
    true = 1 / (1 + np.exp(-(0.5 * np.log(sure / (1 - sure)) - 0.4)))
    return np.stack([sure, rng.random(count) < true, np.ones(count)], axis=1)


def test_the_curve_that_made_the_claims_is_found(rng):
    curve = calibration.fit(boastful(rng))
    assert curve.slope == pytest.approx(0.5, abs=0.06)
    assert curve.offset == pytest.approx(-0.4, abs=0.1)


def test_calibration_mends_the_error_on_other_claims(rng):
    curve, others = calibration.fit(boastful(rng)), boastful(rng)
    before = calibration.error(others)
    after = calibration.error(calibration.calibrated(others, curve))
    assert before > 0.1
    assert after < 0.03


def test_the_order_stays_and_nothing_leaves_0_to_1():
    sure = np.array([0.0, 0.01, 0.4, 0.41, 0.99, 1.0])
    for curve in (Calibration(slope=0.05, offset=-3), Calibration(slope=9, offset=2)):
        assert (np.diff(curve(sure)) >= 0).all()
        assert ((curve(sure) >= 0) & (curve(sure) <= 1)).all()
    np.testing.assert_allclose(Calibration()(sure[1:-1]), sure[1:-1])


def test_heavier_claims_count_more(rng):
    claims = boastful(rng)
    twice = np.concatenate([claims, claims])
    heavy = claims * [1, 1, 2]
    assert calibration.error(heavy) == pytest.approx(calibration.error(claims))
    assert calibration.fit(twice).offset == pytest.approx(calibration.fit(heavy).offset, abs=0.01)


def test_too_few_claims_say_nothing_and_one_sided_ones_stay_finite():
    assert calibration.fit(np.zeros((0, 3))) is None
    assert calibration.fit(np.full((19, 3), 0.5)) is None
    right = np.tile([0.7, 1.0, 1.0], (100, 1))
    curve = calibration.fit(right)
    assert 0.9 < curve(np.array([0.7]))[0] < 1


def test_upside_down_confidences_become_flat(rng):
    sure = rng.uniform(0, 1, 1000)
    claims = np.stack([sure, rng.random(1000) > sure, np.ones(1000)], axis=1)
    assert calibration.fit(claims).slope == calibration.FLATTEST


def test_bins_are_of_equal_width_and_empty_ones_are_left_out():
    claims = np.array([[0.05, 0, 1], [0.92, 1, 2], [1.0, 0, 1]])
    low, high = calibration.bins(claims)
    assert (low.confidence, low.right, low.weight) == (0.05, 0.0, 0.25)
    assert high.confidence == pytest.approx((2 * 0.92 + 1) / 3)
    assert high.right == pytest.approx(2 / 3)
    assert calibration.error(claims) == pytest.approx(0.25 * 0.05 + 0.75 * (2.84 / 3 - 2 / 3))

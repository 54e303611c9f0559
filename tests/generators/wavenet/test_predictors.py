import numpy as np
import pytest

from deepmir.generators.wavenet import mulaw, predictors
from deepmir.generators.wavenet.predictors import BORROWED, Linear, NGram
from deepmir.generators.wavenet.recordings import Recording


def recording(codes, pitch=0, instrument=0, track="a"):
    codes = np.asarray(codes, np.uint8)
    return Recording(track, codes, np.full(len(codes), pitch, np.int64), instrument)


def noise(length, seed=0, low=0, high=256):
    return recording(np.random.default_rng(seed).integers(low, high, length))


@pytest.mark.parametrize("told", ["nothing", "pitch"])
@pytest.mark.parametrize("kind", [Linear, NGram])
def test_the_probabilities_of_all_codes_sum_to_one(kind, told):
    trained = [noise(500, seed, 100, 140) for seed in range(3)]
    predictor = kind(2, told).fit(trained)
    for before in ([120, 130], [0, 255], [128, 128]):
        shares = [2 ** -predictor.bits(recording([*before, c]))[-1] for c in range(256)]
        assert sum(shares) == pytest.approx(1, abs=1e-9)


def test_an_n_gram_as_counted_by_hand():
    """For 10, 11, 10, 11, 10, 12: after 10 come 11, 11, 12, so two codes in three."""
    predictor = NGram(2).fit([recording([10, 11, 10, 11, 10, 12])])
    alone = {10: (3 + 3 / 256) / 9, 11: (2 + 3 / 256) / 9, 12: (1 + 3 / 256) / 9, 13: (3 / 256) / 9}
    behind = {11: (2 + 2 * alone[11]) / 5, 12: (1 + 2 * alone[12]) / 5, 13: 2 * alone[13] / 5}
    for code, share in behind.items():
        assert 2 ** -predictor.bits(recording([10, code]))[1] == pytest.approx(share)
    # Nothing was seen behind 99: what is seen alone counts.
    assert 2 ** -predictor.bits(recording([99, 10]))[1] == pytest.approx(alone[10])
    # The first code comes after silence, behind which was 10 once.
    assert 2 ** -predictor.bits(recording([10]))[0] == pytest.approx((1 + alone[10]) / 2)


def test_an_n_gram_told_of_the_pitch_counts_each_by_itself():
    trained = [recording([5] * 50, pitch=1), recording([6] * 50, pitch=2)]
    told, untold = NGram(1, "pitch").fit(trained), NGram(1).fit(trained)
    assert told.bits(recording([6], pitch=2))[0] < 0.1
    assert told.bits(recording([6], pitch=1))[0] > 8
    assert untold.bits(recording([6], pitch=2))[0] == pytest.approx(1, abs=0.1)


def test_a_linear_predictor_of_both_has_weights_of_each_and_of_all_for_what_it_has_not_heard():
    waves = [0.5 * np.sin(2 * np.pi * hertz * np.arange(2000)) for hertz in (0.05, 0.11, 0.23)]
    codes = [mulaw.encode(wave) for wave in waves]
    heard = [recording(codes[0], pitch=1), recording(codes[1], 2), recording(codes[2], 1, 1)]
    told = Linear(2, "both").fit(heard)
    middle = [told.weights[key][1] for key in (1, 2, 1001)]
    np.testing.assert_allclose(
        middle, 2 * np.cos(2 * np.pi * np.array([0.05, 0.11, 0.23])), atol=0.03
    )
    untold = Linear(2).fit(heard)
    other = recording(codes[0], pitch=2, instrument=1)
    np.testing.assert_array_equal(told.expected(other), untold.expected(other))


def test_linear_weights_are_those_of_the_difference_equation():
    """For a sine x[t] = 2 cos(w) x[t-1] - x[t-2], up to the rounding of codes."""
    sine = 0.5 * np.sin(2 * np.pi * 0.11 * np.arange(4000))
    predictor = Linear(2).fit([recording(mulaw.encode(sine))])
    np.testing.assert_allclose(predictor.weights[0], [-1, 2 * np.cos(2 * np.pi * 0.11)], atol=0.02)


def test_residuals_as_counted_by_hand():
    """Silence predicts silence: its share is the count plus what each level borrows."""
    predictor = Linear(1).fit([recording([128] * 99 + [129])])
    everywhere = {0: (99 + 1) / (100 + 511), 1: (1 + 1) / (100 + 511), 2: 1 / (100 + 511)}
    counts = {0: 99, 1: 1, 2: 0}
    # Of 511 residuals, those from -128 to 127 are possible; the others have one part in 611 each.
    possible = 1 - BORROWED / (100 + BORROWED) * 255 / 611
    for residual, count in counts.items():
        share = (count + BORROWED * everywhere[residual]) / (100 + BORROWED) / possible
        found = 2 ** -predictor.bits(recording([128 + residual]))[0]
        assert found == pytest.approx(share, rel=1e-6)


def test_a_linear_predictor_needs_few_bits_for_a_sine_and_an_n_gram_for_a_loop():
    sine = recording(mulaw.encode(0.5 * np.sin(2 * np.pi * 0.0937 * np.arange(4000))))
    assert Linear(2).fit([sine]).bits(sine)[10:].mean() < 3
    loop = recording([10, 20, 30, 20] * 300)
    assert NGram(3).fit([loop]).bits(loop)[10:].mean() < 0.05
    assert NGram(1).fit([loop]).bits(loop)[10:].mean() == pytest.approx(1.5, abs=0.05)


def test_what_cannot_be_predicted_takes_eight_bits():
    train, test = [noise(20000, 1)], [noise(20000, 2)]
    for predictor in (Linear(1), Linear(2), NGram(1)):
        assert predictors.mean_bits(predictor.fit(train), test)[0] == pytest.approx(8, abs=0.1)
    assert predictors.mean_bits(NGram(2).fit(train), test)[0] > 8  # it has learned by heart


def test_how_far_to_look_back_is_chosen_by_validation():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 8, 1200)  # each from nothing
    best, score = predictors.fitted("n-gram", [recording(codes[:800])], [recording(codes[800:])])
    assert (best.order, best.told) == (1, "nothing")
    assert score == predictors.mean_bits(best, [recording(codes[800:])])[0]
    for place in range(2, 1200):  # each from two before
        codes[place] = (codes[place - 1] + 3 * codes[place - 2] + codes[place] // 7) % 8
    best, _ = predictors.fitted("n-gram", [recording(codes[:800])], [recording(codes[800:])])
    assert best.order >= 3

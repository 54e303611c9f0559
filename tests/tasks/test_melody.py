import warnings

import mir_eval
import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Jams
from deepmir.tasks.base import Grid
from deepmir.tasks.melody import BINS, TASK, annotation, bin_of, frequency_of

RATE = 50.0


def melody(frequencies, hop=0.01, voiced=None):
    """One frequency every `hop` seconds, 0 for a rest."""
    hertz = np.asarray(frequencies, dtype=float)
    voiced = hertz > 0 if voiced is None else voiced
    return Jams(len(hertz) * hop, (annotation(np.arange(len(hertz)) * hop, hertz, voiced),))


def tune(rng, seconds=30.0):
    """Notes of 0.2 to 1.2 s from A2 to A5 with vibrato, every fourth a rest, some detached."""
    hertz = []
    while len(hertz) < seconds * 100:
        frames = int(rng.uniform(20, 120))
        pitch = rng.integers(45, 82) + 0.3 * np.sin(2 * np.pi * 5.5 * np.arange(frames) * 0.01)
        rest = rng.uniform() < 0.25
        hertz.extend(np.zeros(frames) if rest else 440 * 2 ** ((pitch - 69) / 12))
        hertz.extend(np.zeros(rng.integers(0, 7)))
    return melody(hertz[: int(seconds * 100)])


def as_activations(target):
    """Replace NaN, which a softmax never has, where the pitch is unknown."""
    return np.where(np.isnan(target), 1 / BINS, target).astype(np.float32)


@pytest.mark.parametrize("seed", range(4))
def test_annotation_to_target_to_annotation_scores_one(seed):
    reference = tune(np.random.default_rng(seed))
    target = TASK.target(reference, Grid(0.0, 1 / RATE, round(30 * RATE)))
    found = Jams(30.0, tuple(TASK.decoder(RATE)(as_activations(target))))
    scores = TASK.metrics(reference, found)
    assert scores["overall_accuracy"] >= 0.99, scores
    assert scores["voicing_false_alarm"] <= 0.05
    assert min(scores[name] for name in ("raw_pitch", "raw_chroma", "voicing_recall")) >= 0.98


def test_the_target_is_a_bell_of_25_cents_about_the_pitch():
    target = TASK.target(melody([440.0] * 10 + [0.0] * 10), Grid(0.0, 0.01, 20))
    pitch, voicing = target[:, :BINS], target[:, BINS]
    np.testing.assert_array_equal(voicing, [1] * 10 + [0] * 10)
    assert np.isnan(pitch[10:]).all()
    np.testing.assert_allclose(pitch[:10].sum(axis=1), 1, rtol=1e-5)
    centre = round(3 * 1200 / 20)  # three octaves above A1
    assert (pitch[:10].argmax(axis=1) == centre).all()
    assert pitch[0, centre + 1] / pitch[0, centre] == pytest.approx(np.exp(-0.5 * 0.8**2), rel=1e-4)


def test_a_pitch_out_of_range_is_voiced_and_unknown():
    target = TASK.target(melody([40.0, 54.9, 1730.0, 3000.0]), Grid(0.0, 0.01, 4))
    np.testing.assert_array_equal(np.isnan(target[:, 0]), [True, False, False, True])
    np.testing.assert_array_equal(target[:, BINS], 1)


def test_bins_and_frequencies():
    assert frequency_of(np.array([0.0, 60.0, 300.0])) == pytest.approx([55, 110, 1760])
    assert bin_of(np.array([55.0, 110.0])) == pytest.approx([0, 60])
    assert len(set(TASK.output.labels)) == TASK.output.width == 301
    assert TASK.output.activation == "softmax+sigmoid"


def test_golden_scores():
    reference = melody([440.0] * 60 + [0.0] * 40)
    assert TASK.metrics(reference, reference) == {
        "overall_accuracy": 1,
        "raw_pitch": 1,
        "raw_chroma": 1,
        "voicing_recall": 1,
        "voicing_false_alarm": 0,
    }
    # right for 30, an octave too high for 20, unvoiced with the right guess for 10; 10 of 40 false
    voiced = np.repeat([True, False, True, False], [50, 10, 10, 30])
    estimate = melody([440.0] * 30 + [880.0] * 20 + [440.0] * 40 + [0.0] * 10, voiced=voiced)
    assert TASK.metrics(reference, estimate) == pytest.approx(
        {
            "overall_accuracy": (30 + 30) / 100,
            "raw_pitch": 40 / 60,
            "raw_chroma": 1,
            "voicing_recall": 50 / 60,
            "voicing_false_alarm": 10 / 40,
        }
    )


@pytest.mark.parametrize("cents", [40, 60])
def test_half_a_semitone_is_the_tolerance(cents):
    scores = TASK.metrics(melody([440.0] * 50), melody([440 * 2 ** (cents / 1200)] * 50))
    assert scores["overall_accuracy"] == (cents < 50)
    assert "voicing_false_alarm" not in scores


def test_corner_cases():
    warnings.simplefilter("error")
    silent, sung = melody([0.0] * 50), melody([440.0] * 50)
    nothing = Jams(0.5, (annotation([], [], []),))
    single = Jams(0.5, (annotation([0.0], [440.0], [True]),))
    assert TASK.metrics(silent, nothing) == {"overall_accuracy": 1, "voicing_false_alarm": 0}
    assert TASK.metrics(silent, sung) == {"overall_accuracy": 0, "voicing_false_alarm": 1}
    for estimate in (nothing, Jams(0.5, ()), silent):
        assert set(TASK.metrics(sung, estimate).values()) == {0.0}
    assert TASK.metrics(sung, single)["overall_accuracy"] == pytest.approx(1 / 50)
    assert TASK.metrics(nothing, silent)["overall_accuracy"] == 1
    assert TASK.metrics(single, sung)["voicing_recall"] == 1
    assert TASK.metrics(Jams(0.5, ()), sung) == {}
    assert TASK.target(Jams(0.5, ()), Grid(0.0, 0.02, 5)) is None


def test_the_scores_are_those_of_mir_eval():
    reference, rng = tune(np.random.default_rng(7), 10.0), np.random.default_rng(8)
    truth = reference.first("pitch_contour")
    hertz = np.array([v["frequency"] for v in truth.values])
    guess = np.where(rng.uniform(size=1000) < 0.6, hertz, 300.0) * 2 ** rng.choice([0, 0, 1], 1000)
    voiced = (rng.uniform(size=1000) < 0.8) & (guess > 0)
    scores = TASK.metrics(reference, melody(guess, voiced=voiced))
    theirs = mir_eval.melody.evaluate(
        truth.times, hertz, truth.times, guess, est_voicing=voiced.astype(float)
    )
    names = {
        "overall_accuracy": "Overall Accuracy",
        "raw_pitch": "Raw Pitch Accuracy",
        "raw_chroma": "Raw Chroma Accuracy",
        "voicing_recall": "Voicing Recall",
        "voicing_false_alarm": "Voicing False Alarm",
    }
    assert scores == pytest.approx({ours: theirs[name] for ours, name in names.items()})


def test_an_annotation_that_leaves_out_rests_has_them():
    times = np.concatenate([np.arange(0, 1, 0.01), np.arange(2, 3, 0.01)])
    reference = Jams(3.0, (annotation(times, np.full(200, 440.0), np.full(200, True)),))
    target = TASK.target(reference, Grid(0.0, 0.02, 150))
    assert target[:, BINS].sum() == pytest.approx(100, abs=1)


def test_rests_that_either_side_leaves_out_are_rests_to_the_scores():
    times = np.concatenate([np.arange(100), np.arange(200, 300)]) * 0.01
    short = Jams(4.0, (annotation(times, np.full(200, 440.0), np.full(200, True)),))
    hertz = np.repeat([440.0, 0.0, 440.0, 0.0], 100)
    for pair in ((short, melody(hertz)), (melody(hertz), short), (short, short)):
        scores = TASK.metrics(*pair)
        assert scores["overall_accuracy"] == scores["voicing_recall"] == 1
        assert scores["voicing_false_alarm"] == 0
    half = melody([440.0] * 500, voiced=np.arange(500) > 0)
    scores = TASK.metrics(melody([440.0] * 1000), half)
    assert scores["overall_accuracy"] == pytest.approx(0.5, abs=2e-3)


def test_a_coarse_estimate_is_interpolated():
    hertz = 220 * 2 ** (np.arange(200) / 200)  # an octave in 2 s, 60 cents in 100 ms
    slow = melody(hertz[::10], hop=0.1)
    assert TASK.metrics(melody(hertz[:191]), slow)["raw_pitch"] == 1


@pytest.mark.parametrize("shift", [-3, 2, 0.4])
def test_a_pitch_shift_moves_the_pitch_and_keeps_the_voicing(shift):
    assert TASK.deformations == {"pitch_shift": "change", "time_stretch": "change"}
    grid = Grid(0.0, 0.01, 60)
    hertz = np.array([200.0] * 20 + [0.0] * 20 + [500.0] * 20)
    moved = TASK.deform_target(TASK.target(melody(hertz), grid), "pitch_shift", shift)
    np.testing.assert_allclose(
        moved, TASK.target(melody(hertz * 2 ** (shift / 12)), grid), rtol=0.2, atol=0.02
    )


def test_what_is_shifted_out_of_the_range_is_unknown():
    target = TASK.target(melody([60.0, 1700.0]), Grid(0.0, 0.01, 2))
    down, up = (TASK.deform_target(target, "pitch_shift", amount) for amount in (-3, 3))
    np.testing.assert_array_equal(np.isnan(down[:, :BINS]).all(axis=1), [True, False])
    np.testing.assert_array_equal(np.isnan(up[:, :BINS]).all(axis=1), [False, True])
    np.testing.assert_array_equal(up[:, BINS], 1)
    np.testing.assert_allclose(up[0, :BINS].sum(), 1, rtol=1e-5)


def test_stretching_is_the_grid():
    reference = melody([440.0] * 100 + [0.0] * 100)
    target = TASK.target(reference, Grid(start=0.5, step=0.04, frames=30))
    assert target[:, BINS].sum() == 13  # 0.5, 0.54 ... 0.98
    assert TASK.deform_target(target, "time_stretch", 1.1) is target


def test_an_unknown_decoder_option_is_refused():
    with pytest.raises(DeepmirError, match="decoder.*penalty"):
        TASK.decoder(RATE, penalty=1)
    for name, values in TASK.choices.items():
        for value in values:
            TASK.decoder(RATE, **{name: value})

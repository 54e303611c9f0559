import mir_eval
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pydantic import ValidationError

from deepmir.decoders.bar_pointer import BarPointer
from deepmir.errors import DeepmirError

FRAME_RATE = 50.0


def activate(times, metre, frames=None, frame_rate=FRAME_RATE, first_position=1, width=1.0):
    """Bell-shaped activations (frames, 2) around the beats: any beat, downbeat."""
    positions = (np.arange(len(times)) + first_position - 1) % metre + 1
    frames = frames or int(times[-1] * frame_rate) + 10
    bells = np.exp(-0.5 * ((np.arange(frames)[:, None] - times * frame_rate) / width) ** 2)
    beat, downbeat = bells.max(axis=1), bells[:, positions == 1].max(axis=1)
    return 0.95 * np.stack([beat, downbeat], axis=1)


def beats_at(bpm, seconds, start=0.5):
    return np.arange(start, seconds, 60 / bpm)


def f_measure(reference, estimate):
    return mir_eval.beat.f_measure(mir_eval.beat.trim_beats(reference), estimate[estimate >= 5])


@pytest.mark.parametrize("metre", [2, 3, 4])
@pytest.mark.parametrize("bpm", [60, 97.3, 120, 190])
@pytest.mark.parametrize("first_position", [1, 2])
def test_finds_metre_tempo_and_phase(metre, bpm, first_position):
    times = beats_at(bpm, 30)
    beats = BarPointer(frame_rate=FRAME_RATE)(activate(times, metre, first_position=first_position))
    assert beats.metre == metre
    assert beats.tempo == pytest.approx(bpm, rel=0.01)
    np.testing.assert_allclose(beats.times, times, atol=0.004)
    assert beats.positions[0] == first_position
    np.testing.assert_array_equal(beats.downbeats, beats.times[beats.positions == 1])


def test_follows_a_change_of_tempo():
    slow = beats_at(90, 20)
    times = np.concatenate([slow, beats_at(132, 40, start=slow[-1] + 60 / 132)])
    beats = BarPointer(frame_rate=FRAME_RATE)(activate(times, 4))
    assert f_measure(times, beats.times) == 1
    np.testing.assert_array_equal(beats.positions, np.arange(len(times)) % 4 + 1)


def test_fills_missing_beats_and_ignores_noise():
    rng = np.random.default_rng(0)
    times = beats_at(110, 60)
    clean = activate(times, 3)
    heard = rng.uniform(size=len(times)) > 0.15
    heard[[0, -1]] = True
    silenced = np.abs(np.arange(len(clean))[:, None] - times[~heard] * FRAME_RATE).min(axis=1) < 4
    noisy = np.where(silenced[:, None], 0, clean) * 0.7 + 0.25 * rng.uniform(size=clean.shape)
    beats = BarPointer(frame_rate=FRAME_RATE)(noisy)
    assert (~heard).sum() >= 10
    assert beats.metre == 3
    assert f_measure(times, beats.times) == 1
    assert f_measure(times[::3], beats.downbeats) == 1


def test_interpolation_keeps_fast_tempi_at_low_frame_rates():
    activations = activate(beats_at(190, 40), 4)
    assert BarPointer(frame_rate=FRAME_RATE).points_per_frame == 2
    assert BarPointer(frame_rate=FRAME_RATE)(activations).tempo == pytest.approx(190, rel=0.01)
    coarse = BarPointer(frame_rate=FRAME_RATE, oversampling=1)(activations)
    assert coarse.tempo == pytest.approx(95, rel=0.01)


@pytest.mark.parametrize(("played", "decoded"), [(40, 80), (240, 120)])
def test_tempi_outside_the_range_are_doubled_or_halved(played, decoded):
    beats = BarPointer(frame_rate=100.0)(activate(beats_at(played, 40), 4, frame_rate=100.0))
    # a beat which nobody played is placed to a frame or two
    assert beats.tempo == pytest.approx(decoded, rel=0.02)


@pytest.mark.parametrize("bpm", [75, 100, 150])
def test_tempi_inside_the_range_are_neither_doubled_nor_halved(bpm):
    beats = BarPointer(frame_rate=FRAME_RATE)(activate(beats_at(bpm, 40), 4))
    assert beats.tempo == pytest.approx(bpm, rel=0.01)


def test_refinement_is_closer_than_the_frame():
    times = beats_at(103.7, 60)
    beats = BarPointer(frame_rate=FRAME_RATE)(activate(times, 4))
    frames = np.rint(times * FRAME_RATE) / FRAME_RATE
    error, frame_error = np.abs(beats.times - times).mean(), np.abs(frames - times).mean()
    assert error < 0.2 * frame_error


def test_targets_of_one_frame_are_decoded_without_loss():
    """The oracle: annotation, 0/1 targets at the nearest frames, decoder, score."""
    rng = np.random.default_rng(1)
    for metre, bpm in [(2, 72), (3, 141), (4, 118), (4, 203)]:
        times = np.cumsum(60 / bpm * (1 + 0.02 * rng.normal(size=80)))
        target = np.zeros((int(times[-1] * FRAME_RATE) + 5, 2))
        frames = np.rint(times * FRAME_RATE).astype(int)
        target[frames, 0] = 1
        target[frames[::metre], 1] = 1
        beats = BarPointer(frame_rate=FRAME_RATE)(target)
        assert f_measure(times, beats.times) == 1
        assert f_measure(times[::metre], beats.downbeats) == 1


def test_no_beats_in_leading_and_trailing_silence():
    times = beats_at(120, 30, start=10)
    beats = BarPointer(frame_rate=FRAME_RATE)(activate(times, 4, frames=2500))
    np.testing.assert_allclose(beats.times, times, atol=0.004)


@pytest.mark.parametrize("frames", [0, 1, 2, 700])
def test_silence_has_no_beats(frames):
    beats = BarPointer(frame_rate=FRAME_RATE)(np.zeros((frames, 2)))
    assert beats.times.shape == beats.positions.shape == (0,)
    assert beats.metre is None
    assert np.isnan(beats.tempo)


def test_a_single_active_frame_is_one_beat():
    activations = np.zeros((100, 2))
    activations[30] = 0.9
    beats = BarPointer(frame_rate=FRAME_RATE)(activations)
    np.testing.assert_allclose(beats.times, [0.6])
    assert beats.positions.tolist() == [1]
    assert np.isnan(beats.tempo)


def test_downbeat_counts_as_beat():
    activations = activate(beats_at(100, 20), 4)
    without = activations.copy()
    without[:, 0] -= np.minimum(without[:, 0], without[:, 1])
    decoder = BarPointer(frame_rate=FRAME_RATE)
    np.testing.assert_allclose(decoder(without).times, decoder(activations).times, atol=0.01)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_non_finite_activations_are_refused(bad):
    activations = np.full((50, 2), 0.5)
    activations[17, 1] = bad
    with pytest.raises(DeepmirError, match="frame 17 "):
        BarPointer(frame_rate=FRAME_RATE)(activations)


@pytest.mark.parametrize("bad", [np.zeros(10), np.zeros((10, 3)), np.full((10, 2), 3.0)])
def test_other_shapes_and_logits_are_refused(bad):
    with pytest.raises(ValueError, match="activations must"):
        BarPointer(frame_rate=FRAME_RATE)(bad)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"min_bpm": 220}, "above max_bpm"),
        ({"frame_rate": 10}, "fewer than 4 frames"),
        ({"metres": ()}, "metres"),
        ({"metres": (1,)}, "metres"),
        ({"lambda": 3}, "lambda"),
    ],
)
def test_wrong_declarations_are_refused(wrong, message):
    with pytest.raises(ValidationError, match=message):
        BarPointer(**({"frame_rate": FRAME_RATE} | wrong))


def test_tempi_are_spaced_in_their_logarithm():
    decoder = BarPointer(frame_rate=100.0, num_tempi=20)
    assert len(decoder.intervals) >= 20
    assert decoder.intervals[0] == 28
    assert decoder.intervals[-1] == 109
    steps = np.diff(decoder.intervals) / decoder.intervals[:-1]
    assert steps.max() - steps.min() < 1.5 / 28
    every = BarPointer(frame_rate=100.0, num_tempi=None).intervals
    np.testing.assert_array_equal(every, np.arange(28, 110))


@settings(max_examples=60)
@given(
    hnp.arrays(
        np.float32, st.tuples(st.integers(0, 300), st.just(2)), elements=st.floats(0, 1, width=32)
    ),
    st.sampled_from([(2,), (3,), (2, 3, 4)]),
    st.sampled_from([(FRAME_RATE, 16, None), (20.0, 4, None), (20.0, 4, 1), (15.0, 4, 3)]),
)
def test_any_activations_give_valid_beats(activations, metres, resolution):
    frame_rate, observation_lambda, oversampling = resolution
    decoder = BarPointer(
        frame_rate=frame_rate,
        metres=metres,
        observation_lambda=observation_lambda,
        oversampling=oversampling,
    )
    before = activations.copy()
    beats = decoder(activations)
    again = decoder(activations)
    np.testing.assert_array_equal(activations, before)
    np.testing.assert_array_equal(beats.times, again.times)
    np.testing.assert_array_equal(beats.positions, again.positions)
    assert (np.diff(beats.times) > 0).all()
    if len(beats.times):
        assert beats.metre in metres
        assert beats.times[0] >= 0
        assert beats.times[-1] <= (len(activations) - 1) / frame_rate
        assert 1 <= beats.positions[0] <= beats.metre
        np.testing.assert_array_equal(beats.positions[1:], beats.positions[:-1] % beats.metre + 1)


def test_a_temperature_lets_the_model_bridge_what_a_network_is_wrongly_sure_of():
    """Between beats at 120 BPM, a passage in which the network is sure of the off-beats."""
    truth = np.arange(0, 30, 0.5)
    heard = np.where((truth > 12) & (truth < 16), truth + 0.25, truth)
    beat = np.full(30 * 50, 1e-4)
    for time in heard:
        beat[round(time * 50) :][:1] = 0.999
    activations = np.stack([beat, beat * 0.1], axis=1)
    kept = {
        t: BarPointer(frame_rate=50, temperature=t, in_phase=1)(activations).times
        for t in (1.0, 3.0)
    }
    found = {t: np.isclose(truth[:, None], times, atol=0.07).any(1) for t, times in kept.items()}
    assert found[3.0][(truth > 12) & (truth < 16)].mean() > 0.9
    assert found[1.0][(truth > 12) & (truth < 16)].mean() < 0.5

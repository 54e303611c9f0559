"""A steady pulse: music to a click whose beats are not always marked."""

import numpy as np
import pytest

from deepmir.decoders import steady
from deepmir.decoders.bar_pointer import BarPointer

RATE = 50.0


def heard(times, metre=4, seconds=None):
    """Activations (frames, 2) with a bell at each time."""
    frames = np.arange(round((seconds or times[-1] + 1) * RATE))[:, None]
    bells = 0.95 * np.exp(-0.5 * (frames - times * RATE) ** 2)
    return np.stack([bells.max(axis=1), bells[:, ::metre].max(axis=1)], axis=1)


def both(activations):
    """Beats with a steady pulse, and from the path alone."""
    return [BarPointer(frame_rate=RATE, in_phase=share)(activations) for share in (0.6, 1.0)]


def test_beats_do_not_slip_to_the_off_beat_where_that_is_active():
    truth = 0.5 + np.arange(0, 90, 60 / 140.3)
    astray = (truth > 40) & (truth < 65)
    found, slipped = both(heard(np.where(astray, truth + 30 / 140.3, truth)))
    np.testing.assert_allclose(found.times, truth, atol=0.01)
    assert found.tempo == pytest.approx(140.3, rel=1e-4)
    assert np.isclose(truth[astray, None], slipped.times, atol=0.07).any(axis=1).mean() < 0.2


def test_a_pause_is_bridged_in_time():
    truth = np.arange(0.5, 90, 60 / 97.3)
    found, _ = both(heard(truth[(truth < 30) | (truth > 50)]))
    np.testing.assert_allclose(found.times, truth, atol=0.02)


@pytest.mark.parametrize("metre", [2, 3, 4])
def test_the_bars_of_a_steady_pulse(metre):
    truth = np.arange(0.5, 40, 0.4)
    found, _ = both(heard(truth, metre))
    assert found.metre == metre
    np.testing.assert_array_equal(found.positions, np.arange(len(truth)) % metre + 1)


def test_people_move_their_beats():
    rng = np.random.default_rng(3)
    truth = np.arange(0.5, 60, 0.5)
    truth += rng.normal(0, 0.02, truth.size)
    found, _ = both(heard(truth))
    assert np.median(np.abs(found.times - truth)) < 0.002


def test_who_slows_down_is_followed():
    truth = np.cumsum(np.linspace(0.4, 0.6, 150))
    found, alone = both(heard(truth))
    np.testing.assert_array_equal(found.times, alone.times)


def test_music_that_was_cut_is_followed():
    """A quarter of a beat is missing after two thirds."""
    truth = np.arange(0.5, 60, 0.5)
    truth[80:] -= 0.125
    found, alone = both(heard(truth))
    np.testing.assert_array_equal(found.times, alone.times)
    assert np.isclose(truth[:, None], found.times, atol=0.07).any(axis=1).mean() > 0.95


@pytest.mark.parametrize("frames", [4, 5, 25])
def test_the_fastest_beats_and_those_without_a_pulse(frames):
    active = np.zeros(40 * frames)
    active[::frames] = 1.0
    beats = np.arange(40.0) * frames
    np.testing.assert_allclose(steady.pulse(active, beats, 0.6)[::2][:40], beats, atol=0.5)
    assert steady.pulse(active, beats, 1.0) is None


@pytest.mark.parametrize("beats", [0, 1, 7])
def test_a_few_beats_have_no_pulse(beats):
    assert steady.pulse(np.ones(200), np.arange(beats) * 20.0, 0.0) is None

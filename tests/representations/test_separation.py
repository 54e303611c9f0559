"""Harmonic-percussive separation compared with librosa, and running medians with scipy."""

import librosa
import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st

from deepmir.representations import Separation
from deepmir.representations.medians import running_median


@settings(max_examples=20)
@given(st.integers(1, 60), st.integers(1, 70), st.integers(1, 15), st.integers(0, 9))
def test_running_median_is_scipys(rows, columns, half, seed):
    rng = np.random.default_rng(seed)
    # Few different values: ties are where a sorted window goes wrong.
    values = rng.integers(0, 5 + 100 * (seed % 2), (rows, columns)).astype(np.float32)
    size = 2 * half + 1
    wanted = scipy.ndimage.median_filter(values, (size, 1), mode="reflect")
    if rows >= half:
        np.testing.assert_array_equal(running_median(values, size), wanted)


@pytest.mark.parametrize("keep", ["harmonic", "percussive"])
@pytest.mark.parametrize("margin", [1.0, 3.0])
def test_separation_is_librosas(music, error, keep, margin):
    samples = music(22050, 4.0)
    theirs = getattr(librosa.effects, keep)(samples, margin=margin, pad_mode="constant")
    assert error(Separation(keep=keep, margin=margin)(samples), theirs) < 1e-6


def test_no_block_shows_its_edges(music, monkeypatch, error):
    samples = music(22050, 5.0)
    step = Separation(keep="percussive")
    whole = step(samples)
    monkeypatch.setattr("deepmir.representations.separation.CHUNK", 50)
    assert error(step(samples), whole) < 1e-6


def test_the_two_components_add_up(music):
    samples = music(22050, 3.0)
    parts = [Separation(keep=keep)(samples) for keep in ("harmonic", "percussive")]
    np.testing.assert_allclose(sum(parts), samples, atol=1e-5)


def test_a_tone_is_harmonic_and_a_click_percussive():
    tone = np.sin(np.arange(44100) * 0.1).astype(np.float32)
    click = np.zeros(44100, np.float32)
    click[::11025] = 1
    harmonic = Separation(keep="harmonic")
    assert np.linalg.norm(harmonic(tone)) > 0.9 * np.linalg.norm(tone)
    assert np.linalg.norm(harmonic(click)) < 0.1 * np.linalg.norm(click)

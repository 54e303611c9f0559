"""One loudness for all recordings, whatever their level and channels."""

import numpy as np
import pytest
import soundfile

from deepmir.errors import DeepmirError
from deepmir.files import audio, decoding
from deepmir.files.loudness import Meter

RATE = 22050


def song(seconds=6.0):
    t = np.arange(round(seconds * RATE)) / RATE
    beat = np.exp(-8 * (t % 0.5))
    left = beat * np.sin(2 * np.pi * 220 * t) + 0.3 * np.sin(2 * np.pi * 330 * t)
    right = beat * np.sin(2 * np.pi * 110 * t) + 0.3 * np.sin(2 * np.pi * 330 * t)
    return 0.3 * np.stack([left, right], axis=1).astype(np.float32)


def heard(samples):
    source = audio.from_samples(samples, RATE)
    return np.concatenate([block.copy() for block in source.blocks]), source.remarks


def streamed(path):
    return np.concatenate([block.copy() for block in audio.from_file(path).blocks])


def loudness(samples, rate=RATE):
    meter = Meter(rate, 1)
    meter.add(samples[:, None], samples)
    return meter.loudness


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_the_sine_of_the_standard(rate):
    """ITU-R BS.1770-4: 997 Hz at full scale in one channel is -3.01 LKFS."""
    sine = np.sin(2 * np.pi * 997 * np.arange(3 * rate) / rate).astype(np.float32)
    assert loudness(sine, rate) == pytest.approx(-3.01, abs=0.02)


def test_pauses_are_gated_and_blocks_do_not_matter():
    sound = song().mean(axis=1)
    paused = np.concatenate([sound, np.zeros(4 * len(sound), np.float32)])
    assert loudness(paused) == pytest.approx(loudness(sound), abs=0.3)
    meter = Meter(RATE, 1)
    for piece in np.split(sound, [7, 5000, 5001, 90_000]):
        meter.add(piece[:, None], piece)
    assert meter.loudness == pytest.approx(loudness(sound), abs=1e-3)


@pytest.mark.parametrize("decibels", [-50, -34, -20, 12, 90.3])
def test_the_level_makes_no_difference(decibels):
    """The last is a 16-bit song whose integers were not scaled."""
    plain, _ = heard(song())
    scaled, remarks = heard(song() * np.float32(10 ** (decibels / 20)))
    np.testing.assert_allclose(scaled, plain, atol=1e-5)
    assert loudness(plain) == pytest.approx(audio.LOUDNESS, abs=0.01)
    assert [remark for remark in remarks if "like integers" in remark] == (
        remarks if decibels > 90 else []
    )


def test_a_file_has_the_loudness_of_its_samples(tmp_path):
    soundfile.write(tmp_path / "a.wav", song() * 0.01, RATE, subtype="FLOAT")
    np.testing.assert_array_equal(audio.load(tmp_path / "a.wav", RATE), heard(song() * 0.01)[0])


def test_what_is_too_long_to_hold_is_decoded_twice(tmp_path, monkeypatch):
    soundfile.write(tmp_path / "a.wav", song(), RATE)
    held = streamed(tmp_path / "a.wav")
    monkeypatch.setattr(audio, "HELD", 1.0)
    np.testing.assert_array_equal(streamed(tmp_path / "a.wav"), held)


def test_what_is_loaded_is_decoded_once(tmp_path, monkeypatch):
    """However long it is: the result is in memory anyway."""
    soundfile.write(tmp_path / "a.wav", song(), RATE, subtype="FLOAT")
    monkeypatch.setattr(audio, "HELD", 1.0)
    opened, plain = [], decoding.decode
    monkeypatch.setattr(decoding, "decode", lambda *a: opened.append(a) or plain(*a))
    np.testing.assert_array_equal(audio.load(tmp_path / "a.wav", RATE), heard(song())[0])
    assert len(opened) == 1


@pytest.mark.parametrize("share", [1.0, 0.9, 0.6, 0.4])
def test_where_channels_cancel_one_of_them_is_used(share):
    left = song()[:, 0]
    alone, _ = heard(left)
    samples, remarks = heard(np.stack([left, -share * left], axis=1))
    np.testing.assert_allclose(samples, alone, atol=1e-5)
    assert remarks == ["its channels cancel each other when averaged: only channel 1 is used"]


def test_a_part_that_cancels_is_enough():
    stereo = song(20.0)
    stereo[-5 * RATE :, 1] = -stereo[-5 * RATE :, 0]
    assert "cancel" in heard(stereo)[1][0]


@pytest.mark.parametrize("right", [1.0, 0.5, 0.0, -0.1])
def test_channels_that_do_not_cancel_are_mixed(right):
    left = song()[:, 0]
    assert heard(np.stack([left, right * left], axis=1))[1] == []
    assert heard(song())[1] == []


@pytest.mark.parametrize("samples", [np.zeros((RATE, 2)), np.full((RATE, 1), 0.25)])
def test_what_is_silent_is_called_silent(samples):
    with pytest.raises(DeepmirError, match="silent"):
        heard(samples.astype(np.float32))

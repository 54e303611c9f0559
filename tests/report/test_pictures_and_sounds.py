import io

import numpy as np
import pytest
import soundfile
from matplotlib.image import imread

from deepmir.report import picture, sound
from deepmir.report.html import seconds, signed
from deepmir.report.views.base import Clicks


def test_time_runs_right_pitch_runs_up_and_loud_is_dark():
    values = np.zeros((40, 10), dtype=np.float32)
    values[30:, 8:] = 1.0
    pixels = imread(io.BytesIO(picture.png(values)), format="png")
    assert pixels.shape[:2] == (10, 40)
    assert (pixels[:2, 30:, 0] < 0.1).all()
    assert (pixels[2:, :, 0] > 0.95).all() and (pixels[:, :30, 0] > 0.95).all()


def test_a_picture_of_silence_is_white():
    pixels = imread(io.BytesIO(picture.png(np.zeros((5, 4), np.float32))), format="png")
    assert (pixels[..., 0] > 0.95).all()


@pytest.mark.parametrize("length", [2.0, 7.5, 30.0])
def test_numbers_of_the_time_axis_are_where_their_time_is(length):
    ticks = picture.time_ticks(length)
    assert 3 <= len(ticks) <= 8
    assert [tick.at for tick in ticks] == pytest.approx([float(t.label) / length for t in ticks])


def test_the_frequency_axis_names_every_c_where_bins_tell_pitches_apart():
    semitones = 440.0 * 2 ** ((np.arange(48) - 33) / 12)
    ticks = picture.frequency_ticks(semitones, octaves=True)
    assert [tick.label for tick in ticks] == ["C5", "C4", "C3", "C2"]
    assert ticks[1].more == "262 Hz"
    assert [tick.at for tick in ticks] == pytest.approx(
        [1 - (12 * n + 0.5) / 48 for n in (3, 2, 1, 0)]
    )


def test_the_frequency_axis_has_no_two_numbers_on_top_of_each_other():
    ticks = picture.frequency_ticks(np.linspace(30, 11000, 80), octaves=False)
    assert ticks[0].label == "10000 Hz"
    assert min(np.diff([tick.at for tick in ticks])) > 0.06


def test_mp3_keeps_length_and_content_and_bytes(rng):
    t = np.arange(5 * sound.SAMPLE_RATE) / sound.SAMPLE_RATE
    samples = (0.3 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
    encoded = sound.mp3(samples)
    decoded, rate = soundfile.read(io.BytesIO(encoded))
    assert (rate, len(decoded)) == (sound.SAMPLE_RATE, len(samples))
    assert np.corrcoef(decoded, samples)[0, 1] > 0.99
    assert encoded == sound.mp3(samples)
    assert len(encoded) < 12_000 * 5


def test_clicks_sound_when_they_should_and_strong_ones_higher():
    silence = np.zeros(4 * sound.SAMPLE_RATE, dtype=np.float32)
    clicks = Clicks(weak=np.array([1.0, 9.0]), strong=np.array([2.0]), words="")
    mixed = sound.with_clicks(silence, clicks)
    assert len(mixed) == len(silence)
    loud = np.flatnonzero(np.abs(mixed) > 0.1) / sound.SAMPLE_RATE
    assert set(np.floor(loud)) == {1.0, 2.0}
    for second, hertz in ((1, 1000), (2, 2000)):
        part = mixed[second * sound.SAMPLE_RATE :][: sound.SAMPLE_RATE // 20]
        spectrum = np.abs(np.fft.rfft(part))
        assert np.argmax(spectrum) * 20 == pytest.approx(hertz, rel=0.1)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (1.234, "1.2 s"), (59.7, "1 min 0 s"), (83.2, "1 min 23 s"), (7300, "2 h 1 min")],
)
def test_seconds_in_words(value, text):
    assert seconds(value) == text


def test_differences_carry_their_sign():
    assert signed(0.25) == "+0.250"
    assert signed(-0.25) == "−0.250"

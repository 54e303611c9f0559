import io

import numpy as np
import pytest
import soundfile

from deepmir.report import sound
from deepmir.report.html import seconds, signed
from deepmir.report.views.base import Clicks


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

import math

import numpy as np
import pytest

from deepmir.generators import pitch

RATE = 16000


def note(midi, seconds=0.6):
    time = np.arange(round(RATE * seconds)) / RATE
    hertz = 440 * 2 ** ((midi - 69) / 12)
    heights = [k for k in range(1, 6) if k * hertz < RATE / 2]
    partials = sum(np.sin(2 * np.pi * k * hertz * time) / k for k in heights)
    return (0.3 * partials * np.exp(-2 * time)).astype(np.float32)


def test_the_pitch_of_a_note_is_heard():
    assert pitch.heard(note(64.3), RATE, 64) == pytest.approx(64.3, abs=0.15)


@pytest.mark.parametrize("midi", [28, 94, 96])
def test_notes_beyond_a_melody_are_heard_where_they_are_asked_for(midi):
    assert pitch.heard(note(midi), RATE, midi) == pytest.approx(midi, abs=0.2)


def test_noise_has_no_pitch(rng):
    hiss = (0.1 * rng.standard_normal(RATE // 2)).astype(np.float32)
    assert math.isnan(pitch.heard(hiss, RATE, 60))


def test_half_a_semitone_is_right_and_silence_is_not():
    assert pitch.is_right(60.5, 60)
    assert not pitch.is_right(60.6, 60)
    assert not pitch.is_right(float("nan"), 60)

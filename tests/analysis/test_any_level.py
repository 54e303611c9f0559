"""The shipped networks give the same answers for a recording at any level."""

import numpy as np
import pytest

from deepmir.analysis import engine
from deepmir.files import audio

RATE = 22050
SECONDS = 24.0


def tone(pitch, t):
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    return sum(np.sin(2 * np.pi * k * hertz * t) / k for k in (1, 2, 3, 4, 5))


def music():
    """Four chords with a tune, 120 BPM in C, then with drums. Tones have overtones."""
    rng = np.random.default_rng(0)
    t = np.arange(round(SECONDS * RATE)) / RATE
    beat = t % 0.5
    drums = 0.5 * np.exp(-40 * beat) * np.sin(2 * np.pi * 60 * beat)
    drums += 0.1 * np.exp(-60 * (t % 0.25)) * rng.standard_normal(len(t))
    sound = drums * (t >= SECONDS / 2)
    roots = np.take([60, 65, 67, 60], (t // 2).astype(int) % 4)
    for step in (0, 4, 7):
        sound += 0.08 * tone(roots + step, t)
    tune = np.take([72, 76, 79, 77, 74, 71, 72, 84], (t // 0.5).astype(int) % 8)
    sound += 0.15 * np.exp(-3 * beat) * tone(tune, t)
    return (0.9 * sound / np.abs(sound).max()).astype(np.float32)


@pytest.fixture(scope="module")
def networks():
    return engine.load_networks(None, None)


@pytest.fixture(scope="module")
def answers(networks):
    return engine.analyze_source(audio.from_samples(music(), RATE), networks).jams


def bits16(samples):
    return (np.rint(samples * 32768) / 32768).astype(np.float32)


@pytest.mark.parametrize(
    ("change", "tolerance"),
    [
        (lambda x: x * np.float32(10 ** (-50 / 20)), 0.01),
        (lambda x: x * np.float32(32768), 0.01),
        (lambda x: bits16(x * np.float32(10 ** (-34 / 20))), 0.25),  # the noise of 10 bits
    ],
    ids=["50 dB softer", "integers", "34 dB softer, of 16 bits"],
)
def test_the_level_changes_no_answer(networks, answers, change, tolerance):
    changed = engine.analyze_source(audio.from_samples(change(music()), RATE), networks).jams
    worse = {}
    for one in networks:
        same, now = (one.task.metrics(answers, jams) for jams in (answers, changed))
        for name, value in same.items():
            if abs(now[name] - value) > tolerance:
                worse[one.task.name, name] = (value, now[name])
    assert not worse

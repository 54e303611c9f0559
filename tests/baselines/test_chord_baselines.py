"""Chords and chroma of synthetic triads: each tone a sine with an octave above it."""

import numpy as np
import pytest

from deepmir.baselines import chord_templates, cqt_chroma
from deepmir.decoders.chord_templates import NO_CHORD, decode, similarities
from deepmir.files.annotations import Jams
from deepmir.tasks import get
from deepmir.tasks.shared.harte import MAJOR_AND_MINOR as LABELS

SAMPLE_RATE = 22050


@pytest.fixture(scope="module")
def triads():
    """Two seconds each of C major, A minor and silence."""
    time = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    parts = [
        sum(np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * time) for p in pitches)
        for pitches in ((48, 60, 64, 67), (45, 57, 60, 64))
    ]
    return np.concatenate([*parts, np.zeros_like(time)]).astype(np.float32) / 8


def test_similarities_against_the_definition():
    chroma = np.random.default_rng(0).random((5, 12))
    found = similarities(chroma)
    for index, label in ((7, "G:maj"), (12 + 9, "A:min")):
        assert LABELS[index] == label
        triad = np.zeros(12)
        triad[[7, 11, 2] if label == "G:maj" else [9, 0, 4]] = 1
        expected = chroma @ triad / np.linalg.norm(chroma, axis=1) / np.linalg.norm(triad)
        assert found[:, index] == pytest.approx(expected)
    assert (found[:, -1] == NO_CHORD).all()


@pytest.mark.parametrize("frame", [np.zeros(12), np.ones(12)])
def test_silence_and_noise_have_no_chord(frame):
    assert decode(np.tile(frame, (20, 1)), 10.0, LABELS).values == ["N"]


@pytest.mark.parametrize("task", ["chord", "chord_large"])
def test_triads_are_found_when_they_sound(task, triads, tmp_path):
    (found,) = chord_templates.annotator(tmp_path, get(task), SAMPLE_RATE)(triads)
    assert found.values[:2] == ["C:maj", "A:min"]
    assert found.times[1] == pytest.approx(2.0, abs=0.2)


def test_the_chromagram_has_about_ten_frames_a_second(triads, tmp_path):
    (found,) = cqt_chroma.annotator(tmp_path, get("chroma"), SAMPLE_RATE)(triads)
    assert np.median(np.diff(found.times)) == pytest.approx(0.1, rel=0.05)
    assert np.shape(found.values)[1] == 12
    reference = Jams(6.0, ())
    assert get("chroma").metrics(reference, Jams(6.0, (found,))) == {}
    middle = np.array(found.values)[int(np.searchsorted(found.times, 1.0))]
    assert set(np.argsort(middle)[-3:]) == {0, 4, 7}

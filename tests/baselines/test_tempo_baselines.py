import numpy as np
import pytest

from deepmir.baselines import librosa_tempo
from deepmir.tasks import get

SAMPLE_RATE = 22050


def clicks(bpm, seconds=12):
    """A short noise at every beat."""
    samples = np.zeros(seconds * SAMPLE_RATE, dtype=np.float32)
    click = np.random.default_rng(1).normal(size=400) * np.hanning(400)
    for time in np.arange(0.1, seconds - 0.1, 60 / bpm):
        first = round(time * SAMPLE_RATE)
        samples[first : first + 400] += click
    return samples


def test_librosa_finds_the_tempo_of_clicks(tmp_path):
    annotate = librosa_tempo.annotator(tmp_path, get("tempo"), SAMPLE_RATE)
    (found,) = annotate(clicks(120))
    assert found.namespace == "tempo"
    assert found.values == [pytest.approx(120, rel=0.04)]
    assert found.observations[0].confidence == 1.0

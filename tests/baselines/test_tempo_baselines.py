import sys
from types import ModuleType
from types import SimpleNamespace as Namespace

import numpy as np
import pytest

from deepmir.baselines import essentia_rhythm, librosa_tempo
from deepmir.errors import DeepmirError
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


def test_without_essentia_the_user_is_told_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "essentia", None)
    with pytest.raises(DeepmirError, match="pip install essentia"):
        essentia_rhythm.annotator(tmp_path, get("tempo"), SAMPLE_RATE)


@pytest.mark.parametrize(("task", "values"), [("tempo", [120.123]), ("beat", [None, None])])
def test_essentia_gives_tempo_or_beats(task, values, tmp_path, monkeypatch):
    lengths = []

    def extractor(method):
        assert method == "multifeature"

        def extract(samples):
            lengths.append(len(samples))
            return 120.1234, np.array([0.5, 1.0]), 3.0, np.array([120.0]), np.array([0.5])

        return extract

    standard = Namespace(RhythmExtractor2013=extractor)
    monkeypatch.setitem(sys.modules, "essentia", ModuleType("essentia"))
    monkeypatch.setitem(sys.modules, "essentia.standard", standard)
    annotate = essentia_rhythm.annotator(tmp_path, get(task), SAMPLE_RATE)
    (found,) = annotate(clicks(120, seconds=2))
    assert (found.namespace, found.values) == (task, values)
    assert lengths == [2 * 44100]

import numpy as np
import pytest

from deepmir import baselines
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.onset import TASK

TIMES = np.array([0.5, 0.8, 1.3, 1.6, 2.2, 2.9, 3.05, 3.8])


def plucks(sample_rate, seconds=5.0):
    rng = np.random.default_rng(0)
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    samples = 1e-4 * rng.standard_normal(len(time))
    for start in TIMES:
        since = np.maximum(time - start, 0)
        tone = sum(np.sin(2 * np.pi * 330 * k * since) / k for k in range(1, 8))
        samples += (time >= start) * np.exp(-8 * since) * tone
    return (0.3 * samples).astype(np.float32)


@pytest.mark.parametrize("sample_rate", [22050, 44100])
@pytest.mark.parametrize("method", ["librosa_onsets", "superflux"])
def test_plucked_tones_are_found(tmp_path, method, sample_rate):
    annotate = baselines.get(method).annotator(tmp_path, TASK, sample_rate)
    reference = Jams(5.0, (Annotation("onset", tuple(Observation(t) for t in TIMES)),))
    scores = TASK.metrics(reference, Jams(5.0, tuple(annotate(plucks(sample_rate)))))
    assert scores["f_measure"] >= 0.99, scores


@pytest.mark.parametrize("method", ["librosa_onsets", "superflux"])
def test_silence_has_no_onset(tmp_path, method):
    annotate = baselines.get(method).annotator(tmp_path, TASK, 22050)
    assert annotate(np.zeros(22050, dtype=np.float32))[0].observations == ()


def test_a_vibrato_disturbs_superflux_less(tmp_path):
    time = np.arange(4 * 22050) / 22050
    phase = 2 * np.pi * np.cumsum(440 * 2 ** (0.08 * np.sin(2 * np.pi * 6 * time))) / 22050
    voice = sum(np.sin(k * phase) / k for k in range(1, 15)).astype(np.float32)
    found = {
        method: len(baselines.get(method).annotator(tmp_path, TASK, 22050)(voice)[0].observations)
        for method in ("librosa_onsets", "superflux")
    }
    assert found["superflux"] <= found["librosa_onsets"], found

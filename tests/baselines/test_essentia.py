import subprocess
import sys

import numpy as np
import pytest

from deepmir import baselines
from deepmir.baselines.methods import TASKS
from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks import get
from deepmir.tasks.melody import annotation as melody

RATE = 44100
METHODS = [
    (method, task)
    for method, served in TASKS.items()
    if method.startswith("essentia")
    for task in served
]

try:
    import essentia.standard
except ImportError:
    essentia = None
needs_essentia = pytest.mark.skipif(essentia is None, reason="Essentia is not installed")


def annotate(method, task, samples, folder, rate=RATE):
    (found,) = baselines.get(method).annotator(folder, get(task), rate)(samples)
    return found


def score(task, reference, found):
    duration = 20.0
    return get(task).metrics(Jams(duration, (reference,)), Jams(duration, (found,)))


def tones(frequencies, seconds, rate=RATE):
    """Successive tones, each with ten decaying partials; shape (samples,)."""
    time = np.arange(round(seconds * rate)) / rate
    each = [
        np.exp(-3 * time) * sum(np.sin(2 * np.pi * k * hertz * time) / k for k in range(1, 11))
        for hertz in frequencies
    ]
    return (0.2 * np.concatenate(each)).astype(np.float32)


def clicks(bpm, seconds=20.0, rate=RATE):
    times = np.arange(0.5, seconds - 0.2, 60 / bpm)
    samples = np.zeros(round(seconds * rate), np.float32)
    click = np.random.default_rng(1).normal(size=800) * np.hanning(800)
    for time in times:
        samples[round(time * rate) : round(time * rate) + 800] += 0.3 * click
    return samples, times


@pytest.mark.parametrize(("method", "task"), METHODS)
def test_without_essentia_the_user_is_told_how_to_get_it(method, task, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "essentia", None)
    monkeypatch.delitem(sys.modules, "essentia.standard", raising=False)
    with pytest.raises(DeepmirError, match="pip install essentia"):
        baselines.get(method).annotator(tmp_path, get(task), RATE)


def test_no_module_imports_essentia_by_itself():
    code = "import importlib, sys\n" + "\n".join(
        f"importlib.import_module('deepmir.baselines.{method}')" for method, _ in METHODS
    )
    code += "\nassert 'essentia' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@needs_essentia
@pytest.mark.parametrize("rate", [22050, RATE])
def test_beats_and_tempo_of_clicks(rate, tmp_path):
    samples, times = clicks(125, rate=rate)
    found = annotate("essentia_rhythm", "beat", samples, tmp_path, rate)
    reference = Annotation("beat", tuple(Observation(t, 0.0, None) for t in times))
    assert score("beat", reference, found)["f_measure"] > 0.95
    tempo = annotate("essentia_rhythm", "tempo", samples, tmp_path, rate)
    assert tempo.values == [pytest.approx(125, rel=0.02)]


@needs_essentia
@pytest.mark.parametrize("shift", [0, 5, 10])
@pytest.mark.parametrize("mode", ["major", "minor"])
def test_the_key_of_a_scale_with_its_triad(mode, shift, tmp_path):
    steps = [0, 2, 4, 5, 7, 9, 11] if mode == "major" else [0, 2, 3, 5, 7, 8, 10]
    third = steps[2]
    played = [*steps, 12, 7, third, 0, 7, third, 0]
    samples = tones([261.63 * 2 ** ((step + shift) / 12) for step in played], 0.4)
    found = annotate("essentia_key", "key", samples, tmp_path)
    tonic = {0: "C", 5: "F", 10: "Bb"}[shift]
    assert found.values == [f"{tonic}:{mode}"]
    assert 0 < found.observations[0].confidence <= 1


@needs_essentia
def test_onsets_of_tones(tmp_path):
    samples = tones([262, 330, 392, 523, 440, 349, 294, 262], 0.45)
    reference = Annotation("onset", tuple(Observation(0.45 * k) for k in range(8)))
    found = annotate("essentia_onsets", "onset", samples, tmp_path)
    assert score("onset", reference, found)["f_measure"] > 0.9


@needs_essentia
def test_a_melody_over_a_bass_at_its_time(tmp_path):
    time = np.arange(6 * RATE) / RATE
    hertz = 330 * 2 ** (np.sin(2 * np.pi * time / 6) * 5 / 12 + 0.02 * np.sin(2 * np.pi * 5 * time))
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    sung = (time % 2.0) < 1.5
    voice = sung * sum(np.sin(k * phase) / k for k in range(1, 9))
    bass = 0.2 * sum(np.sin(2 * np.pi * 82.4 * k * time) / k for k in range(1, 4))
    found = annotate("essentia_melody", "melody", (0.2 * (voice + bass)).astype("f"), tmp_path)
    every = slice(0, None, RATE // 100)
    reference = melody(time[every], hertz[every], sung[every])
    estimate = Jams(6.0, (found,))
    scores = get("melody").metrics(Jams(6.0, (reference,)), estimate)
    assert scores["raw_pitch"] > 0.9, scores
    assert np.diff(found.times) == pytest.approx(3 * 128 / RATE)


@needs_essentia
@pytest.mark.parametrize(("method", "task"), METHODS)
def test_one_annotator_serves_many_recordings(method, task, tmp_path):
    """Essentia's algorithms have a state: earlier recordings must have no effect."""
    of = baselines.get(method).annotator(tmp_path, get(task), RATE)
    samples, _ = clicks(100, seconds=6.0)
    first = of(samples)
    of(tones([440, 220, 330], 1.0))
    assert of(samples) == first


@needs_essentia
@pytest.mark.parametrize(("method", "task"), METHODS)
@pytest.mark.parametrize("seconds", [0.05, 3.0])
def test_silence_is_no_error(method, task, seconds, tmp_path):
    annotate(method, task, np.zeros(round(seconds * RATE), np.float32), tmp_path)

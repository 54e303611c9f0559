import numpy as np
import pytest

from deepmir.baselines import krumhansl, logistic, temperley
from deepmir.baselines.shared.lesson import Lesson
from deepmir.errors import DeepmirError
from deepmir.files.annotations import Jams
from deepmir.tasks import get
from deepmir.tasks.shared.keys import LABELS

SAMPLE_RATE = 22050
PROFILES = {
    "krumhansl": (krumhansl.MAJOR, krumhansl.MINOR),
    "temperley": (temperley.MAJOR, temperley.MINOR),
}


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("index", [0, 5, 12, 21])
def test_a_chromagram_like_a_profile_has_its_key(name, index):
    profile = np.roll(PROFILES[name][index // 12], index % 12)
    found = krumhansl.correlations(profile, *PROFILES[name])
    assert int(np.argmax(found)) == index
    assert found[index] == pytest.approx(1.0)


def test_correlations_against_the_definition():
    chroma = np.random.default_rng(0).random(12)
    profile = np.roll(temperley.MINOR, 3)
    x, y = chroma - chroma.mean(), profile - profile.mean()
    expected = (x @ y) / np.sqrt((x @ x) * (y @ y))
    found = krumhansl.correlations(chroma, *PROFILES["temperley"])
    assert found[12 + 3] == pytest.approx(expected)


@pytest.mark.parametrize("method", [krumhansl, temperley])
def test_a_cadence_has_the_key_of_its_tonic(method, tmp_path):
    chords = [(62, 65, 69, 72), (67, 71, 74, 77), (60, 64, 67, 72), (60, 64, 67, 72)]
    time = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
    tones = [[np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * time) for p in c] for c in chords]
    samples = np.concatenate([np.sum(tone, axis=0) for tone in tones]).astype(np.float32) / 8
    (found,) = method.annotator(tmp_path, get("key"), SAMPLE_RATE)(samples)
    assert found.namespace == "key_mode"
    assert found.values == ["C:major"]
    assert found.values[0] in LABELS


@pytest.mark.parametrize("method", [krumhansl, temperley])
def test_silence_has_a_key_that_nobody_is_sure_of(method, tmp_path):
    (found,) = method.annotator(tmp_path, get("key"), SAMPLE_RATE)(np.zeros(20000, np.float32))
    assert [o.confidence for o in found.observations] == [0.0]


def cadence(tonic):
    """A chord of A minor and its fifth, so many semitones higher."""
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    waves = [np.sin(2 * np.pi * 220 * 2 ** ((p + tonic) / 12) * time) for p in (0, 3, 7, 12)]
    return np.sum(waves, axis=0).astype(np.float32) / 8


def labelled(tonic):
    return cadence(tonic), Jams(1.0, (get("key").annotation(12 + (9 + tonic) % 12, 1.0),))


def test_minor_keys_alone_are_learned_as_minor(tmp_path):
    parts = {part: [labelled(0), labelled(3)] for part in ("train", "validation")}
    logistic.fit(Lesson(tmp_path, "x", get("key"), parts, SAMPLE_RATE, {"commit": "c"}))
    annotate = logistic.annotator(tmp_path, get("key"), SAMPLE_RATE)
    assert [annotate(cadence(tonic))[0].values for tonic in (0, 5)] == [["A:minor"], ["D:minor"]]


def test_keys_that_nobody_annotated_are_refused(tmp_path):
    parts = {part: [(cadence(0), Jams(1.0, ()))] for part in ("train", "validation")}
    with pytest.raises(DeepmirError, match="no recording has an annotation for the task key"):
        logistic.fit(Lesson(tmp_path, "x", get("key"), parts, SAMPLE_RATE, {"commit": "c"}))

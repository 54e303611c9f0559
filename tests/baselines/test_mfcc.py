import numpy as np
import pytest

from deepmir import baselines, tasks
from deepmir.baselines import mfcc_logistic
from deepmir.baselines.mfcc_logistic import log_loss
from deepmir.baselines.shared import mfcc
from deepmir.baselines.shared.lesson import Lesson
from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.models.card import read_card

RATE = 8000
SECONDS = 3.0


def sound(kind, seed, seconds=SECONDS):
    """Noise, a low tone or a buzz, at some level."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * rng.uniform(100, 130) * t
    waves = {
        "hiss": rng.standard_normal(len(t)),
        "hum": np.sin(phase),
        "buzz": np.sign(np.sin(phase)),
    }
    noise = 0.01 * rng.standard_normal(len(t))
    return (rng.uniform(0.2, 0.4) * waves[kind] + noise).astype(np.float32)


KINDS = ("buzz", "hiss", "hum")


def tagged(kind, *words, duration=SECONDS):
    observations = tuple(Observation(a, b - a, word) for word, a, b in words)
    return Jams(duration, (Annotation("tag_open", observations, sandbox={"kind": kind}),))


def test_a_tag_that_begins_late_is_learned_from(tmp_path):
    """The mean over a recording has all of its tags."""
    task = tasks.get("tagging", KINDS)
    annotate = fitted(tmp_path, "mfcc_logistic", task, lambda kind: tagged("tags", (kind, 0.5, 3)))
    for kind in KINDS:
        (found,) = annotate(sound(kind, 500))
        assert max(found.observations, key=lambda o: o.confidence).value == kind


def part(first, jams_of, count=9):
    seeds = range(first, first + count)
    return [(sound(KINDS[i % 3], i), jams_of(KINDS[i % 3])) for i in seeds]


def fitted(folder, method, task, jams_of):
    parts = {"train": part(0, jams_of, 15), "validation": part(100, jams_of)}
    parts["train"].append((sound("hum", 99), Jams(SECONDS, ())))  # has no annotation
    baselines.get(method).fit(Lesson(folder, "x", task, parts, RATE, {"commit": "c"}))
    return baselines.get(method).annotator(folder, task, RATE)


def test_genre_is_learned_and_read_back(tmp_path):
    task = tasks.get("genre", KINDS)
    annotate = fitted(tmp_path, "mfcc_logistic", task, lambda kind: tagged("genre", (kind, 0, 3)))
    for kind in KINDS:
        (found,) = annotate(sound(kind, 500))
        assert found.values[0] == kind
        assert found.observations[0].confidence > 0.5
    card = read_card(tmp_path)
    assert card.labels == KINDS
    assert card.activation == "softmax"
    assert card.training["commit"] == "c"
    rows = (tmp_path / "history.csv").read_text().splitlines()
    assert rows[0] == "C,validation/log_loss"
    losses = {float(c): float(loss) for c, loss in (row.split(",") for row in rows[1:])}
    assert card.training["best"]["C"] == min(losses, key=losses.get)


@pytest.mark.parametrize("vocabulary", [("buzz", "hiss", "hum", "never"), ("hum", "hiss")])
def test_classes_without_example_and_pairs_of_classes(tmp_path, vocabulary):
    task = tasks.get("genre", vocabulary)
    annotate = fitted(tmp_path, "mfcc_logistic", task, lambda kind: tagged("genre", (kind, 0, 3)))
    for kind in ("hum", "hiss"):
        (found,) = annotate(sound(kind, 500))
        assert found.values[0] == kind
        assert "never" not in found.values


def test_tags_are_learned_one_by_one(tmp_path):
    task = tasks.get("tagging", ("tonal", "loud", "never"))

    def jams_of(kind):
        return tagged("tags", ("loud", 0, 3), *[("tonal", 0, 3)] * (kind != "hiss"))

    annotate = fitted(tmp_path, "mfcc_logistic", task, jams_of)
    for kind in KINDS:
        (found,) = annotate(sound(kind, 500))
        tonal, loud, never = (o.confidence for o in found.observations)
        assert (tonal > 0.5) == (kind != "hiss")
        assert loud > 0.99
        assert never < 0.01


def test_frames_are_learned_and_the_decoder_is_chosen(tmp_path):
    task = tasks.get("instrument", KINDS)

    def mixed(seed):
        first, second = (KINDS[(seed + i) % 3] for i in (0, 1 + seed % 2))
        jams = tagged("instrument", (first, 0, 3), (second, 3, 6), duration=6.0)
        return np.concatenate([sound(first, seed), sound(second, seed + 50)]), jams

    parts = {"train": [mixed(i) for i in range(8)], "validation": [mixed(i) for i in range(20, 24)]}
    mfcc_logistic.fit(Lesson(tmp_path, "x", task, parts, RATE, {}))
    annotate = mfcc_logistic.annotator(tmp_path, task, RATE)
    samples, reference = mixed(31)
    scores = task.metrics(reference, Jams(6.0, tuple(annotate(samples))))
    assert scores["frame_f"] > 0.8
    assert set(read_card(tmp_path).decoder) == set(task.choices)


def test_mood_is_regressed(tmp_path):
    moods = {"hiss": [-0.5, 0.8], "buzz": [0.5, 0.4], "hum": [0.6, -0.7]}

    def jams_of(kind):
        return Jams(SECONDS, (Annotation("mood_thayer", (Observation(0.0, 3.0, moods[kind]),)),))

    task = tasks.get("mood")
    annotate = fitted(tmp_path, "mfcc_ridge", task, jams_of)
    for kind in KINDS:
        (found,) = annotate(sound(kind, 500))
        np.testing.assert_allclose(found.values[0], moods[kind], atol=0.3)
    assert (tmp_path / "history.csv").read_text().startswith("alpha,validation/squared_error\n")


def test_a_part_without_annotations_is_refused(tmp_path):
    with pytest.raises(DeepmirError, match="genre"):
        fitted(tmp_path, "mfcc_logistic", tasks.get("genre"), lambda kind: Jams(SECONDS, ()))


def test_contexts_are_mean_and_deviation_of_the_second_around():
    samples = sound("buzz", 1)
    values = mfcc.coefficients(samples, RATE)
    found = mfcc.contexts(samples, RATE)
    assert found.shape == (-(-len(values) // mfcc.STEP), 80)
    assert mfcc.context_rate(RATE) == pytest.approx(10)
    half = round(mfcc.context_rate(RATE) * mfcc.STEP * mfcc.CONTEXT) // 2
    for n in (8, 10, 15):
        middle = n * mfcc.STEP
        around = values[middle - half : middle + half + 1]
        expected = np.concatenate([around.mean(axis=0), around.std(axis=0)])
        np.testing.assert_allclose(found[n], expected, atol=1e-6)
    summary = mfcc.summary(samples, RATE)
    np.testing.assert_allclose(summary[:40], values.mean(axis=0))


def test_log_loss_by_hand():
    said = np.array([[0.5, 0.5], [0.25, 0.75]])
    one = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert log_loss(one, said, "softmax") == pytest.approx(-(np.log(0.5) + np.log(0.75)) / 2)
    partly = np.array([[1.0, np.nan], [np.nan, np.nan]])
    assert log_loss(partly, said, "sigmoid") == pytest.approx(-np.log(0.5))

from itertools import product

import mir_eval
import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Grid
from deepmir.tasks.chord_large import (
    BASS,
    LABELS,
    PITCHES,
    QUALITIES,
    QUALITY,
    ROOT,
    TASK,
    label_index,
)
from deepmir.tasks.shared.harte import ROOTS

RATE = 10.0


def chords(*pairs):
    """A recording with successive chords: label and seconds."""
    starts = np.cumsum([0.0, *(seconds for _, seconds in pairs)])
    observations = tuple(
        Observation(float(start), seconds, label)
        for start, (label, seconds) in zip(starts[:-1], pairs, strict=True)
    )
    return Jams(float(starts[-1]), (Annotation("chord", observations),))


def random_chords(seed):
    """Chords of the vocabulary, with any of their notes as bass."""
    rng = np.random.default_rng(seed)
    pairs = []
    for _ in range(50):
        root, quality = rng.choice(ROOTS), str(rng.choice(list(QUALITIES)))
        bass = str(rng.choice(list(QUALITIES[quality].values())))
        label = f"{root}:{quality}" + ("" if bass == "1" else f"/{bass}")
        pairs.append(("N" if rng.random() < 0.05 else label, float(0.3 + rng.exponential(0.8))))
    return chords(*pairs)


def decoded(jams, **options):
    grid = Grid(0.0, 1 / RATE, int(jams.duration * RATE) + 1)
    target = TASK.target(jams, grid)
    last = np.flatnonzero(np.isfinite(target).all(axis=1))[-1]
    target[last + 1 :] = target[last]  # the last frame may begin where the last chord ends
    return Jams(jams.duration, tuple(TASK.decoder(RATE, **options)(target)))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("options", [{}, {"pitch_weight": 0.3}])
def test_annotation_to_target_to_annotation_scores_one(seed, options):
    reference = random_chords(seed)
    scores = TASK.metrics(reference, decoded(reference, **options))
    assert scores["tetrads"] >= 0.99
    assert scores["majmin"] >= 0.99


def test_learned_options_keep_what_is_sure():
    reference = random_chords(9)
    found = decoded(reference, **TASK.learned([random_chords(seed) for seed in range(5)]))
    assert TASK.metrics(reference, found)["tetrads"] >= 0.99


def test_the_bass_is_written_as_an_inversion():
    labels = ("C:maj/3", "A:min7", "B:dim7/bb7", "G:7/b7", "N")
    found = decoded(chords(*((label, 1.0) for label in labels)))
    assert tuple(found.annotations[0].values) == labels


def test_a_bass_outside_of_the_chord_is_not_written():
    target = TASK.target(chords(("C:maj", 1.0)), Grid(0.0, 0.1, 10))
    target[:, BASS] = np.eye(13)[2]
    assert TASK.decoder(RATE)(target)[0].values == ["C:maj"]


def test_every_quality_is_as_mir_eval_has_it_and_every_label_is_its_own():
    for label, index in zip(LABELS, range(len(LABELS)), strict=True):
        assert label_index(label) == index
    for quality, root in product(QUALITIES, ("C", "Bb")):
        for step, name in QUALITIES[quality].items():
            _, bitmap, bass = mir_eval.chord.encode(f"{root}:{quality}/{name}")
            assert bass == step
            assert set(np.flatnonzero(bitmap)) == set(QUALITIES[quality])


def test_the_target_of_each_head():
    target = TASK.target(chords(("D:min7/b3", 1.0), ("N", 1.0)), Grid(0.05, 0.1, 20))
    assert target.shape == (20, TASK.output.width)
    assert [np.argmax(target[0, head]) for head in (ROOT, BASS, QUALITY)] == [2, 5, 6]
    assert np.flatnonzero(target[0, PITCHES]).tolist() == [0, 2, 5, 9]
    assert [np.argmax(target[-1, head]) for head in (ROOT, BASS, QUALITY)] == [12, 12, 14]
    assert target[-1, PITCHES].sum() == 0
    assert TASK.output.slices == (ROOT, PITCHES, BASS, QUALITY)


def test_a_quality_outside_of_the_vocabulary_leaves_the_rest_known():
    target = TASK.target(chords(("C:5", 1.0), ("C:maj", 1.0), ("X", 1.0)), Grid(0.05, 0.1, 30))
    assert np.isnan(target[0, QUALITY]).all()
    assert np.isfinite(target[0, : QUALITY.start]).all()
    assert np.isfinite(target[15]).all()
    assert np.isnan(target[25]).all()


@pytest.mark.parametrize(
    ("estimate", "tetrads", "majmin"),
    [
        ([("C:maj7", 2.0), ("G:7/3", 2.0)], 1.0, 1.0),
        ([("C:maj", 2.0), ("G:7", 2.0)], 0.5, 1.0),
        ([("C:maj7", 1.0), ("G:7", 3.0)], 0.75, 0.75),
        ([], 0.0, 0.0),
    ],
)
def test_golden_scores(estimate, tetrads, majmin):
    scores = TASK.metrics(chords(("C:maj7", 2.0), ("G:7/3", 2.0)), chords(*estimate))
    assert (scores["tetrads"], scores["majmin"]) == pytest.approx((tetrads, majmin))


def test_a_recording_without_a_usable_chord_has_no_target_and_no_score():
    for jams in (Jams(1.0, ()), chords(("X", 4.0))):
        assert TASK.target(jams, Grid(0.0, 0.1, 10)) is None
        assert TASK.metrics(jams, chords(("C:maj", 1.0))) == {}


@pytest.mark.parametrize(("shift", "after"), [(3, "Eb:maj7/3"), (-1, "B:maj7/3")])
def test_a_pitch_shift_moves_every_pitch_class(shift, after):
    grid = Grid(0.05, 0.1, 10)
    moved = TASK.deform_target(TASK.target(chords(("C:maj7/3", 1.0)), grid), "pitch_shift", shift)
    np.testing.assert_allclose(moved, TASK.target(chords((after, 1.0)), grid), atol=1e-6)


@pytest.mark.parametrize("options", [{"self_weight": 1}, {"pitch_weight": -1}])
def test_a_wrong_decoder_option_is_one_line(options):
    with pytest.raises(DeepmirError, match="decoder") as caught:
        TASK.decoder(RATE, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("label", ["C:maj", "C:7"])
def test_pitch_classes_decide_between_qualities(label):
    activations = TASK.target(chords((label, 1.0)), Grid(0.05, 0.1, 10))
    activations[:, QUALITY] = 0.5 * np.isin(np.arange(15), [0, 9])  # maj and 7
    activations[:, PITCHES] = activations[:, PITCHES] * 0.8 + 0.1
    assert TASK.decoder(RATE, pitch_weight=0.3)(activations)[0].values == [label]

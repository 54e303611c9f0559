import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Grid
from deepmir.tasks.chord import LABELS, TASK, label_index
from deepmir.tasks.shared import harte

RATE = 10.0
NO_CHORD = len(LABELS) - 1
SCORES = (*harte.COMPARISONS, "underseg", "overseg", "seg")


def chords(*pairs, start=0.0):
    """A recording with successive chords: label and seconds."""
    observations, now = [], start
    for label, seconds in pairs:
        observations.append(Observation(now, seconds, label))
        now += seconds
    return Jams(now, (Annotation("chord", tuple(observations)),))


def random_chords(seed, labels, least=0.25):
    rng = np.random.default_rng(seed)
    pairs, now = [], 0.0
    while now < 60:
        label = str(rng.choice(labels))
        if not pairs or label != pairs[-1][0]:
            pairs.append((label, float(least + rng.exponential(0.8))))
            now += pairs[-1][1]
    return chords(*pairs)


def grid(jams, rate=RATE):
    return Grid(0.0, 1 / rate, int(jams.duration * rate) + 1)


def decoded(jams, **options):
    target = TASK.target(jams, grid(jams))
    last = np.flatnonzero(np.isfinite(target).all(axis=1))[-1]
    target[last + 1 :] = target[last]  # the last frame may begin where the last chord ends
    return Jams(jams.duration, tuple(TASK.decoder(RATE, **options)(target)))


@pytest.mark.parametrize("seed", range(5))
def test_annotation_to_target_to_annotation_scores_one(seed):
    reference = random_chords(seed, [*LABELS, "C:7", "G:min7/b3"])
    scores = TASK.metrics(reference, decoded(reference))
    assert scores["majmin"] >= 0.99
    assert scores["seg"] >= 0.97


def test_learned_options_keep_what_is_sure():
    reference = random_chords(9, LABELS)
    found = decoded(reference, **TASK.learned([random_chords(s, LABELS) for s in range(5)]))
    assert TASK.metrics(reference, found)["majmin"] >= 0.99


def test_the_estimate_has_no_gap():
    found = decoded(random_chords(1, LABELS)).annotations[0]
    intervals = found.intervals
    assert intervals[0, 0] == 0
    np.testing.assert_allclose(intervals[1:, 0], intervals[:-1, 1], atol=1e-6)
    assert all(0 <= o.confidence <= 1 for o in found.observations)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("C", "C:maj"),
        ("Db:7", "C#:maj"),
        ("A:min7/b3", "A:min"),
        ("Bb:maj6", "Bb:maj"),
        ("F:maj9", "F:maj"),
        ("N", "N"),
        ("X", None),
        ("B:dim", None),
        ("G:sus4", None),
        ("C:aug", None),
        ("C:aug7", None),  # JAMS allows it, mir_eval cannot read it
    ],
)
def test_labels_are_reduced_as_majmin_compares_them(label, expected):
    assert label_index(label) == (None if expected is None else LABELS.index(expected))


def test_a_frame_has_the_share_of_each_chord_and_nothing_of_an_unknown_one():
    reference = chords(("C:maj", 0.48), ("A:min", 0.37), ("C:dim", 0.5))
    target = TASK.target(reference, Grid(0.0, 0.1, 14))
    assert target[4, LABELS.index("C:maj")] == 1
    # frame 5 lasts from 0.45 s to 0.55 s, and its chord changes at 0.48 s
    assert target[5, LABELS.index("C:maj")] == pytest.approx(0.3, abs=1e-6)
    assert target[5, LABELS.index("A:min")] == pytest.approx(0.7, abs=1e-6)
    assert np.isfinite(target[8]).all()
    assert np.isnan(target[9:]).all()


def test_the_grid_shifts_and_stretches_the_target():
    reference = chords(("C:maj", 2.0), ("G:maj", 2.0))
    target = TASK.target(reference, Grid(start=1.05, step=0.25, frames=8))
    assert np.argmax(target, axis=1).tolist() == [0, 0, 0, 0, 7, 7, 7, 7]


def test_a_gap_is_unknown_and_of_overlapping_chords_the_later_holds():
    observations = (
        Observation(0.0, 2.0, "C:maj"),
        Observation(1.0, 1.0, "G:maj"),
        Observation(3.0, 1.0, "N"),
    )
    jams = Jams(4.0, (Annotation("chord", observations),))
    target = TASK.target(jams, Grid(0.5, 1.0, 4))
    assert np.argmax(target[[0, 1, 3]], axis=1).tolist() == [0, 7, NO_CHORD]
    assert np.isnan(target[2]).all()


@pytest.mark.parametrize(
    ("estimate", "expected"),
    [
        (
            [("C:maj", 4), ("A:min7", 4), ("N", 2)],
            {**dict.fromkeys(SCORES, 1.0), "symbol_error": 0.0},
        ),
        ([("C:maj", 4), ("A:min", 4), ("N", 2)], {"majmin": 1.0, "tetrads": 0.6, "root": 1.0}),
        ([("C:maj", 4), ("A:maj", 4), ("N", 2)], {"root": 1.0, "thirds": 0.6, "majmin": 0.6}),
        # A:min7 has the notes of C:maj6
        ([("C:maj", 10)], {"majmin": 0.4, "mirex": 0.8, "overseg": 1.0, "underseg": 0.4}),
        # after the estimate's end and before its begin there is no chord
        ([("C:maj", 4)], {"majmin": 0.6, "tetrads": 0.6}),
        ([], {"majmin": 0.2, "root": 0.2, "underseg": 0.4, "overseg": 1.0, "seg": 0.4}),
    ],
)
def test_golden_scores(estimate, expected):
    reference = chords(("C:maj", 4), ("A:min7", 4), ("N", 2))
    scores = TASK.metrics(reference, chords(*estimate))
    assert set(scores) == {*SCORES, "symbol_error"}
    assert {name: scores[name] for name in expected} == pytest.approx(expected)


def test_what_is_unknown_in_the_reference_does_not_count():
    reference = chords(("C:maj", 1), ("X", 8), ("G:maj", 1))
    scores = TASK.metrics(reference, chords(("C:maj", 10)))
    assert scores["majmin"] == scores["tetrads"] == 0.5


def test_an_unknown_chord_of_an_estimate_is_not_no_chord():
    reference = chords(("C:maj", 5), ("N", 5))
    assert TASK.metrics(reference, chords(("C:maj", 5), ("X", 5)))["majmin"] == 0.5
    silent = Jams(10.0, (Annotation("chord", (Observation(0.0, 5.0, "C:maj"),)),))
    assert TASK.metrics(reference, silent)["majmin"] == 1


def test_the_bass_counts_in_the_scores_of_inversions():
    reference = chords(("C:maj/3", 5), ("C:maj", 5))
    scores = TASK.metrics(reference, chords(("C:maj", 10)))
    assert scores["majmin"] == scores["triads"] == 1
    assert scores["majmin_inv"] == scores["triads_inv"] == 0.5


def test_a_comparison_that_fits_no_chord_is_left_out():
    scores = TASK.metrics(chords(("B:dim", 3)), chords(("B:dim", 3)))
    assert "majmin" not in scores
    assert scores["triads"] == 1


def test_a_single_chord_and_one_outside_of_the_reference():
    assert TASK.metrics(chords(("C:maj", 3)), chords(("C:maj", 3)))["seg"] == 1
    late = chords(("C:maj", 1), start=5.0)
    assert TASK.metrics(chords(("C:maj", 3)), late)["majmin"] == 0
    assert TASK.metrics(chords(("C:maj", 3), start=2.0), chords(("C:maj", 9)))["majmin"] == 1


def test_a_recording_without_a_usable_chord_has_no_target_and_no_score():
    for jams in (Jams(1.0, ()), Jams(1.0, (Annotation("chord", ()),)), chords(("X", 4.0))):
        assert TASK.target(jams, Grid(0.0, 0.1, 10)) is None
        assert TASK.metrics(jams, chords(("C:maj", 1.0))) == {}


@pytest.mark.parametrize(("shift", "after"), [(1, "C:min"), (-2, "A:min"), (12, "B:min")])
def test_a_pitch_shift_moves_the_root_and_keeps_the_quality(shift, after):
    target = TASK.target(chords(("B:min", 1.0), ("N", 1.0)), Grid(0.0, 0.1, 20))
    moved = TASK.deform_target(target, "pitch_shift", shift)
    assert LABELS[int(np.argmax(moved[0]))] == after
    assert LABELS[int(np.argmax(moved[19]))] == "N"
    assert TASK.deform_target(target, "time_stretch", 1.1) is target


@pytest.mark.parametrize(
    "options", [{"self_weight": 1}, {"transition_weight": -1}, {"durations": [1.0]}]
)
def test_a_wrong_decoder_option_is_one_line(options):
    with pytest.raises(DeepmirError, match="decoder") as caught:
        TASK.decoder(RATE, **options)
    assert "\n" not in str(caught.value)


def test_a_broken_network_is_told():
    with pytest.raises(DeepmirError, match="chord activations"):
        TASK.decoder(RATE)(np.full((10, 25), np.nan, dtype=np.float32))


def test_a_soft_chord_is_no_silence_unless_the_network_is_sure_of_it():
    quiet = np.zeros((40, 25), dtype=np.float32)
    quiet[:, 0], quiet[:, -1] = 0.3, 0.7  # C major, or nothing
    (found,) = TASK.decoder(10.0)(quiet)
    assert [o.value for o in found.observations] == ["C:maj"]
    (found,) = TASK.decoder(10.0, none_cost=0.0)(quiet)
    assert [o.value for o in found.observations] == ["N"]
    silent = np.zeros((40, 25), dtype=np.float32)
    silent[:, 0], silent[:, -1] = 0.03, 0.97
    (found,) = TASK.decoder(10.0)(silent)
    assert [o.value for o in found.observations] == ["N"]

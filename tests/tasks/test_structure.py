import mir_eval
import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Grid
from deepmir.tasks.structure import TASK


def form(edges, names):
    observations = tuple(
        Observation(float(a), float(b - a), name)
        for a, b, name in zip(edges[:-1], edges[1:], names, strict=True)
    )
    return Jams(float(edges[-1]), (Annotation("segment_open", observations),))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("rate", [5.0, 10.0])
def test_annotation_to_target_to_annotation_scores_one(seed, rate):
    rng = np.random.default_rng(seed)
    edges = np.concatenate([[0], np.cumsum(rng.uniform(6, 30, 9))])
    names = rng.choice(list("ABCD"), 9)
    reference = form(edges, names)
    target = TASK.target(reference, Grid(0.0, 1 / rate, int(edges[-1] * rate) + 1))
    # Features that tell the letters apart, as a network's might.
    place = np.clip(np.searchsorted(edges, np.arange(len(target)) / rate, side="right") - 1, 0, 8)
    features = np.eye(4)[[("ABCD").index(n) for n in names]][place]
    activations = np.hstack([target, features]).astype(np.float32)
    share = TASK.learned([reference])
    assert share == {"labels_per_section": pytest.approx(len(set(names)) / 9)}
    for values, options in ((target, {}), (activations, share)):
        found = Jams(edges[-1], tuple(TASK.decoder(rate, **options)(values)))
        scores = TASK.metrics(reference, found)
        assert scores["f_3"] >= 0.99
        assert scores["f_05"] >= 0.99
        assert scores["f_05_trimmed"] >= 0.99
        assert scores["deviation_ref_to_est"] <= 0.5 / rate
    assert scores["pairwise_f"] >= 0.97
    assert scores["entropy_f"] >= 0.95


def test_the_target_is_a_gaussian_that_is_cut():
    target = TASK.target(form([0, 10, 20], "AB"), Grid(0.0, 0.25, 80))[:, 0]
    assert target[40] == 1
    assert target[43] == pytest.approx(np.exp(-0.5))
    np.testing.assert_array_equal(np.flatnonzero(target)[[0, -1]], [34, 46])
    assert not TASK.target(form([0, 20], "A"), Grid(0.0, 0.25, 80)).any()
    for first, peaks in ((0.5, [40]), (5.0, [20, 40])):  # before 5 s there is one, to mir_eval too
        target = TASK.target(form([first, 10, 20], "AB"), Grid(0.0, 0.25, 120))[:, 0]
        np.testing.assert_array_equal(np.flatnonzero(target == 1), peaks)


def test_golden_boundaries():
    reference = form([0, 10, 20, 30, 40], "ABAB")
    # 10 is found within 0.5 s and 20 within 3 s, 30 is missed, 35 is invented; both ends are right
    scores = TASK.metrics(reference, form([0, 10.2, 22, 35, 40], "ABCD"))
    assert scores["f_3"] == pytest.approx(4 / 5)
    assert scores["f_05"] == pytest.approx(3 / 5)
    assert scores["f_3_trimmed"] == pytest.approx(2 / 3)
    assert scores["f_05_trimmed"] == pytest.approx(1 / 3)
    assert scores["deviation_ref_to_est"] == pytest.approx(0.2)  # of 0, 0.2, 2, 5, 0
    assert scores["deviation_est_to_ref"] == pytest.approx(0.2)  # of 0, 0.2, 2, 5, 0


def test_golden_letters():
    reference = form([0, 10, 20, 30, 40], "ABAB")
    perfect = TASK.metrics(reference, form([0, 10, 20, 30, 40], "XYXY"))
    assert perfect["pairwise_f"] == pytest.approx(1)
    assert perfect["entropy_f"] == pytest.approx(1)
    # One letter: all pairs are claimed, (2 * C(200, 2)) / C(400, 2) of them rightly.
    one = TASK.metrics(reference, form([0, 40], "X"))
    precision = 2 * (200 * 199) / (400 * 399)
    assert one["pairwise_f"] == pytest.approx(2 * precision / (1 + precision))
    assert one["entropy_under"] == pytest.approx(0)
    # Four letters: nothing is mixed, but each true one is divided in two: 1 - 1 bit / 2 bits.
    four = TASK.metrics(reference, form([0, 10, 20, 30, 40], "WXYZ"))
    assert four["entropy_under"] == pytest.approx(1)
    assert four["entropy_over"] == pytest.approx(0.5)


def test_an_empty_estimate_has_found_the_two_ends():
    reference = form([0, 10, 20], "AB")
    for estimate in (Jams(20.0, ()), form([0, 20], "A"), form([0], "")):
        scores = TASK.metrics(reference, estimate)
        assert scores["f_3"] == scores["f_05"] == pytest.approx(4 / 5)
        assert scores["f_3_trimmed"] == scores["f_05_trimmed"] == 0


def test_one_section_is_right_where_there_is_one():
    reference = form([0, 20], "A")
    assert TASK.metrics(reference, form([0, 20.4], "B")) == {
        "f_3": 1.0,
        "f_05": 1.0,
        "pairwise_f": pytest.approx(1),
        "deviation_ref_to_est": 0.0,
        "deviation_est_to_ref": 0.0,
    }
    assert TASK.metrics(reference, form([0, 7, 20], "AB"))["f_3"] == pytest.approx(4 / 5)
    assert "entropy_f" not in TASK.metrics(reference, reference)


@pytest.mark.parametrize(("end", "extra"), [(39.6, 1), (40.0, 0), (40.9, 0)])
def test_an_estimate_that_ends_before_the_reference_has_one_boundary_more(end, extra):
    scores = TASK.metrics(form([0, 10, 40], "AB"), form([0, 10, end], "AB"))
    assert scores["f_3"] == scores["f_05"] == pytest.approx(6 / (6 + extra))


def test_letters_are_compared_in_recordings_of_any_length_as_mir_eval_does_in_short_ones():
    rng = np.random.default_rng(0)
    for seconds in (30.0, 450.0):
        edges = [np.concatenate([[0], rng.uniform(1, seconds, 9), [seconds]]) for _ in range(2)]
        both = [form(np.sort(e), rng.choice(list("ABa"), 10)) for e in edges]
        pair = [(a.first("segment_open").intervals, a.first("segment_open").values) for a in both]
        theirs = mir_eval.segment.pairwise(*pair[0], *pair[1])[2]
        assert TASK.metrics(*both)["pairwise_f"] == pytest.approx(theirs, abs=1e-12)
    hours = form([0, 2000, 9000, 20000], "ABA")
    assert TASK.metrics(hours, hours)["pairwise_f"] == 1


@pytest.mark.parametrize(
    "jams", [Jams(9.0, ()), Jams(9.0, (Annotation("segment_open", ()),)), form([0], "")]
)
def test_a_recording_without_sections_has_no_target_and_no_score(jams):
    assert TASK.target(jams, Grid(0.0, 0.2, 10)) is None
    assert TASK.metrics(jams, form([0, 9], "A")) == {}


def test_the_first_annotator_counts():
    first, second = form([0, 10, 20], "AB"), form([0, 5, 20], "AB")
    both = Jams(20.0, first.annotations + second.annotations)
    assert TASK.metrics(both, first)["f_3"] == 1
    assert TASK.metrics(both, second)["f_3_trimmed"] == 0


def test_time_stretch_moves_the_target_with_its_grid():
    assert TASK.deformations == {"time_stretch": "change", "pitch_shift": "keep"}
    target = TASK.target(form([0, 10, 20], "AB"), Grid(0.0, 0.1, 200))
    assert np.argmax(target) == 100
    np.testing.assert_array_equal(TASK.deform_target(target, "time_stretch", 2.0), target)


def test_choices_are_options_of_the_decoder():
    assert np.prod([len(values) for values in TASK.choices.values()]) <= 24
    for name, values in TASK.choices.items():
        for value in values:
            TASK.decoder(5.0, **{name: value})


def test_recordings_of_one_section_say_nothing_of_the_letters():
    assert TASK.learned([form([0, 9], "A"), Jams(9.0, ())]) == {}


@pytest.mark.parametrize("options", [{"tempo": 3}, {"labels_per_section": 2}, {"window": "long"}])
def test_a_wrong_decoder_option_is_named(options):
    with pytest.raises(DeepmirError, match=f"decoder: {next(iter(options))}"):
        TASK.decoder(5.0, **options)

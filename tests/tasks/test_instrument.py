import numpy as np
import pytest

from deepmir import tasks
from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Grid
from deepmir.tasks.instrument import FAMILIES, LABELS, TASK

RATE = 10.0
GRID = Grid(0.0, 1 / RATE, 600)


def sounding(*rows, duration=60.0):
    observations = tuple(Observation(start, end - start, name) for name, start, end in rows)
    return Jams(duration, (Annotation("tag_open", observations, sandbox={"kind": "instrument"}),))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rate", [5.0, 10.0])
def test_annotation_to_target_to_annotation_scores_one(seed, rate):
    rng = np.random.default_rng(seed)
    names = rng.choice([*FAMILIES, "drums", "singing"], 5, replace=False)
    rows = []
    for name in names:
        edges = np.sort(rng.uniform(0, 60, 6))
        rows += [(str(name), a, b) for a, b in edges.reshape(-1, 2) if b - a > 1.5]
    reference = sounding(*rows, (str(names[0]), 0.0, 60.0))
    target = TASK.target(reference, Grid(0.0, 1 / rate, round(60 * rate)))
    found = Jams(60.0, tuple(TASK.decoder(rate)(target)))
    assert TASK.metrics(reference, found)["frame_f"] >= 0.99


def test_golden_scores():
    # voice 0-6 s found at 0-4 s and 8-9 s; drums 0-2 s missed: 40 hits, 10 false alarms, 40 misses
    reference = sounding(("voice", 0, 6), ("drums", 0, 2), duration=10.0)
    estimate = sounding(("singing", 0, 4), ("singing", 8, 9), duration=10.0)
    scores = TASK.metrics(reference, estimate)
    assert scores["frame_f"] == pytest.approx(80 / 130)
    assert scores["frame_precision"] == pytest.approx(0.8)
    assert scores["frame_recall"] == pytest.approx(0.5)
    whole = TASK.corpus_metrics(np.array([TASK.row(reference, estimate)]))
    assert whole["f/singing"] == pytest.approx(80 / 110)
    assert whole["f/drums"] == 0
    assert whole["f_macro"] == pytest.approx(40 / 110)
    assert "f/brass" not in whole


def test_an_empty_estimate_scores_zero():
    reference = sounding(("piano", 1, 2))
    for estimate in (Jams(60.0, ()), sounding()):
        assert set(TASK.metrics(reference, estimate).values()) == {0.0}
    assert TASK.metrics(reference, sounding(("keys", 1, 2)))["frame_f"] == 1


@pytest.mark.parametrize("jams", [Jams(9.0, ()), sounding(), sounding(("theremin", 0, 5))])
def test_a_recording_without_known_instruments_has_no_target_and_no_score(jams):
    assert TASK.target(jams, GRID) is None
    assert TASK.metrics(jams, sounding(("piano", 0, 5))) == {}
    assert TASK.row(jams, sounding(("piano", 0, 5))) is None


def test_names_are_families_or_labels_or_left_out():
    jams = sounding(("violin", 0, 1), ("cello", 2, 3), ("strings", 4, 5), ("theremin", 0, 60))
    target = TASK.target(jams, GRID)
    assert target[:, LABELS.index("strings")].sum() == 30
    assert target.sum() == 30
    own = tasks.get("instrument", ("theremin", "cello", "strings"))
    np.testing.assert_array_equal(own.target(jams, GRID).sum(axis=0), [600, 10, 20])


def test_every_instrument_of_the_data_set_has_a_family():
    from deepmir_render.instruments import INSTRUMENTS

    # Kits of drums are annotated as drums, and some sounds of synthesisers have no family.
    named = {name for name, each in INSTRUMENTS.items() if each.family and not each.drums}
    assert named <= {*FAMILIES, *LABELS}


def test_time_stretch_moves_the_target_with_its_grid():
    assert TASK.deformations == {"time_stretch": "change", "pitch_shift": "keep"}
    jams = sounding(("organ", 10, 20))
    stretched = TASK.target(jams, Grid(0.0, 0.05, 1200))[:, LABELS.index("organ")]
    np.testing.assert_array_equal(np.flatnonzero(stretched)[[0, -1]], [200, 399])
    np.testing.assert_array_equal(TASK.deform_target(stretched, "time_stretch", 2.0), stretched)


def test_choices_are_options_of_the_decoder():
    for name, values in TASK.choices.items():
        for value in values:
            TASK.decoder(RATE, **{name: value})


@pytest.mark.parametrize("options", [{"tempo": 3}, {"threshold": 2.0}, {"width": "long"}])
def test_a_wrong_decoder_option_is_named(options):
    with pytest.raises(DeepmirError, match=f"decoder: {next(iter(options))}"):
        TASK.decoder(RATE, **options)

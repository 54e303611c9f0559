import json

import jams as theirs
import numpy as np
import pytest

from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Grid
from deepmir.tasks.offset import TASK

RATE = 50.0


def part(*notes, drums=False):
    observations = tuple(Observation(float(a), float(b - a), 60) for a, b in notes)
    return Annotation("note_midi", observations, sandbox={"drums": drums})


def ending(*ends):
    return Jams(60.0, (part(*((end - 0.1, end) for end in ends)),))


def found(*times):
    return Jams(60.0, (TASK.annotation(times),))


@pytest.mark.parametrize("seed", range(5))
def test_annotation_to_target_to_annotation_scores_one(seed):
    rng = np.random.default_rng(seed)
    reference = ending(*(0.3 + np.cumsum(0.05 + rng.exponential(0.2, 200))))
    target = TASK.target(reference, Grid(0.0, 1 / RATE, round(60 * RATE)))
    scores = TASK.metrics(reference, Jams(60.0, tuple(TASK.decoder(RATE)(target))))
    assert min(scores.values()) >= 0.99, scores


def test_ends_of_all_pitched_parts_and_those_within_50_ms_are_one():
    jams = Jams(9.0, (part((0, 1), (1, 2)), part((0, 1.04), (1, 1.5)), part((0, 3), drums=True)))
    np.testing.assert_allclose(TASK.times(jams), [1, 1.5, 2])


@pytest.mark.parametrize(
    ("truth", "guess", "f"),
    [
        ((1, 2, 3), (1.04, 2, 3.06), 2 / 3),
        ((1,), (1,), 1),
        ((1, 2), (), 0),
        ((), (1,), 0),
        ((), (), 1),
    ],
)
def test_golden_scores(truth, guess, f):
    assert TASK.metrics(ending(*truth), found(*guess))["f_measure"] == pytest.approx(f)


def test_what_is_not_annotated_is_neither_taught_nor_scored():
    for jams in (Jams(3.0, ()), Jams(3.0, (part((0, 1), drums=True),))):
        assert TASK.target(jams, Grid(0.0, 0.02, 10)) is None
        assert TASK.metrics(jams, found(1)) == {}


def test_an_estimate_is_valid_jams_and_no_tag_of_another_kind(tmp_path):
    annotations.write(tmp_path / "offsets.jams", found(1.0, 2.5))
    theirs.load(str(tmp_path / "offsets.jams"), strict=True)
    raw = json.loads((tmp_path / "offsets.jams").read_text())["annotations"][0]
    assert raw["sandbox"] == {"kind": "offset"}
    read = annotations.read(tmp_path / "offsets.jams")
    np.testing.assert_allclose(TASK.times(read), [1.0, 2.5])
    assert read.first("tag_open", kind="genre") is None
    genre = Annotation("tag_open", (Observation(0.0, 60.0, "waltz"),), sandbox={"kind": "genre"})
    assert TASK.times(Jams(60.0, (genre,))) is None


def test_stretching_is_the_grid_and_pitch_says_nothing():
    effects = {name: TASK.effect(name) for name in ("time_stretch", "pitch_shift", "reverb")}
    assert effects == {"time_stretch": "change", "pitch_shift": "keep", "reverb": "forbid"}
    target = TASK.target(ending(1.0), Grid(start=0.5, step=0.04, frames=30))
    assert np.flatnonzero(target == 1).tolist() == [12]

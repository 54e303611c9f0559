from dataclasses import replace

import numpy as np
import pytest

from deepmir import tasks
from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Grid

GRID = Grid(0.0, 0.02, 500)
BEATS = Annotation("beat", tuple(Observation(0.5 * i, 0.0, 1 + i % 4) for i in range(1, 19)))
KEY = Annotation("key_mode", (Observation(0.0, 10.0, "D:minor"),))
BOTH = Jams(10.0, (BEATS, KEY))


@pytest.fixture
def task():
    return tasks.sharing(tasks.get("beat"), {"key": 0.3})


def test_one_network_answers_for_all(task):
    assert task.output.width == 2 + 24
    assert [head.weight for head in task.output.heads] == [1.0, 0.3]
    assert task.time_varying
    target = task.target(BOTH, GRID)
    assert target.shape == (500, 26)
    found = Jams(10.0, tuple(task.decoder(50.0)(target)))
    scores = task.metrics(BOTH, found)
    assert scores["f_measure"] == 1.0
    assert scores["key/weighted"] == 1.0
    assert task.primary == "f_measure"


def test_an_auxiliary_label_that_is_missing_is_unknown(task):
    target = task.target(Jams(10.0, (BEATS,)), GRID)
    assert np.isfinite(target[:, :2]).all()
    assert np.isnan(target[:, 2:]).all()
    assert task.target(Jams(10.0, (KEY,)), GRID) is None


def test_a_deformation_reaches_the_part_that_it_changes(task):
    target = task.target(BOTH, GRID)
    assert task.deformations["pitch_shift"] == "change"
    moved = task.deform_target(target, "pitch_shift", 2)
    assert np.array_equal(moved[:, :2], target[:, :2])
    assert tasks.get("key").output.labels[moved[0, 2:].argmax()] == "E:minor"


def test_what_is_unknown_stays_so_when_the_music_changes():
    task = tasks.sharing(tasks.get("beat"), {"tempo": 0.02})
    target = task.target(Jams(10.0, (BEATS,)), GRID)
    slower = task.deform_target(target, "time_stretch", 1.2)
    assert np.array_equal(slower[:, :2], target[:, :2])
    assert np.isnan(slower[:, 2:]).all()


def test_frames_cannot_be_auxiliary_to_a_whole_track():
    with pytest.raises(DeepmirError, match="beat is time-varying"):
        tasks.sharing(tasks.get("key"), {"beat": 1.0})


def test_options_of_a_part_are_under_its_name(task):
    with pytest.raises(DeepmirError, match="key"):
        task.decoder(50.0, key={"threshold": 1})


def test_a_track_that_the_main_task_cannot_use_has_no_score(task):
    assert task.metrics(Jams(10.0, (KEY,)), BOTH) == {}


def test_two_parts_that_write_one_namespace_are_scored_each_by_what_it_says():
    both = tasks.sharing(tasks.get("chord"), {"chord_large": 0.5})
    reference = Jams(8.0, (Annotation("chord", (Observation(0.0, 8.0, "A:min7"),)),))
    target = both.target(reference, Grid(0.0, 0.1, 80))
    estimate = Jams(8.0, tuple(both.decoder(10.0)(target)))
    assert [a.values for a in estimate.annotations] == [["A:min"], ["A:min7"]]
    for said in (estimate, replace(estimate, annotations=estimate.annotations[::-1])):
        scores = both.metrics(reference, said)
        assert scores["majmin"] == scores["chord_large/tetrads"] == 1.0
        assert scores["tetrads"] == 0.0
        assert both.claims(reference, said)[:, 1].tolist() == [1.0]

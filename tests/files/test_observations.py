import json

import numpy as np
import pytest

from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation, Pitches

ROWS = [(0.0, 220.0, True), (0.01, 0.1 + 0.2, False), (0.02, 0.0, False)]
OBJECTS = tuple(
    Observation(time, 0.0, {"frequency": hertz, "index": 0, "voiced": voiced})
    for time, hertz, voiced in ROWS
)


def pitches():
    return Pitches(*zip(*ROWS, strict=True))


def test_columns_are_the_observations_that_they_stand_for():
    rows = pitches()
    assert tuple(rows) == OBJECTS
    assert rows == OBJECTS
    assert rows[-1] == OBJECTS[-1]
    assert rows[1:] == OBJECTS[1:]
    assert Pitches.of(OBJECTS) == rows
    assert Pitches.joined([rows[:1], rows[1:]]) == rows
    assert rows != OBJECTS[:2]


@pytest.mark.parametrize("time", [-1.0, np.nan, np.inf])
def test_a_time_that_is_none_is_refused(time):
    with pytest.raises(ValueError, match="it must be finite"):
        Pitches([0.0, time], [1.0, 1.0], [True, True])


def test_they_are_written_as_objects_are(tmp_path, monkeypatch):
    monkeypatch.setattr(annotations, "WRITTEN", 2)
    beats = Annotation("beat", (Observation(1.0, 0.0, 1, None),))
    for name, rows in (("columns", pitches()), ("objects", OBJECTS)):
        found = (Annotation("pitch_contour", rows), beats, Annotation("pitch_contour", rows[:0]))
        annotations.write(tmp_path / name, Jams(2.0, found, title="a song"))
    written = (tmp_path / "columns").read_text()
    assert written == (tmp_path / "objects").read_text()
    assert len(json.loads(written)["annotations"]) == 3

"""The networks shipped with deepmir, as a baseline."""

import pytest

import deepmir
from deepmir.analysis import models
from deepmir.baselines import analyze
from deepmir.baselines.methods import TASKS
from deepmir.errors import DeepmirError
from deepmir.tasks import get

RATE = 22050


def test_it_serves_the_tasks_of_the_networks_that_come_with_deepmir():
    assert set(TASKS["analyze"]) == set(models.find())


@pytest.mark.parametrize("task", ["tempo", "onset", "key"])
def test_it_says_what_an_analysis_says(music, tmp_path, task):
    samples = music(RATE, 10.0)
    found = analyze.annotator(tmp_path, get(task), RATE)(samples)
    whole = deepmir.analyze(samples, RATE).jams.annotations
    assert found == [a for a in whole if a.sandbox["task"] == task]
    assert found[0].observations


def test_what_is_too_short_is_refused_by_the_task(music, tmp_path):
    annotate = analyze.annotator(tmp_path, get("key"), RATE)
    with pytest.raises(DeepmirError, match="key: .*too short"):
        annotate(music(RATE, 0.5)[:2000])

"""The melody during singing, from both networks."""

import numpy as np
import pytest
import untrained

import deepmir
from deepmir.analysis import vocal_melody
from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Observation

TIMES = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]


def found(*intervals):
    """A melody that is voiced from .5 s on, and singing in some intervals."""
    contour = tuple(
        Observation(t, 0.0, {"index": 0, "frequency": 220.0 + t, "voiced": t > 0}) for t in TIMES
    )
    sung = tuple(Observation(a, b - a, "voice") for a, b in intervals)
    return [
        Annotation("pitch_contour", contour, sandbox={"task": "melody", "model": "m"}),
        Annotation("tag_open", sung, sandbox={"task": "singing", "model": "s", "kind": "voice"}),
    ]


@pytest.mark.parametrize(
    ("intervals", "voiced"),
    [
        ([], []),
        ([(0.0, 9.0)], TIMES[1:]),
        ([(0.0, 0.7), (1.4, 2.0)], [0.5, 1.5]),  # an interval ends before its end
    ],
)
def test_it_is_voiced_where_both_say_so(intervals, voiced):
    *parts, vocal = vocal_melody.with_vocal(found(*intervals))
    assert parts == found(*intervals)
    assert vocal.sandbox == {"task": "vocal_melody", "model": "m", "singing": "s"}
    assert [o.time for o in vocal.observations if o.value["voiced"]] == voiced
    assert [o.value["frequency"] for o in vocal.observations] == [220.0 + t for t in TIMES]


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    root = tmp_path_factory.mktemp("parts")
    for task in vocal_melody.PARTS:
        untrained.save(root / task, task)
    return root


def heard(parts, *tasks):
    return deepmir.analyze(untrained.pulses(3.0), untrained.RATE, tasks or None, parts)


def test_it_is_answered_by_name_alone(parts):
    assert heard(parts).vocal_melody is None
    alone = heard(parts, "vocal_melody")
    assert list(alone.sources) == ["vocal_melody"]
    assert [a.sandbox["task"] for a in alone.jams.annotations] == ["vocal_melody"]
    assert alone.singing is None
    np.testing.assert_array_equal(alone.melody.voiced, alone.vocal_melody.voiced)  # in all formats


def test_beside_its_parts_each_is_itself(parts):
    all_three = heard(parts, "melody", "singing", "vocal_melody")
    assert set(all_three.sources) == {"melody", "singing", "vocal_melody"}
    times = all_three.melody.times
    sung = np.zeros(times.size, bool)
    for span in all_three.singing:
        sung |= (times >= span.start) & (times < span.end)
    np.testing.assert_array_equal(all_three.vocal_melody.voiced, all_three.melody.voiced & sung)
    assert not all_three.others


def test_without_a_network_for_singing_it_says_so(parts):
    with pytest.raises(DeepmirError, match="no model for the task melody|not for melody"):
        heard({"singing": parts / "singing"}, "vocal_melody")

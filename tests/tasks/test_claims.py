"""The claims of each task: confidence, and the share that is right."""

import numpy as np
import pytest

from deepmir import tasks
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks import names


def jams(namespace, *rows, kind=""):
    sandbox = {"kind": kind} if kind else {}
    return Jams(10.0, (Annotation(namespace, tuple(Observation(*r) for r in rows), "", sandbox),))


CASES = {
    "key": (
        jams("key_mode", (0.0, 10.0, "C:major")),
        jams("key_mode", (0.0, 0.0, "C:major", 0.8)),
        [(0.8, 1, 1)],
    ),
    "genre": (
        jams("tag_open", (0.0, 10.0, "jig"), kind="genre"),
        jams("tag_open", (0.0, 0.0, "reel", 0.6), (0.0, 0.0, "jig", 0.3), kind="genre"),
        [(0.6, 0, 1), (0.3, 1, 1)],
    ),
    "chord": (
        jams("chord", (0.0, 4.0, "C:maj"), (4.0, 4.0, "A:min"), (8.0, 2.0, "F:dim")),
        jams("chord", (0.0, 5.0, "C:maj", 0.9), (5.0, 5.0, "N", 0.4)),
        [(0.9, 0.8, 5), (0.4, 0, 3)],
    ),
    "instrument": (
        jams("tag_open", (0.0, 4.0, "piano"), kind="instrument"),
        jams("tag_open", (2.0, 4.0, "keys", 0.7), (0.0, 1.0, "drums", 0.6), kind="instrument"),
        [(0.7, 0.5, 4), (0.6, 0, 1)],
    ),
    "notes": (
        jams("note_midi", (1.0, 1.0, 60), (3.0, 1.0, 62)),
        jams("note_midi", (1.02, 0.5, 60, 0.9), (3.0, 1.0, 63, 0.5), (1.01, 0.3, 60, 0.2)),
        None,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_claim_is_right_as_far_as_the_reference_says(name):
    reference, estimate, expected = CASES[name]
    labels = ("jig", "reel") if name == "genre" else ()
    task = tasks.get(name, labels)
    found = task.claims(reference, estimate)
    if expected is None:  # one note is found, by one of two
        assert found[:, 0].tolist() == [0.9, 0.5, 0.2]
        assert found[1, 1] == 0
        assert found[:, 1].sum() == 1
    else:
        np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("name", names.NAMES)
def test_nothing_is_claimed_where_nothing_is_known(name):
    task = tasks.get(name)
    nothing = Jams(10.0, ())
    assert task.claims(nothing, nothing).shape == (0, 3)


def test_a_shared_network_claims_what_its_main_task_does():
    reference, estimate, _ = CASES["key"]
    shared = tasks.sharing(tasks.get("key"), {"tempo": 0.1})
    assert shared.confident
    np.testing.assert_array_equal(
        shared.claims(reference, estimate), tasks.get("key").claims(reference, estimate)
    )

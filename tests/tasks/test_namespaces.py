"""Training and evaluation read exactly the namespaces that a task declares."""

import numpy as np
import pytest

from deepmir import tasks
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.tasks.base import Grid
from deepmir.tasks.names import NAMES

RATE = 100.0
FRAMES = 400
# Notes are what chroma and offsets are told from: no decoder of theirs writes them.
NOTES = Annotation("note_midi", (Observation(0.5, 1.0, 60.0), Observation(2.0, 0.5, 67.0)))


@pytest.mark.parametrize("name", NAMES)
def test_a_task_reads_and_writes_the_namespaces_that_it_names(name, rng, monkeypatch):
    task = tasks.get(name)
    shape = (FRAMES, task.output.width) if task.time_varying else (task.output.width,)
    activations = rng.dirichlet(np.ones(shape[-1]), shape[:-1]).astype(np.float32)
    hidden = rng.random((*shape[:-1], 8)).astype(np.float32)
    told = np.concatenate([activations, hidden], axis=-1) if task.hidden else activations
    written = task.decoder(RATE)(told)
    assert {annotation.namespace for annotation in written} <= {*task.namespaces}

    asked = set()
    find = Jams.find
    monkeypatch.setattr(Jams, "find", lambda self, of: asked.add(of) or find(self, of))
    whole = Jams(FRAMES / RATE, (*written, NOTES))
    task.target(whole, Grid(0.0, 1 / RATE, FRAMES))
    task.metrics(whole, whole)
    task.row(whole, whole)
    task.learned([whole])
    assert asked
    assert asked <= {*task.namespaces}


def test_the_namespaces_of_tasks_that_share_a_network_are_those_of_all():
    both = tasks.sharing(tasks.get("beat"), {"tempo": 0.1})
    assert both.namespaces == ("beat", "tempo")


def test_other_namespaces_are_not_read(tmp_path):
    beat = Annotation("beat", (Observation(0.5, 0.0, 1),))
    annotations.write(tmp_path / "a.jams", Jams(4.0, (NOTES, beat), title="a title"))
    read = annotations.read(tmp_path / "a.jams", ("beat", "tempo"))
    assert [a.namespace for a in read.annotations] == ["beat"]
    assert (read.duration, read.title) == (4.0, "a title")
    assert len(annotations.read(tmp_path / "a.jams").annotations) == 2
    assert annotations.read(tmp_path / "a.jams", ()).annotations == ()

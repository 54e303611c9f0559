"""The journal that a training writes while it runs, including half-written files."""

import pytest

import tiny
from deepmir import tasks
from deepmir.declarations import entries
from deepmir.tracking import experiments, journal
from deepmir.tracking.journal import EPOCHS, SYSTEM, Journal


@pytest.fixture
def opened(declared, monkeypatch):
    """A journal, and the clock that it reads, in milliseconds."""
    clock = [1000]
    monkeypatch.setattr(journal, "now", lambda: clock[0])
    source = Journal.begin(entries.resolve(tiny.load(), "key-tiny"))
    source.open()
    return source, clock


def test_it_holds_every_value_with_its_time(opened):
    source, clock = opened
    for epoch in (1, 2):
        clock[0] += 500
        source.add(EPOCHS, {"loss": 1 / epoch, "score": float(epoch)}, epoch)
    source.add(SYSTEM, {"system/cpu": 50.0})
    source.add(SYSTEM, {"system/cpu": 60.0})
    assert [tuple(value) for value in source.values()] == [
        ("loss", 1.0, 1500, 1),
        ("score", 1.0, 1500, 1),
        ("loss", 0.5, 2000, 2),
        ("score", 2.0, 2000, 2),
        ("system/cpu", 50.0, 2000, 0),
        ("system/cpu", 60.0, 2000, 1),
    ]
    assert (source.last, source.ended) == (2000, None)
    assert source.about["declaration"]["task"] == "key"


def test_half_a_line_is_left_out_and_spoils_no_other(opened):
    source, _ = opened
    source.add(EPOCHS, {"loss": 3.0}, 1)
    with (source.folder / EPOCHS).open("a") as table:
        table.write('{"time": 2000, "st')
    assert [value.value for value in source.values()] == [3.0]
    source.open()
    source.add(EPOCHS, {"loss": 2.0}, 2)
    assert [value.value for value in source.values()] == [3.0, 2.0]


def test_a_resumed_training_counts_neither_an_epoch_nor_the_pause_twice(opened):
    source, clock = opened
    clock[0] += 2000
    source.add(EPOCHS, {"loss": 3.0}, 1)
    clock[0] += 60_000
    source.open()  # the checkpoint of epoch 1 was not written any more
    for epoch in (1, 2):
        clock[0] += 3000
        source.add(EPOCHS, {"loss": 3.0 / epoch}, epoch)
    clock[0] += 500
    source.end("FINISHED", weights="abc")
    assert [(value.step, value.time) for value in source.values()] == [(1, 3000), (2, 69_000)]
    assert source.seconds == 2 + 6.5
    assert source.ended["weights"] == "abc"
    assert [each.name for each in journal.every()] == [source.name]


def test_of_a_table_of_layers_each_has_its_own_curve():
    row = {"epoch": "3", "layer": "4", "name": "d1", "silent": "0.5", "update": ""}
    assert journal.values_of(row) == {"health/silent/layer 4": 0.5}
    assert journal.values_of({"epoch": 3, "train/loss": 1}) == {"train/loss": 1.0}


def test_the_page_of_a_task_says_what_its_metrics_mean():
    tags = experiments._tags(tasks.get("key"))
    note = tags["mlflow.note.content"]
    assert "`test/weighted`: Weighted score (systems are ranked by it). 1 for the correct" in note
    assert "**" not in note.partition("\n")[0]  # the list of experiments shows it as it is

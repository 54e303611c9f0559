"""Searches: trials, results and resuming; most of it with trainings replaced by a formula."""

import contextlib
import json
import math
import shutil
from pathlib import Path
from types import SimpleNamespace

import lightning.pytorch as pl
import pytest
import torch
import yaml

import tiny
from deepmir import paths
from deepmir.declarations import entries, loading
from deepmir.errors import DeepmirError
from deepmir.evaluation import prediction, scoring
from deepmir.models import model
from deepmir.models.card import read_card
from deepmir.training import checkpoint, loop, module, search, trials
from deepmir.training.search import TRIALS

RATE = "training.learning_rate"
NETWORKS = {"small": "c2(4,3x3) - p2(2x2) - d1", "large": "c2(6,3x3) - p2(2x2) - d1"}
TUNE = {
    "of": "key-tiny",
    "trials": 3,
    "search": {
        RATE: {"low": 1e-4, "high": 1e-1, "log": True},
        "network": NETWORKS,
        "deformations.time_stretch": {"low": 0, "high": 0.1},
    },
}


def declared(epochs=2, **changes):
    raw = yaml.safe_load(tiny.DECLARED)
    raw["training"]["epochs"] = epochs
    raw["searches"] = {"tune": {**TUNE, **changes}}
    Path("params.yaml").write_text(yaml.safe_dump(raw))
    return entries.resolve(loading.load(), "tune")


@contextlib.contextmanager
def unwatched(entry):
    yield pl.Callback()


def run(entry):
    search.search(entry, threads=1, progress=False, recording=unwatched)
    return json.loads((entry.folder / TRIALS).read_text())


def made(entry):
    """Everything that a search leaves, byte by byte."""
    return {path.name: path.read_bytes() for path in sorted(entry.folder.iterdir())}


def study():
    (found,) = paths.CHECKPOINTS.glob("tune-search-*")
    return found


# Of real networks ---------------------------------------------------------------------------------


def test_the_best_trial_by_validation_is_an_ordinary_model(root):
    entry = declared()
    found = run(entry)
    every = found["trials"]
    assert [one["number"] for one in every] == [1, 2, 3]
    best = min(every, key=lambda one: one["value"])
    assert found["best"] == best["number"]
    assert best["value"] == min(best["values"])
    card = read_card(entry.folder)
    assert card.name == "tune"
    assert card.training["best"]["validation/loss"] == best["value"]
    assert card.network == NETWORKS[best["drawn"]["network"]]
    assert entry.chosen.training.learning_rate == best["drawn"][RATE]
    prediction.predict(entry, threads=1)
    assert scoring.evaluate(entry)["declaration"] == entry.chosen.model_dump(mode="json")
    assert [place.name for place in study().glob("trial-*")] == [f"trial-{best['number']}"]
    # An experiment that declares what was found is the same network.
    raw = yaml.safe_load(Path("params.yaml").read_text())
    raw["experiments"] = {"again": entry.chosen.model_dump(mode="json")}
    del raw["searches"]
    loop.train(entries.resolve(loading.parse(raw), "again"), threads=1, progress=False)
    assert read_card(Path("models/again")).weights_sha256 == card.weights_sha256


def test_a_killed_search_ends_as_if_it_had_not_been(root, monkeypatch):
    entry = declared()
    run(entry)
    whole = made(entry)
    shutil.rmtree(entry.folder)
    shutil.rmtree(study())
    epochs = []

    def killed(training):
        epochs.append(training.current_epoch)
        if len(epochs) == 4:  # the second epoch of the second trial
            raise tiny.Killed

    with monkeypatch.context() as patch:
        patch.setattr(module.TrainingModule, "on_train_epoch_start", killed)
        with pytest.raises(tiny.Killed):
            run(entry)
    with monkeypatch.context() as patch:
        patch.setattr(
            module.TrainingModule,
            "on_train_epoch_start",
            lambda training: epochs.append(training.current_epoch),
        )
        run(entry)
    assert epochs == [0, 1, 0, 1, 1, 0, 1]  # only what was not over
    assert made(entry) == whole


# Of a formula -------------------------------------------------------------------------------------


@pytest.fixture
def trained(root, monkeypatch):
    """Trainings replaced by a formula, with the names of those that ran."""
    names = []
    card = tiny.untrained(NETWORKS["small"], tiny.load().representations["cqt"])[1]

    def train(entry, *, threads, progress, code, callbacks):
        names.append(entry.name)
        row = entry.experiment
        off = abs(math.log10(row.training.learning_rate) + 2) + (row.network == NETWORKS["large"])
        if off > BROKEN[0]:
            raise DeepmirError(f"{entry.name}: the loss is not finite")
        values = []
        state = SimpleNamespace(should_stop=False)
        while len(values) < row.training.epochs and not state.should_stop:
            values.append(off + 1 / (1 + len(values)))
            state.current_epoch = len(values) - 1
            state.callback_metrics = {"validation/loss": torch.tensor(values[-1])}
            for callback in callbacks:
                callback.on_train_epoch_end(state, None)
        entry.folder.mkdir(parents=True, exist_ok=True)
        (entry.folder / "history.csv").write_text(f"{entry.name}\n")
        training = {"best": {"validation/loss": min(values)}}
        about = {"name": entry.name, "network": row.network, "training": training}
        model.save(entry.folder, {"w": torch.tensor([off])}, card.model_copy(update=about))

    BROKEN[0] = math.inf
    monkeypatch.setattr(loop, "train", train)
    return names


BROKEN = [math.inf]  # how far off a training fails
WHOLE = {}  # what a search leaves that was not killed


def test_it_finds_what_is_good(trained):
    found = run(declared(trials=20, prune="none"))
    chosen = found["chosen"]
    assert chosen["network"] == NETWORKS["small"]
    assert abs(math.log10(chosen[RATE]) + 2) < 0.1
    assert {one["state"] for one in found["trials"]} == {"finished"}
    shares = found["importance"]
    assert math.isclose(sum(shares.values()), 1)
    assert max(shares, key=shares.get) == RATE
    assert all(float(f"{one['drawn'][RATE]:.4g}") == one["drawn"][RATE] for one in found["trials"])
    assert found["logarithmic"] == [RATE]


def test_another_seed_tries_other_values(trained):
    one, other = (run(declared(seed=seed))["trials"] for seed in (0, 1))
    assert [trial["drawn"] for trial in one] != [trial["drawn"] for trial in other]


def test_more_trials_are_added_and_fewer_are_the_first(trained):
    first = run(declared(trials=3))["trials"]
    more = run(declared(trials=6))["trials"]
    assert more[:3] == first
    assert trained == [f"tune-trial-{number}" for number in range(1, 7)]
    assert run(declared(trials=3))["trials"] == first
    best = min(first, key=lambda one: one["value"])
    assert read_card(Path("models/tune")).training["search"]["trial"] == best["number"]


def test_what_changes_the_trials_begins_anew(trained):
    run(declared())
    run(declared(epochs=3))
    assert trained == [f"tune-trial-{number}" for number in (1, 2, 3)] * 2


@pytest.mark.parametrize("where", ["drawing", "told", "trained", "over", "publishing"])
def test_wherever_it_is_killed_the_trials_are_the_same(trained, monkeypatch, where):
    entry = declared(trials=7, epochs=4)
    if not WHOLE:
        run(entry)
        WHOLE.update(made(entry))
        shutil.rmtree(entry.folder)
        shutil.rmtree(study())
    calls = []

    def killing(function, after):
        def killed(*arguments, **options):
            calls.append(None)
            if len(calls) == at and not after:
                raise tiny.Killed
            found = function(*arguments, **options)
            if len(calls) == at:
                raise tiny.Killed
            return found

        return killed

    owner, name, at, after = {
        "drawing": (trials, "_suggested", 3 * 5 + 2, False),
        "told": (trials.Trial, "is_hopeless", 22, True),
        "trained": (trials.Trial, "end", 6, False),
        "over": (trials.Trial, "end", 6, True),
        "publishing": (search, "write_json", 1, True),
    }[where]
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, killing(getattr(owner, name), after))
        with pytest.raises(tiny.Killed):
            run(entry)
    run(entry)
    assert made(entry) == WHOLE
    states = [one["state"] for one in json.loads(WHOLE[TRIALS])["trials"]]
    assert states[5] == "pruned"  # the one that was killed, but for the last place


def test_trials_without_a_chance_end_early_and_are_not_chosen(trained):
    found = run(declared(trials=8, epochs=4))
    pruned = [one for one in found["trials"] if one["state"] == "pruned"]
    assert pruned
    for one in pruned:
        assert one["number"] > trials.FIRST
        assert 2 <= len(one["values"]) < 4  # after a quarter of the epochs
        assert one["value"] == min(one["values"])
    whole = run(declared(trials=7, epochs=4, prune="none"))["trials"]
    assert {len(one["values"]) for one in whole} == {4}


def test_a_trial_that_fails_is_named_and_the_search_goes_on(trained, capsys):
    BROKEN[0] = 1.0
    found = run(declared(trials=6))
    failed = [one for one in found["trials"] if one["state"] == "failed"]
    assert 0 < len(failed) < 6
    assert {one["note"] for one in failed} == {"the loss is not finite"}
    assert all(one["value"] is None for one in failed)
    assert f"tune-trial-{failed[0]['number']} failed: the loss" in capsys.readouterr().err
    trained.clear()
    run(declared(trials=6))
    assert trained == []


def test_where_all_fail_one_error_says_why(trained):
    BROKEN[0] = -1.0
    told = "none of 3 trials was trained to its end; trial 1 says: the loss is not finite"
    with pytest.raises(DeepmirError, match=told):
        run(declared())
    assert not Path("models/tune/card.json").exists()


def test_a_full_disk_is_no_failure_of_a_trial(trained, monkeypatch):
    entry = declared()

    def full(*arguments, **options):
        raise RuntimeError("[enforce fail] . unexpected pos 64 vs 0: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(loop, "train", full)
        with pytest.raises(DeepmirError, match="the disk is full"):
            run(entry)
    assert {one["state"] for one in run(entry)["trials"]} == {"finished"}


def test_the_same_values_are_not_trained_twice(trained):
    found = run(declared(trials=5, search={"network": NETWORKS}))
    assert len(trained) == 2
    notes = [one["note"] for one in found["trials"] if one["note"]]
    assert len(notes) == 3
    assert {note.partition(" trial ")[0] for note in notes} == {"the same as"}


def test_a_model_that_somebody_has_deleted_is_made_again(trained):
    entry = declared()
    run(entry)
    whole = made(entry)
    (place,) = study().glob("trial-*")
    for path in place.iterdir():
        path.unlink()
    run(entry)
    assert made(entry) == whole
    assert len(trained) == 4


def test_one_process_at_a_time(trained):
    with (
        checkpoint.only_one("tune", paths.CHECKPOINTS),
        pytest.raises(DeepmirError, match=r"tune: process \d+ is already training it"),
    ):
        run(declared())


def test_a_damaged_file_of_trials_is_named(trained):
    entry = declared()
    run(entry)
    (study() / "trials.db").write_bytes(b"no database at all, but long enough to be looked at")
    with pytest.raises(DeepmirError, match=r"trials\.db cannot be used \(file is not a database"):
        run(entry)

"""Fine-tuning: transferred weights, frozen layers, and refusals."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml

import tiny
from deepmir import paths, tasks
from deepmir.datasets import base, splits
from deepmir.declarations import entries
from deepmir.errors import DeepmirError
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Observation
from deepmir.models import model
from deepmir.training import loop, taught
from deepmir.workflow import stages

LABEL = tasks.get("genre").output.labels[0]
NETWORK = "c2(4,3x3,bn) - p2(2x2) - d1(8,bn) - d1"
BASE = {
    **{"dataset": "tiny", "task": "key", "representation": "cqt", "network": NETWORK},
    "training": {"epochs": 1, "patches_per_epoch": 8},
}


def declared(*, of=None, other=None, **tuned):
    """The tiny declarations with a network and one that starts from it, with options."""
    raw = yaml.safe_load(tiny.DECLARED)
    base = {**BASE, **(of or {})}
    target = {**base, "start_from": "base", **tuned}
    target["training"] = {**base["training"], **tuned.get("training", {})}
    return tiny.parse(experiments={"base": base, "tuned": target, **(other or {})}, **{
        "baselines": {}, "representations": raw["representations"]
    })  # fmt: skip


def trained(params, name):
    entry = entries.to_train(params, name)
    loop.train(entry, threads=1, progress=False)
    return model.load(entry.folder)[0].state_dict(), json.loads(
        (entry.folder / "card.json").read_text()
    )


def same(one, other, part):
    names = [name for name in one if f".parts.{part}." in name]
    assert names
    return [torch.equal(one[name], other[name]) for name in names if "num_batches" not in name]


def test_frozen_layers_stay_with_their_statistics_and_the_others_learn(root):
    params = declared(training={"frozen": 2, "weight_average": 0.5})
    base, _ = trained(params, "base")
    tuned, card = trained(params, "tuned")
    assert all(same(base, tuned, 0))  # weights and statistics
    assert not any(same(base, tuned, 3)[:3])
    assert torch.equal(base["mean"], tuned["mean"])
    begun = card["training"]["start_from"]
    assert (begun["name"], begun["new_outputs"]) == ("base", [])
    assert begun["weights_sha256"] == json.loads(Path("models/base/card.json").read_text())[
        "weights_sha256"
    ]  # fmt: skip


def test_it_begins_with_what_the_other_has_learned_and_is_trained_from_there(root):
    params = declared()
    base, _ = trained(params, "base")
    module = tiny.ready(params, "tuned")
    begun = module.model.state_dict()
    assert all(torch.equal(base[name], begun[name]) for name in base)
    tuned, _ = trained(params, "tuned")
    assert not any(torch.equal(base[name], tuned[name]) for name in base if "running" in name)


def annotate_genres(params):
    for path in Path("recordings").glob("*.jams"):
        jams = annotations.read(path)
        genre = Annotation("tag_open", (Observation(0.0, 1.0, LABEL),), sandbox={"kind": "genre"})
        annotations.write(path, replace(jams, annotations=(*jams.annotations, genre)))
    for shard in range(params.datasets["tiny"].shards):
        base.make_shard("tiny", params.datasets["tiny"], shard, workers=1)


def test_layers_that_start_trained_can_learn_slower_than_new_ones(root):
    annotate_genres(tiny.load())
    params = declared(training={"slower": 0.1})
    trained(params, "base")
    optimiser = tiny.ready(params, "tuned").configure_optimizers()["optimizer"]
    assert [group["max_lr"] for group in optimiser.param_groups] == [pytest.approx(0.001)]
    shared = declared(task="key", auxiliary={"genre": 0.5}, training={"slower": 0.1, "frozen": 1})
    module = tiny.ready(shared, "tuned")
    groups = module.configure_optimizers()["optimizer"].param_groups
    assert [group["max_lr"] for group in groups] == [0.01, pytest.approx(0.001)]
    last = [*module.model.network.layers.parts[-1].parameters()]
    assert {id(p) for p in groups[0]["params"]} == {id(p) for p in last}
    first = [*module.model.network.layers.parts[0].parameters()]
    every = {id(p) for group in groups for p in group["params"]}
    assert not every & {id(p) for p in first}


def test_an_auxiliary_head_keeps_what_both_know_and_the_other_outputs_are_new(root):
    annotate_genres(tiny.load())
    params = declared(auxiliary={"genre": 0.5})
    base, _ = trained(params, "base")
    module = tiny.ready(params, "tuned")
    last = module.model.state_dict()["network.layers.parts.4.linear.weight"]
    assert torch.equal(last[:24], base["network.layers.parts.4.linear.weight"])
    assert len(last) > 24
    assert module.started.card["new_outputs"] == ["genre"]


def test_every_network_of_an_ensemble_starts_from_its_own(root):
    params = declared(of={"representation": "both", "ensemble": True}, training={"frozen": 1})
    base, _ = trained(params, "base")
    tuned, _ = trained(params, "tuned")
    kept = [name for name in base if ".parts.0." in name and "num_batches" not in name]
    assert {name.split(".")[1] for name in kept} == {"0", "1"}
    assert all(torch.equal(base[name], tuned[name]) for name in kept)


def test_random_layers_can_be_frozen_as_well(root):
    params = declared(start_from=None, training={"frozen": 3})
    first = {k: v.clone() for k, v in tiny.ready(params, "tuned").model.state_dict().items()}
    tuned, _ = trained(params, "tuned")
    assert all(same(first, tuned, 0))


def test_a_model_of_a_folder_is_a_source_and_its_weights_are_part_of_the_digest(root):
    params = declared()
    trained(params, "base")
    shutil.copytree("models/base", "elsewhere/copied")
    outside = declared(start_from="elsewhere/copied")
    _, card = trained(outside, "tuned")
    assert "may be among" in card["training"]["start_from"]["test_tracks"]
    before = stages.declared("train", entries.to_train(outside, "tuned"))
    other = declared(of={"training": {**BASE["training"], "seed": 2}})
    trained(other, "base")
    shutil.copytree("models/base", "elsewhere/copied", dirs_exist_ok=True)
    assert stages.declared("train", entries.to_train(outside, "tuned")) != before
    # Those of the same file are a file that it is made from.
    assert card["training"]["start_from"]["weights_sha256"] not in stages.declared(
        "train", entries.to_train(params, "tuned")
    )
    ours = entries.to_train(params, "tuned")
    data = taught.of(ours)
    seen = taught.fingerprint(ours, data, "")
    trained(params, "base")
    assert taught.fingerprint(ours, data, "") != seen


def test_a_network_that_comes_with_deepmir_is_a_source():
    card = json.loads((paths.SHIPPED / "genre/card.json").read_text())
    row = {"dataset": "tiny", "task": "mood", "representation": "theirs", "start_from": "genre"}
    row |= {"network": card["network"], "training": {"frozen": 4}}
    given = {"theirs": {k: v for k, v in card["representation"].items() if v is not None}}
    params = tiny.parse(representations=given, experiments={"mood": row}, baselines={})
    entry = entries.to_train(params, "mood")
    assert entry.source.folder == paths.SHIPPED / "genre"
    assert card["weights_sha256"] in stages.declared("train", entry)


@pytest.mark.parametrize(
    ("tuned", "said"),
    [
        ({"network": NETWORK.replace("c2(4", "c2(5")}, "start_from: layer 1 is c2(5,3x3,bn), that"),
        ({"network": "c2(4,3x3,bn) - p2(2x2) - d1"}, "layer 3 of base, d1(8,bn), is one too many"),
        ({"representation": "mel"}, "start_from: base takes another representation: its kind is c"),
        ({"start_from": "bass"}, "no network that comes with deepmir called 'bass' (did you mean"),
        ({"start_from": "tuned"}, "tuned ultimately starts from itself"),
        ({"start_from": "no/where"}, "no/where/card.json is missing"),
        ({"training": {"frozen": 4}}, "training.frozen: the network has 4 layers, so at most 3"),
        ({"start_from": None, "training": {"slower": 0.5}}, "training.slower is for layers with"),
        ({"representation": "both", "ensemble": True}, "takes another representation"),
    ],
)
def test_what_does_not_fit_is_refused(tuned, said):
    with pytest.raises(DeepmirError, match=r"experiments.tuned: ") as error:
        declared(**tuned)
    assert said in str(error.value)


def test_one_network_and_an_ensemble_do_not_fit():
    with pytest.raises(DeepmirError, match="this is one network and base is an ensemble"):
        declared(of={"representation": "both", "ensemble": True}, ensemble=False)


def test_a_network_that_has_heard_the_test_tracks_is_refused(root):
    raw = yaml.safe_load(tiny.DECLARED)
    experiments = {"base": BASE, "tuned": {**BASE, "start_from": "base"}}
    other = {"again": {**raw["datasets"]["tiny"]}}
    params = tiny.parse(
        datasets={**raw["datasets"], **other},
        experiments={**experiments, "there": {**BASE, "dataset": "again", "start_from": "base"}},
        baselines={},
    )
    for kind in ("raw", "audio"):
        shutil.copytree(f"data/{kind}/tiny", f"data/{kind}/again")
    parts = splits.read(paths.split("tiny"))
    swapped = {"train": "test", "test": "train"}
    splits.write(paths.split("again"), {g: swapped.get(p, p) for g, p in parts.items()})
    entry = entries.to_train(params, "there")
    (pair,) = entry.files.heard
    assert pair[0].name == "tiny"
    assert paths.split("tiny") in entry.files.described
    tiny.compare(params)
    with pytest.raises(DeepmirError, match="leak: .* are the same audio"):
        entry.files.read()
    assert entry.datasets == {"tiny", "again"}


def test_folds_of_the_data_that_a_source_has_learned_from_are_refused(root):
    from deepmir.datasets import folds

    raw = declared()
    crossed = {"folds": {"folded": {"dataset": "tiny", "entry": "tuned", "folds": 3}}}
    params = tiny.parse(
        experiments={name: row.model_dump() for name, row in raw.experiments.items()},
        baselines={},
        **crossed,
    )
    groups = [f"piece {i}" for i in range(12)]
    path = folds.path("tiny", 3)
    path.parent.mkdir(parents=True, exist_ok=True)
    folds.write(path, {group: i % 3 for i, group in enumerate(groups)})
    with pytest.raises(DeepmirError, match="leak: the network has learned from piece"):
        entries.to_train(params, "folded-fold0").files.read()


def test_a_model_of_the_same_data_in_other_parts_is_refused(root):
    params = declared()
    trained(params, "base")
    shutil.copytree("models/base", "copied/base")
    parts = splits.read(paths.split("tiny"))
    splits.write(paths.split("tiny"), dict(zip(parts, [*parts.values()][::-1], strict=True)))
    with pytest.raises(DeepmirError, match="leak: copied/base has learned from "):
        trained(declared(start_from="copied/base"), "tuned")


def test_what_says_nothing_of_it_keeps_its_digests():
    row = tiny.parse().experiments["key-tiny"].model_dump(mode="json")
    assert "start_from" not in row
    assert not {"frozen", "slower", "optimizer", "standardise"} & {*row["training"]}
    assert "tracks" not in row["training"]
    assert not {"tracks", "seed"} & {*tiny.parse().baselines["key-logistic"].model_dump()}


def test_so_many_training_tracks_are_drawn_for_networks_and_for_baselines(root):
    from deepmir.training import fitting

    fitted = {"few": {"dataset": "tiny", "task": "key", "method": "logistic", "tracks": 3}}
    experiments = {"all": BASE, "few-n": {**BASE, "training": {**BASE["training"], "tracks": 3}}}
    params = tiny.parse(experiments=experiments, baselines=fitted)
    every, few = (tiny.ready(params, name).train_examples for name in experiments)
    assert (len(every), len(few)) == (4, 3)
    fitting.fit(entries.to_train(params, "few"))
    card = json.loads(Path("models/few/card.json").read_text())
    assert card["training"]["tracks"]["train"] == 3
    with pytest.raises(DeepmirError, match="the method krumhansl does not learn: leave it out"):
        tiny.parse(baselines={"few": {**fitted["few"], "method": "krumhansl"}})


def test_options_that_a_baseline_does_not_use_are_refused():
    row = {"dataset": "tiny", "task": "key", "method": "logistic"}
    with pytest.raises(DeepmirError, match="seed: it draws the `tracks`, which are not given"):
        tiny.parse(baselines={"x": {**row, "seed": 7}})
    given = {**row, "method": "logistic_regression", "representation": "cqt"}
    with pytest.raises(DeepmirError, match="sample_rate: the representation has its own"):
        tiny.parse(baselines={"x": {**given, "sample_rate": 44100}})

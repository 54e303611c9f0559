"""Sweeps: the experiments they add, their names, and refusals."""

import pytest
import yaml

import tiny
from deepmir.declarations import entries, loading, sweeps
from deepmir.errors import DeepmirError
from deepmir.workflow import stages

SHALLOW = "c2(4,3x3) - p2(2x2) - d1"
DEEP = "c2(4,3x3) - p2(2x2) - d1(8) - d1"
DEPTH = {"of": "key-tiny", "vary": {"network": {"2 layers": SHALLOW, "3 layers": DEEP}}}


def parsed(declared=None, **base):
    """The tiny declarations with some sweeps, and changed keys of `key-tiny`."""
    raw = yaml.safe_load(tiny.DECLARED)
    raw["experiments"]["key-tiny"] |= base
    raw["sweeps"] = declared
    return loading.parse(raw)


def varied(of="key-tiny", **vary):
    return {"s": {"of": of, "vary": {key.replace("__", "."): v for key, v in vary.items()}}}


def made(params):
    """The experiments added by sweeps."""
    return [name for name in params.experiments if name not in tiny.parse().experiments]


def test_a_grid_is_every_combination_each_an_experiment_of_its_own():
    seeds = {"training.seed": [4, 5]}
    params = parsed({"depth": {**DEPTH, "vary": {**DEPTH["vary"], **seeds}}})
    assert made(params) == [f"depth-{n}-layers-seed-{seed}" for n in (2, 3) for seed in (4, 5)]
    member, base = (params.experiments[n] for n in ("depth-3-layers-seed-5", "key-tiny"))
    training = base.training.model_copy(update={"seed": 5})
    assert member == base.model_copy(update={"network": DEEP, "training": training})
    assert params.shown.count("depth-3-layers-seed-5") == 1
    assert entries.to_train(params, "depth-3-layers-seed-5").experiment == member
    (group,) = sweeps.groups(params)
    assert (group.keys, group.of) == (("network",), "key-tiny")
    assert [setting.values for setting in group.settings] == [("2 layers",), ("3 layers",)]
    assert group.settings[1].members == ("depth-3-layers-seed-4", "depth-3-layers-seed-5")
    assert group.reference == group.settings[0]


def test_a_list_is_of_keys_that_change_together():
    small = {"network": SHALLOW, "training": {"epochs": 1}, "deformations": {}}
    large = {"network": DEEP, "deformations.pitch_shift": 1}
    settings = {"Small": small, "large one": large}
    params = parsed({"size": {"of": "key-tiny", "settings": settings}}, training={"patience": 2})
    assert made(params) == ["size-small", "size-large-one"]
    one, other = (params.experiments[name] for name in made(params))
    # What a setting says of training is laid over the experiment's; a deformation stands alone.
    assert (one.training.epochs, one.training.patience) == (1, 2)
    assert (one.deformations, other.deformations) == ({}, {"pitch_shift": 1, "time_stretch": 0.1})
    both = {"of": "key-tiny", "settings": settings, "vary": {"training.batch_size": [2, 3]}}
    assert made(parsed({"s": both}))[0] == "s-small-batch_size-2"


def test_a_value_of_a_list_is_named_as_it_is_written():
    params = parsed({"s": {"of": "key-tiny", "vary": {"precompute": [True, False]}}}, seeds=2)
    group = sweeps.groups(params)[1]
    assert [setting.values for setting in group.settings] == [("yes",), ("no",)]
    assert made(params)[1:] == ["s-precompute-no-seed-2"]  # the first is key-fly
    assert group.settings[1].members == ("key-fly", "s-precompute-no-seed-2")
    vary = {"training.patches_per_epoch": [None, 3], "training.learning_rate": [1e-3]}
    names = made(parsed({"s": {"of": "key-tiny", "vary": vary}}))
    assert names[0] == "s-patches_per_epoch-null-learning_rate-0-001"


def test_input_data_and_start_can_be_varied():
    raw = yaml.safe_load(tiny.DECLARED)
    raw["datasets"]["more"] = {"source": "tones"}
    starts, data = {"scratch": None, "tuned": "key-ensemble"}, {"alone": {}, "both": {"more": 0.5}}
    raw["experiments"]["key-tiny"] |= {"deformations": {}, "representation": "mel"}
    raw["experiments"]["key-ensemble"] |= {"ensemble": False, "representation": "cqt"}
    raw["sweeps"] = varied(representation=["mel", "cqt"], also=data)
    params = loading.parse(raw)
    (group,) = sweeps.groups(params)
    rows = [params.experiments[name] for name in group.members]
    assert [row.representation for row in rows] == ["mel", "mel", "cqt", "cqt"]
    assert [dict(row.also) for row in rows] == [{}, {"more": 0.5}] * 2
    raw["experiments"]["key-tiny"]["representation"] = "cqt"
    raw["sweeps"] = varied(start_from=starts)
    tuned = loading.parse(raw).experiments["s-tuned"]
    assert tuned.start_from == "key-ensemble"


def test_seeds_are_the_shortest_sweep_and_the_experiment_is_its_first():
    params = parsed(seeds=3, training={"seed": 7})
    assert made(params) == ["key-tiny-seed-8", "key-tiny-seed-9"]
    assert [params.experiments[name].training.seed for name in made(params)] == [8, 9]
    (group,) = sweeps.groups(params)
    assert group.members == ["key-tiny", "key-tiny-seed-8", "key-tiny-seed-9"]
    assert group.title(group.reference) == group.name == "key-tiny"
    assert {*group.made} == {*made(params)}


def test_every_setting_has_as_many_seeds_as_the_experiment():
    params = parsed({"depth": DEPTH}, seeds=2)
    own, group = sweeps.groups(params)
    assert own.members == ["key-tiny", "key-tiny-seed-2"]
    assert group.settings[0].members == ("depth-2-layers-seed-1", "depth-2-layers-seed-2")


def test_what_another_experiment_says_is_that_experiment():
    params = parsed({"depth": DEPTH}, seeds=2, network=DEEP)
    _, group = sweeps.groups(params)
    assert group.settings[1].members == ("key-tiny", "key-tiny-seed-2")
    assert group.reference == group.settings[1]
    assert group.same == {
        "depth-3-layers-seed-1": "key-tiny",
        "depth-3-layers-seed-2": "key-tiny-seed-2",
    }
    assert "depth-3-layers-seed-1" not in params.experiments


def test_the_reference_is_the_setting_of_the_experiment_whatever_the_seeds():
    vary = {"network": {"other": SHALLOW, "own": DEEP}, "training.seed": [8, 9]}
    (group,) = sweeps.groups(parsed({"s": {"of": "key-tiny", "vary": vary}}, network=DEEP))
    assert group.reference.values == ("own",)
    assert group.reference.members == ("s-own-seed-8", "s-own-seed-9")


def test_members_are_compared_with_the_baselines_of_their_task():
    params = parsed({"depth": DEPTH})
    names = sweeps.compared(params, *sweeps.groups(params))
    assert names == ["depth-2-layers", "depth-3-layers", "key-krumhansl", "key-logistic"]


def test_a_sweep_of_which_a_member_is_left_out_is_none():
    params = parsed({"depth": DEPTH})
    assert sweeps.groups(params.only({*params.shown} - {"depth-2-layers"})) == []
    assert sweeps.groups(params.only({*params.shown} - {"key-tiny"})) == []


def test_how_often_it_is_trained_changes_no_training():
    plain, often = tiny.parse(), parsed({"depth": DEPTH}, seeds=5)
    for stage in ("train", "predict", "evaluate"):
        pair = [stages.declared(stage, entries.resolve(p, "key-tiny")) for p in (plain, often)]
        assert pair[0] == pair[1]


def test_only_the_members_of_a_changed_setting_change():
    before = parsed({"depth": DEPTH}, seeds=2)
    deeper = {"2 layers": SHALLOW, "3 layers": DEEP.replace("8", "9"), "4 layers": f"f1 - {DEEP}"}
    vary = {"network": deeper}
    after = parsed({"depth": {"of": "key-tiny", "vary": vary}}, seeds=2)
    old, new = entries.everything(before), entries.everything(after)
    changed = [
        name
        for name in before.experiments
        if stages.declared("train", old[name]) != stages.declared("train", new[name])
    ]
    assert changed == ["depth-3-layers-seed-1", "depth-3-layers-seed-2"]
    added = {*after.experiments} - {*before.experiments}
    assert added == {"depth-4-layers-seed-1", "depth-4-layers-seed-2"}


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (varied(of="key-tin", network=["d1"]), "s: of: there is no experiment .*'key-tiny'"),
        (varied(of="key-krumhansl", network=["d1"]), "s: of: there is no experiment"),
        (varied(netwrk=["d1"]), "s: netwrk d1: netwrk is not a known key .*'network'"),
        (varied(training__sed=[1]), "s: training.sed 1: training.sed is not a known key.*'seed'"),
        (varied(trainin__seed=[1]), "s: trainin.seed 1: trainin is not a known key.*'training'"),
        (varied(network__x=[1]), "s: network.x 1: network.x .* network has no keys below it"),
        (varied(training__epochs=[0]), "s: training.epochs 0: training.epochs: .*equal to 1"),
        (varied(training__seed=[-1]), "s: training.seed -1: training.seed: .*equal to 0"),
        (varied(representation=["mell"]), "s: representation mell: representation: .*'mel'"),
        (varied(network={"deep": "c2(4)"}), "s: network deep: network"),
        (varied(training__patch_seconds=[0.01]), "s: .*0.01: training.patch_seconds: 0.01 s is 0"),
        (varied(deformations={"far": {"pitch_shift": 0.4}}), "s: deformations far: .*semitones"),
        (varied(deformations=[{}]), r"s: vary.deformations: .* needs a name: write"),
        (varied(network={"a": "d1", "A": "d1(4) - d1"}), "s: network A: .* s-a is taken: rename"),
        (varied(network={"a": "d1", "b": "d1"}), "s: network b is the same as network a: leave"),
        (varied(training__seed=[3, 3]), "s: training.seed 3 is the same as training.seed 3"),
        (varied(network=["d1(4) - " * 15 + "d1"]), "s: network d1.*: 's-network-.* at most 80"),
        (varied(network={"é": "d1"}), "s: network é: 's-' cannot be its name"),
        (varied(dataset=["tiny"]), "s: dataset cannot be varied, since"),
        (varied(seeds=[3]), "s: seeds cannot be varied: list them under training.seed"),
        (varied(training__seed=[*range(501)]), "s: it has 501 members, but all .* have 500: vary"),
        (varied(training__seed=[]), "s.vary.training.seed: .*at least 1"),
        ({"s": {"of": "key-tiny"}}, "s: vary and settings are both empty"),
        ({"key-logistic": DEPTH}, "'key-logistic' is in both baselines and sweeps: rename one"),
        (
            {"s": {**varied(network=["d1"])["s"], "settings": {"a": {"network": "d1"}}}},
            "s: network is varied under setting and under network",
        ),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_named_with_sweep_setting_and_key(declared, said):
    with pytest.raises(DeepmirError, match=said):
        parsed(declared)


def test_a_name_that_an_entry_has_is_taken():
    raw = yaml.safe_load(tiny.DECLARED)
    raw["sweeps"] = {"depth": DEPTH}
    raw["baselines"]["depth-2-layers"] = raw["baselines"]["key-krumhansl"]
    with pytest.raises(
        DeepmirError, match=r"is in both sweeps.depth: network 2 layers and baselin"
    ):
        loading.parse(raw)
    raw = yaml.safe_load(tiny.DECLARED)
    raw["sweeps"] = {"depth": DEPTH}
    raw["experiments"]["depth-2-layers"] = raw["experiments"]["beat-tiny"]
    with pytest.raises(DeepmirError, match=r"network 2 layers: its name depth-2-layers is taken"):
        loading.parse(raw)


def test_a_seed_above_the_largest_is_named_with_its_experiment():
    with pytest.raises(DeepmirError, match=r"key-tiny.seeds: training.seed 4294967296:"):
        parsed(seeds=2, training={"seed": 2**32 - 1})

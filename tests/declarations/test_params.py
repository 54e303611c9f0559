import copy
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import tiny
from deepmir.declarations import entries, loading, schema
from deepmir.errors import DeepmirError

DECLARED = yaml.safe_load("""
datasets:
  scores: {source: scores, shards: 2}
representations:
  mel: {kind: mel, hop: 441, bins: 40, conditioning: [{kind: log}]}
  cqt: {kind: cqt, hop: 4410, fmin: 55.0, bins: 60, bins_per_octave: 12}
training: {epochs: 3, patch_seconds: 4}
experiments:
  key-cnn:
    dataset: scores
    task: key
    representation: cqt
    network: c2(4,3x3) - p2(2x2) - d1
    deformations: {pitch_shift: 2}
    training: {epochs: 5}
baselines:
  key-krumhansl: {dataset: scores, task: key, method: krumhansl}
""")


def changed(path, value):
    raw = copy.deepcopy(DECLARED)
    *parents, last = path.split(".")
    node = raw
    for name in parents:
        node = node[name]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return raw


def test_training_defaults_lie_below_the_experiments_own():
    training = loading.parse(DECLARED).experiments["key-cnn"].training
    assert (training.epochs, training.patch_seconds, training.batch_size) == (5, 4, 32)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("datasets.scores.shard", 3, "datasets.scores.shard is not a known key.*'shards'"),
        ("representations.mel.hopp", 3, "representations.mel.hopp is not a known key.*'hop'"),
        ("training.epoch", 3, "training.epoch is not a known key.*'epochs'"),
        ("training.epochs", 0, "training.epochs: .*greater than or equal to 1, not 0"),
        ("experiments.key-cnn.training.epochs", "many", "experiments.key-cnn.training.epochs"),
        ("experiments.key-cnn.netwrk", "d1", "experiments.key-cnn.netwrk.*'network'"),
        ("experiments.key-cnn.network", None, "experiments.key-cnn.network is missing"),
        ("experiments.key-cnn.dataset", "score", "no data set 'score'.*'scores'"),
        ("experiments.key-cnn.representation", "cqtt", "no representation 'cqtt'.*'cqt'"),
        ("experiments.key-cnn.task", "keys", "no task 'keys'.*'key'"),
        ("experiments.key-cnn.network", "c2(4,99x3) - d1", "experiments.key-cnn: .*99"),
        ("experiments.key-cnn.network", "c2(4,3x3) - q1", "experiments.key-cnn: "),
        ("experiments.key-cnn.deformations", {"pitch": 1}, "deformations.pitch is not known"),
        ("experiments.key-cnn.representation", "mel", "pitch_shift rolls .*log-frequency"),
        ("baselines.key-krumhansl.method", "krumhansel", "no key baseline .*'krumhansl'"),
        ("baselines.key-krumhansl.method", "librosa_beats", "no key baseline"),
        ("decoders", {"beats": {}}, "no task .*'beats'.*'beat'"),
        ("experimets", {}, "experimets is not a known key.*'experiments'"),
        ("datasets.Big Set", {"source": "scores"}, "a-z, 0-9"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_key(path, value, said):
    with pytest.raises(DeepmirError, match=said) as caught:
        loading.parse(changed(path, value))
    assert "\n" not in str(caught.value) or "^" in str(caught.value)  # the caret of a notation


def test_a_key_written_twice_is_refused(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text("datasets: {}\nrepresentations: {}\ndatasets: {}\n")
    with pytest.raises(DeepmirError, match="line 3: the key 'datasets' appears twice"):
        loading.load(path)


def test_the_declarations_are_checked_without_what_trains_and_decodes():
    # Every job and every look at the plan begins with it: torch and numba take five seconds.
    declared = Path(__file__).parents[2] / "studies/recordings/params.yaml"
    code = (
        "import sys, pathlib; from deepmir.declarations import loading; "
        f"loading.load(pathlib.Path({str(declared)!r})); "
        "print(sorted({'torch', 'numba', 'librosa', 'scipy.signal', 'music21', 'mirdata', "
        "'pretty_midi', 'soundfile'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(DeepmirError, match="is missing: run from the folder"):
        loading.load(tmp_path / "params.yaml")


def test_an_unknown_decoder_option_is_refused():
    raw = changed("decoders", {"key": {"threshold": 1}})
    with pytest.raises(DeepmirError, match=r"decoder.*threshold is not known"):
        loading.parse(raw)


def test_some_entries_alone_keep_what_they_are_made_from():
    defaults = {"key": "key-tiny", "beat": "beat-tiny"}
    declared = tiny.parse(defaults=defaults)
    some = declared.only(["key-tiny", "key-krumhansl"])
    assert some.defaults == {"key": "key-tiny"}
    assert list(some.experiments) == ["key-tiny"]
    assert list(some.baselines) == ["key-krumhansl"]
    assert some.datasets == declared.datasets


SONGS = {"source": "scores", "style": "song"}
FOLDS = {"entry": "key-cnn", "dataset": "songs", "folds": 5}
CARRIED = {"model": "key-cnn", "dataset": "songs"}


def extended(**sections):
    raw = copy.deepcopy(DECLARED)
    raw["datasets"]["songs"] = SONGS
    raw["baselines"]["key-logistic"] = {"dataset": "scores", "task": "key", "method": "logistic"}
    return raw | sections


def test_a_cross_validation_is_its_folds_under_the_entrys_declaration():
    declared = loading.parse(extended(folds={"key-5": FOLDS}))
    names = [f"key-5-fold{fold}" for fold in range(5)]
    every = entries.everything(declared)
    assert [fold.name for fold in every["key-5"].folds] == names
    assert [n for n, e in every.items() if e.is_trained and e.kind == "network"] == [
        "key-cnn",
        *names,
    ]
    assert declared.shown == ["key-cnn", "key-krumhansl", "key-logistic", "key-5"]
    for number, name in enumerate(names):
        fold = entries.to_train(declared, name)
        assert (fold.files.folds, fold.files.tested, fold.files.name) == (5, number, "songs")
        assert fold.experiment == declared.experiments["key-cnn"]
    assert every["key-5"].files.tested is None
    assert every["key-cnn"].files.folds == 0


def test_a_carried_model_is_its_entry_on_another_data_set():
    declared = loading.parse(extended(carried={"key-far": CARRIED}))
    entry = entries.resolve(declared, "key-far")
    assert (entry.experiment, entry.files.name) == (declared.experiments["key-cnn"], "songs")
    assert entry.model == "key-cnn"
    assert not entry.is_trained
    assert entry.written.model_dump() == CARRIED


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"carried": {"far": CARRIED | {"model": "key-cnm"}}}, "carried.far: .*'key-cnm'.*key-cnn"),
        ({"carried": {"far": CARRIED | {"dataset": "song"}}}, "carried.far: .*data set 'song'"),
        (
            {"carried": {"far": CARRIED | {"dataset": "scores"}}},
            "far: model: .*already tested on its test part",
        ),
        (
            {"carried": {"far": CARRIED | {"model": "key-krumhansl"}}},
            "far: model: key-krumhansl does not learn, .* method krumhansl as a baseline of songs",
        ),
        ({"carried": {"far": {"modl": "key-cnn", "dataset": "songs"}}}, "modl is not.*'model'"),
        ({"folds": {"five": FOLDS | {"entry": "key"}}}, "folds.five: .*'key'"),
        ({"folds": {"five": FOLDS | {"dataset": "song"}}}, "folds.five: .*data set 'song'"),
        ({"folds": {"five": FOLDS | {"folds": 2}}}, "folds.five.folds: .*greater than or equal"),
        ({"folds": {"key-cnn": FOLDS}}, "'key-cnn' is in both experiments and folds"),
        ({"folds": {"x-fold3": FOLDS}}, "folds.x-fold3: names that end in -fold"),
        ({"carried": {"x-fold10": CARRIED}}, "carried.x-fold10: names that end in -fold"),
        ({"decoders": {"key": {"x": 1}}, "experiments": {}}, "baselines.key-logistic: decoder"),
    ],
)
def test_a_mistake_in_folds_or_carried_is_one_line(sections, said):
    with pytest.raises(DeepmirError, match=said):
        loading.parse(extended(**sections))


def test_what_has_no_model_of_its_own_is_not_trained():
    declared = loading.parse(extended(folds={"key-5": FOLDS}, carried={"far": CARRIED}))
    with pytest.raises(DeepmirError, match="far is a carried-over model: train key-cnn instead"):
        entries.to_train(declared, "far")
    with pytest.raises(DeepmirError, match="key-5 is a cross-validation: .*: key-5-fold0, k"):
        entries.to_train(declared, "key-5")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("auxiliary", {"temp": 1.0}, "auxiliary: there is no task 'temp'"),
        ("auxiliary", {"key": 1.0}, "auxiliary.key is the task itself: leave it out"),
        ("auxiliary", {"mode": -1}, "auxiliary.mode: .* greater than 0, not -1"),
        ("auxiliary", {"mode": 0}, "auxiliary.mode: .* greater than 0, not 0"),
        ("auxiliary", {"mode": 1e30}, "auxiliary.mode: .* less than or equal to 1000"),
        ("auxiliary", {"beat": 1}, "auxiliary.beat is time-varying"),
        ("auxiliary", ["mode"], "auxiliary: input should be a mapping"),
        ("class_weights", {"C:dur": 2.0}, "class_weights.C:dur is not a label"),
        ("class_weights", {"C:major": 0}, "class_weights.C:major: .* greater than 0 or 'balanced'"),
        ("class_weights", {"C:major": -1}, "class_weights.C:major: .* or 'balanced', not -1"),
        ("class_weights", {"key": "balance"}, "class_weights.key: .* or 'balanced', not 'balance'"),
        ("class_weights", {"beat": "balanced"}, "class_weights.beat: .* network has key:"),
        ("class_weights", "balance", "class_weights: input should be 'balanced' or a mapping"),
        ("labels", ["a", "b"], "labels: the task key has its own"),
        ("labels", ["a", " "], "labels.1: text must be a single line"),
        ("labels", ["a", "a"], "labels: 'a' appears twice"),
        ("training", {"devices": -7}, "training.devices: .*equal to 1 or 'auto', not -7"),
        ("training", {"devices": 0}, "training.devices: .*equal to 1 or 'auto', not 0"),
        ("training", {"device": "cpu", "precision": "16-mixed"}, "training: precision 16-mixed"),
        ("training", {"patch_seconds": 0.01}, "training.patch_seconds: 0.01 s is 0 frames"),
        ("training", {"patch_seconds": 0.2}, "0.2 s is 1 frames, but the network needs 2"),
        (
            "training",
            {"patch_seconds": 3600, "batch_size": 65536},
            "training.batch_size: 65536 patches of 3600 s",
        ),
        ("deformations", {"time_mask": 5}, "deformations.time_mask is longer than a patch"),
        ("deformations", {"pitch_shift": 0.4}, "pitch_shift needs whole semitones"),
        ("deformations", {"pitch_shift": True}, "deformations.pitch_shift: .* number, not True"),
        ("network", "9x[res[9x[res[9x[res[9x[d1(60)]]]]]]] - d1", "at most 500 layers"),
        ("network", "d1(1000000) - d1(1000000) - d1", "network: it has 1e.12 parameters"),
        ("network", "40x[c1(8,3,dilation=2^n)] - d1", "2.20 frames is above 1000000"),
        ("network", "c2(4,3x3) - " * 1000 + "d1", "network: .* at most 10000 characters"),
        ("epochs", 3, "epochs is not a known key .it belongs under 'training'"),
        ("method", "logistic", "method is not a known key$"),
    ],
)
def test_what_an_experiment_says_of_its_task_is_checked(key, value, said):
    raw = yaml.safe_load(tiny.DECLARED)
    raw["experiments"]["key-tiny"][key] = value
    with pytest.raises(DeepmirError, match=f"experiments.key-tiny.*{said}"):
        loading.parse(raw)


@pytest.mark.parametrize(
    ("monitor", "said"),
    [
        ("validation/weigthed", "did you mean 'weighted'"),
        ("validation/f_measure", r"value of key to watch 'f_measure' .*loss, weighted, .*accuracy"),
        ("validation/los", "did you mean 'loss'"),
        ("train/weighted", r"declared: loss\)"),
        ("valid/loss", "did you mean 'validation'"),
        ("weighted", "no part to watch 'weighted'"),
        ("", "no part to watch"),
    ],
)
def test_a_value_to_watch_that_there_is_not_is_refused(monitor, said):
    raw = yaml.safe_load(tiny.DECLARED)
    raw["experiments"]["key-tiny"]["training"] = {"monitor": monitor}
    with pytest.raises(DeepmirError, match=f"experiments.key-tiny: training.monitor: .*{said}"):
        loading.parse(raw)


@pytest.mark.parametrize(
    ("task", "monitor"),
    [
        ("key", "validation/weighted"),
        ("key", "train/loss"),
        ("beat", "validation/tempo/acc1"),
    ],
)
def test_a_value_to_watch_may_be_any_that_there_is(task, monitor):
    raw = yaml.safe_load(tiny.DECLARED)
    raw["experiments"]["beat-tiny"]["auxiliary"] = {"tempo": 0.1}
    raw["experiments"][f"{task}-tiny"]["training"] = {"monitor": monitor}
    training = loading.parse(raw).experiments[f"{task}-tiny"].training
    assert training.monitor == monitor


def test_which_way_it_is_better_is_not_declared():
    raw = yaml.safe_load(tiny.DECLARED)
    raw["experiments"]["key-tiny"]["training"] = {"mode": "max"}
    with pytest.raises(DeepmirError, match=r"training.mode is not a known key"):
        loading.parse(raw)


def test_an_entry_can_begin_as_another_one(tmp_path):
    (tmp_path / "params.yaml").write_text(
        "datasets: {s: {source: scores}}\n"
        "representations: {m: &m {kind: mel}, n: {<<: *m, bins: 40}}\n"
    )
    found = loading.load(tmp_path / "params.yaml").representations
    assert found["n"].bins == 40
    assert found["n"].hop == found["m"].hop


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("representations.mel.epsilon", 1, "mel.epsilon is not .*belongs to kind log, kind pcen"),
        ("representations.mel.harmonics", [1], "mel.harmonics is not .*belongs to kind hcqt"),
        ("representations.mel.kind", "mell", "representations.mel.kind: there is no 'mell'.*'mel'"),
        ("representations.mel.kind", None, "representations.mel.kind is missing"),
        (
            "representations.mel.conditioning",
            [{"kind": "log", "x": 1}],
            "conditioning.0.x is not a",
        ),
        ("representations.chroma", {"kind": "chroma", "hop": 1}, "belongs under 'source'"),
        (
            "representations.wide",
            {"kind": "mel", "bins": 9000, "window": 2**20},
            "too many weights",
        ),
        ("representations.dense", {"kind": "stft", "window": 2**20, "hop": 1}, "numbers a second"),
        ("representations.low", {"kind": "cqt", "fmin": 1e-6}, "filters of up to .* are too long"),
        (
            "representations.low",
            {
                "kind": "hcqt",
                "source": {"kind": "cqt", "bins": 600, "bins_per_octave": 120},
                "harmonics": [0.01, 0.02],
            },
            "filters of up to .* are too long",
        ),
        ("representations.high", {"kind": "cqt", "bins": 9000}, "are more than 20 octaves"),
        ("representations.flat", {"kind": "mel", "fmin": 100, "fmax": 100.0000000001}, "fall betw"),
        (
            "representations.even",
            {"kind": "mel", "separation": {"keep": "harmonic", "kernel": 4}},
            "odd",
        ),
        (
            "representations.gaps",
            {"kind": "mel", "separation": {"keep": "harmonic", "hop": 2048}},
            "half",
        ),
        ("datasets.scores.hours", 3, "scores.hours is not .*belongs to source rendered"),
        (
            "datasets.scores.source",
            "score",
            "datasets.scores.source: there is no 'score'.*'scores'",
        ),
        (
            "datasets.scores.shards",
            100_000,
            "datasets.scores.shards: .*less than or equal to 10000",
        ),
        ("baselines.key-krumhansl.labels", ["a", "b"], "labels: the task key has its own"),
        ("evaluation", {"confidence": 95}, "evaluation.confidence: .* less than 1, not 95"),
        ("evaluation", {"confidence": 0.05}, "evaluation.confidence: .* equal to 0.5"),
        ("evaluation", {"seed": 2**32}, "evaluation.seed: .* less than 4294967296"),
        ("trainin", {"epochs": 3}, "trainin is not a known key .did you mean 'training'"),
        ("decoders", {"tempo": {"x": 1}}, "decoder: x is not known: .*in decoders.tempo"),
        ("decoders", {"beat": {"min_bpm": 300}}, "min_bpm 300 is above .*in decoders.beat"),
        (
            "decoders",
            {"beat": {"min_bp": 30}},
            "min_bp is not a known key.*'min_bpm'.*decoders.beat",
        ),
        ("decoders", {"beat": {"frame_rate": 30}}, "frame_rate comes from the representation"),
        ("decoders", {"beat": 3}, "decoders.beat: input should be a mapping"),
        ("defaults", {"key": 3}, "defaults.key: input should be text"),
    ],
)
def test_a_contradiction_or_a_key_of_another_kind_is_one_line(path, value, said):
    with pytest.raises(DeepmirError, match=said) as caught:
        loading.parse(changed(path, value))
    assert "\n" not in str(caught.value)


def test_a_regression_has_no_class_weights():
    declared = {"class_weights": "balanced", "task": "mood", "deformations": {}}
    raw = changed("experiments.key-cnn", {**DECLARED["experiments"]["key-cnn"], **declared})
    with pytest.raises(DeepmirError, match=r"class_weights: the task is a regression"):
        loading.parse(raw)


def test_one_label_alone_is_no_choice():
    genre = {"dataset": "scores", "task": "genre", "method": "popularity", "labels": ["rock"]}
    with pytest.raises(DeepmirError, match=r"labels: genre needs at least two"):
        loading.parse(changed("baselines.genre", genre))


SECTIONS = ("training", "evaluation", "decoders", "defaults", *schema.SECTIONS)


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_with_nothing_under_it_is_an_empty_one(section):
    least = {"datasets": {"d": {"source": "scores"}}, "representations": None}
    without = loading.parse(least)
    assert loading.parse({**least, section: None}) == without
    assert loading.parse({**least, section: {}}) == without


def test_what_is_optional_in_an_experiment_may_have_nothing_under_it():
    raw = copy.deepcopy(DECLARED)
    nothing = dict.fromkeys(("auxiliary", "class_weights", "deformations", "training"))
    raw["experiments"]["key-cnn"] |= nothing
    raw["decoders"] = {"beat": None}
    experiment = loading.parse(raw).experiments["key-cnn"]
    assert experiment.training.epochs == 3  # of the section `training`
    assert (experiment.auxiliary, experiment.class_weights, experiment.deformations) == ({},) * 3


@pytest.mark.parametrize("name", ["a" * 81, "", "a b", "A", "a/b", "..", "-a"])
def test_a_name_that_no_file_can_have_is_refused(name):
    raw = copy.deepcopy(DECLARED)
    raw["datasets"][name] = {"source": "scores"}
    with pytest.raises(DeepmirError, match="datasets: the name '.*a-z, 0-9"):
        loading.parse(raw)

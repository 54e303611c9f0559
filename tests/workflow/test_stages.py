"""The dependencies of a stage: its part of the declarations, and the closure of its code."""

import ast
import contextlib
import functools
import itertools
import os
from pathlib import Path

import pytest
import yaml

import executed
import tiny
from deepmir import paths, report
from deepmir.datasets import base, folds
from deepmir.datasets.scores import Scores
from deepmir.datasets.tones import Tones
from deepmir.declarations import entries, loading, schema, sweeps
from deepmir.evaluation import pooling, prediction, scoring
from deepmir.features import compute as features
from deepmir.features import downmix, duplicates
from deepmir.report import sweep_page
from deepmir.tracking import runs
from deepmir.training import fitting, loop
from deepmir.workflow import closure, stages, syntax

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
SOURCES = closure.SOURCES
DECLARED = (ROOT / "params.yaml", *sorted(ROOT.glob("studies/*/params.yaml")))


def names(found):
    return {path.relative_to(SOURCES).as_posix().removeprefix("deepmir/") for path in found.files}


def of_one(declared, where, made):
    """Add the stages of one file of declarations."""
    for name, dataset in declared.datasets.items():
        made[where, "render", name] = stages.closure_of("render", dataset)
    for name in declared.shown:
        entry = entries.resolve(declared, name).row
        fit = "fit" if isinstance(entry, schema.Baseline) else "train"
        for stage in (fit, "predict", "evaluate"):
            made[where, stage, name] = stages.closure_of(stage, entry)


@functools.cache
def jobs():
    """Every stage of every declared data set and entry, with its closure."""
    made = {}
    for path in DECLARED:
        with contextlib.chdir(path.parent):  # where it may start from the files of a network
            of_one(loading.load(), path.parent.name, made)
    for stage in ("downmix", "duplicates", "features", "pool", "sweep", "report", "track"):
        made["", stage, ""] = stages.closure_of(stage)
    return made


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """An editable copy of the packages."""
    for path in (path for name in closure.PACKAGES for path in (SOURCES / name).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and "shipped" not in path.parts:
            out = tmp_path / path.relative_to(SOURCES)
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_bytes(path.read_bytes())
    caches = (stages._closure, syntax.parsed, closure._data_beside)
    monkeypatch.setattr(closure, "SOURCES", tmp_path)
    for cache in caches:
        cache.cache_clear()
    jobs.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    for cache in caches:
        cache.cache_clear()
    jobs.cache_clear()


def test_an_edit_of_any_file_reruns_exactly_the_jobs_whose_closure_has_it(copied):
    every = {found: frozenset(found.files) for found in dict.fromkeys(jobs().values())}
    before = {found: found.digest for found in every}
    unused = set()
    for path in sorted(p for p in copied.rglob("*") if p.is_file()):
        # A digest is made from the files of its closure alone: a few of each kind tell.
        having = [found for found, files in every.items() if path in files]
        tried = [*having[:3], *itertools.islice((f for f in every if f not in having), 2)]
        text, stat = path.read_bytes(), path.stat()
        path.write_bytes(text + b"\nEDITED = 1\n")
        assert [f for f in tried if f.digest != before[f]] == having[:3], path
        path.write_bytes(text)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # it is not read again
        unused |= set() if having else {path.relative_to(copied).as_posix()}
    # What no job of the line needs: the command, serving, and the declarations themselves.
    assert {
        "deepmir/cli/people.py",
        "deepmir/declarations/schema.py",
        "deepmir/declarations/checks.py",
        "deepmir/analysis/serve.py",
    } <= unused


def test_a_comment_or_docstring_changes_no_hash(copied):
    found = stages.closure_of("downmix")
    before = found.digest
    path = copied / "deepmir/features/downmix.py"
    text = path.read_text()
    path.write_text("# why\n" + text.replace('"""', '"""Another word. ', 1))
    assert found.digest == before
    path.write_text(text.replace("return", "return (1) and", 1))
    assert found.digest != before


@pytest.mark.parametrize(
    ("code", "other"),
    [
        ("x = ['', 'a']", "x = ['a']"),
        ("x = None", "x = []"),
        ("def f(a, *, b=1): ...", "def f(a, b=1): ..."),
        ("x = f'{a}b'", "x = f'{a}' + 'b'"),
        ("x = f'{a:4}'", "x = f'{a:5}'"),
        ("x = 1", "x = 1.0"),
        ("x = a.b", "x = a.c"),
        ("x = 'a'", "x = b'a'"),
        ("x = (yield)", "x = (yield None)"),
    ],
)
def test_what_computes_something_else_is_something_else(code, other):
    pair = [syntax._plain(ast.parse(text)) for text in (code, other)]
    assert pair[0] != pair[1]


def test_the_closures_that_were_listed_wrong_are_whole():
    """Files that manual lists had missed (issue 18)."""
    made = {}
    for method, task in (
        ("analyze", "tempo"),
        ("temperley", "key"),
        ("chord_templates", "chord"),
        ("chord_templates", "chord_large"),
    ):
        entry = schema.Baseline(dataset="x", task=task, method=method)
        made[method, task] = names(stages.closure_of("predict", entry))
    analysis = {
        "analysis/engine.py",
        "analysis/streaming.py",
        "analysis/windows.py",
    }
    assert analysis <= made["analyze", "tempo"]
    assert "baselines/krumhansl.py" in made["temperley", "key"]
    assert "baselines/cqt_chroma.py" in made["chord_templates", "chord"]
    assert "baselines/cqt_chroma.py" in made["chord_templates", "chord_large"]
    assert all("networks/shapes.py" in names(v) for (_, s, _), v in jobs().items() if s == "train")


def test_one_task_method_or_source_is_not_the_code_of_another():
    beat = schema.Baseline(dataset="x", task="beat", method="librosa_beats")
    found = names(stages.closure_of("predict", beat))
    assert {"tasks/beat.py", "baselines/librosa_beats.py"} <= found
    assert not {"tasks/key.py", "baselines/krumhansl.py", "tasks/names.py"} & found
    tones = names(stages.closure_of("render", Tones(source="tones")))
    own = {"base.py", "index.py", "tones.py", "__init__.py"}
    assert {name for name in tones if "datasets/" in name} == {f"datasets/{name}" for name in own}
    assert not any(name.startswith("deepmir_render/") for name in tones)


def test_the_code_that_scores_predictions_reruns_what_is_made_of_scores_alone():
    having = {
        stage for (_, stage, _), made in jobs().items() if "evaluation/scoring.py" in names(made)
    }
    assert having == {"evaluate", "sweep", "report", "track"}


def test_a_data_set_reruns_for_no_other_one_and_for_no_task():
    for (_, stage, _), found in jobs().items():
        if stage == "render":
            assert "datasets/registry.py" not in names(found)
    folder = names(stages.closure_of("render", tiny.parse().datasets["tiny"]))
    assert {"datasets/folder/dataset.py", "tasks/shared/harte.py"} <= folder
    assert not {"datasets/tones.py", "datasets/folder/check.py", "tasks/key.py"} & folder


def test_an_experiment_is_trained_anew_for_its_own_deformations_alone():
    trained = tiny.parse().experiments["key-tiny"]
    found = names(stages.closure_of("train", trained))
    assert {"deformations/pitch_shift.py", "deformations/time_stretch.py"} <= found
    assert not {"deformations/reverb.py", "deformations/names.py"} & found


def test_a_table_beside_the_code_is_part_of_it():
    assert "deepmir_render/sources/catalogue.csv" in names(
        stages.closure_of("render", Scores(source="scores"))
    )


def test_an_auxiliary_task_is_part_of_the_code():
    declared = tiny.parse()
    alone = declared.experiments["beat-tiny"]
    both = alone.model_copy(update={"auxiliary": {"tempo": 0.1}})
    assert "tasks/tempo.py" not in names(stages.closure_of("train", alone))
    assert "tasks/tempo.py" in names(stages.closure_of("train", both))


def test_another_version_of_a_library_that_computes_reruns_what_computes_with_it(monkeypatch):
    trained = stages.closure_of("train", tiny.parse().experiments["key-tiny"])
    mixed = stages.closure_of("downmix")
    assert {"torch", "numpy", "lightning"} <= {*trained.libraries}
    assert "torch" not in mixed.libraries
    # librosa computes by scipy: what a library needs and deepmir declares counts as well.
    fitted = stages.closure_of("predict", tiny.parse().baselines["beat-librosa"])
    assert {"librosa", "scipy", "numba"} <= {*fitted.libraries}
    before = trained.digest, mixed.digest
    known = closure._version
    monkeypatch.setattr(closure, "_version", lambda name: "0" if name == "torch" else known(name))
    assert trained.digest != before[0]
    assert mixed.digest == before[1]


def test_a_library_whose_files_are_used_counts_without_an_import():
    rendered = stages.closure_of("render", Scores(source="scores"))
    assert {"pygame-ce", "pretty-midi", "music21"} <= {
        *rendered.libraries
    }  # player, soundfont, scores
    assert "pygame-ce" not in stages.closure_of("render", Tones(source="tones")).libraries


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    root = tmp_path_factory.mktemp("stages")
    tiny.write(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        members = tiny.load().datasets["tiny"].members()
        folds.deal("tiny", members, 3, 0)
        tiny.prepare(tiny.load())
    return root


# Its members are key-tiny and key-fly.
SWEEPS = {"on-the-fly": {"of": "key-tiny", "vary": {"precompute": [True, False]}}}
FOLDS = {"key-folds": {"entry": "key-krumhansl", "dataset": "tiny", "folds": 3}}


def test_what_runs_is_in_the_closure(line, monkeypatch, tmp_path):
    """On a tiny data set, every executed file of a stage is in its closure."""
    monkeypatch.chdir(line)
    once = yaml.safe_load(tiny.DECLARED)["training"] | {"epochs": 1}
    declared = tiny.load(folds=FOLDS, sweeps=SWEEPS, training=once)
    mel = declared.representations["mel"]
    dataset = declared.datasets["tiny"]
    index, audio = paths.index("tiny", 0), paths.audio("tiny", tiny.RATE, 0)
    held_to(base.make_shard, "render", dataset, "tiny", dataset, 0, 1)
    held_to(downmix.compute, "downmix", None, index, audio, tiny.RATE, 2.0, 1)
    found, sources = paths.duplicates(["tiny"], tiny.RATE), tiny.files_of(declared, "tiny")
    held_to(
        *(duplicates.compute, "duplicates", None),
        *({"tiny": sources.audio(tiny.RATE)}, tiny.RATE, found),
    )
    held_to(features.compute, "features", None, audio, paths.features("tiny", mel, 0), mel, 1)
    train = functools.partial(loop.train, threads=1, progress=False)
    predict = functools.partial(prediction.predict, threads=1)
    every = entries.everything(declared)
    for entry in every.values():
        if entry.is_trained:
            stage, make = ("train", train) if entry.kind == "network" else ("fit", fitting.fit)
            held_to(make, stage, entry.row, entry)
    for entry in every.values():
        if not entry.folds:
            held_to(predict, "predict", entry.row, entry)
    held_to(pooling.pool, "pool", every["key-folds"].row, every["key-folds"])
    shown = entries.shown(declared)
    for entry in shown:
        held_to(scoring.evaluate, "evaluate", entry.row, entry)
    groups = sweeps.groups(declared)
    assert groups[0].members == ["key-tiny", "key-fly"]
    held_to(sweep_page.write, "sweep", None, groups[0], shown, 0.95)
    held_to(report.write, "report", None, shown, 0.95, (), groups)
    held_to(runs.track, "track", None, [every["key-tiny"], every["key-logistic"]])


def held_to(function, stage, about, *arguments):
    executed.held_to(stages.closure_of(stage, about), function, *arguments)


def said(params, stage, name):
    return stages.declared(stage, entries.resolve(params, name))


def test_the_slice_of_one_experiment_is_blind_to_another():
    raw = yaml.safe_load((ROOT / "params.yaml").read_text())
    first, second = list(raw["experiments"])[:2]
    before = loading.parse(raw)
    raw["experiments"][second]["training"]["epochs"] = 7
    after = loading.parse(raw)
    same = [said(p, "train", first) for p in (before, after)]
    other = [said(p, "train", second) for p in (before, after)]
    assert same[0] == same[1]
    assert other[0] != other[1]


def test_decoder_options_do_not_retrain():
    raw = yaml.safe_load((ROOT / "params.yaml").read_text())
    before = loading.parse(raw)
    raw["decoders"] = {"beat": {"max_bpm": 180}}
    after = loading.parse(raw)
    for stage, same in (("train", True), ("predict", False)):
        pair = [said(p, stage, "beat-crnn") for p in (before, after)]
        assert (pair[0] == pair[1]) is same


def test_what_analyze_says_is_asked_again_when_other_networks_are_shipped(monkeypatch, tmp_path):
    raw = {**yaml.safe_load(tiny.DECLARED)}
    raw["baselines"]["ours"] = {"dataset": "tiny", "task": "tempo", "method": "analyze"}
    declared = loading.parse(raw)
    names = ("ours", "beat-librosa", "beat-tiny")
    before = [said(declared, "predict", name) for name in names]
    (tmp_path / "tempo").mkdir()
    (tmp_path / "tempo" / "card.json").write_text("{}")
    monkeypatch.setattr(stages, "SHIPPED", tmp_path)
    after = [said(declared, "predict", name) for name in names]
    assert before[0] != after[0]
    assert before[1:] == after[1:]


def with_folds_and_carried(**training):
    raw = yaml.safe_load(tiny.DECLARED)
    raw["datasets"]["far"] = {"source": "folder", "path": "far"}
    raw["experiments"]["key-tiny"]["training"] = training
    raw["folds"] = {"key-folds": {"entry": "key-tiny", "dataset": "tiny", "folds": 5}}
    raw["carried"] = {"key-carried": {"model": "key-tiny", "dataset": "far"}}
    return loading.parse(raw)


def test_what_is_carried_or_folded_changes_with_the_entry_it_is_made_from():
    before, after = with_folds_and_carried(), with_folds_and_carried(epochs=7)
    for stage, name in (
        ("train", "key-folds-fold3"),
        ("pool", "key-folds"),
        ("predict", "key-carried"),
    ):
        assert said(before, stage, name) != said(after, stage, name)


def test_folds_and_carried_models_change_nothing_for_the_entry_itself():
    plain, extended = tiny.parse(), with_folds_and_carried()
    for stage in ("train", "predict", "evaluate"):
        assert said(plain, stage, "key-tiny") == said(extended, stage, "key-tiny")


def test_each_fold_is_a_job_of_its_own():
    declared = with_folds_and_carried()
    folds = entries.resolve(declared, "key-folds").folds
    assert len({stages.declared("train", fold) for fold in folds}) == 5

"""Cross-validation: files of folds, and the pipeline run fold by fold in one process."""

import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import programs
import tiny
from deepmir import paths, report
from deepmir.datasets import duplicates, folds
from deepmir.datasets.index import Member
from deepmir.declarations import entries
from deepmir.errors import DeepmirError
from deepmir.evaluation import pooling, results
from deepmir.report import results_page, terminal

ROOT = Path(__file__).parents[2]
GROUPS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=4), st.sampled_from("xyz"), min_size=8, max_size=60
)


@given(GROUPS, st.integers(3, 8), st.integers(0, 5))
def test_folds_are_of_equal_size_in_all_and_in_every_stratum(groups, number, seed):
    members = [Member(group, stratum) for group, stratum in groups.items()]
    dealt = folds.make(members, number, seed)
    assert set(dealt) == set(groups)
    for stratum in (None, *"xyz"):
        mine = [fold for group, fold in dealt.items() if stratum in (None, groups[group])]
        sizes = [mine.count(fold) for fold in range(number)]
        assert max(sizes) - min(sizes) <= 1
    assert folds.make(reversed(members), number, seed) == dealt


@given(st.integers(3, 9))
def test_every_group_is_tested_once_and_validates_once(number):
    dealt = {f"g{i}": i % number for i in range(3 * number)}
    each = [folds.parts(dealt, number, tested) for tested in range(number)]
    for part, times in (("test", 1), ("validation", 1), ("train", number - 2)):
        said = Counter(group for parts in each for group, of in parts.items() if of == part)
        assert said == dict.fromkeys(dealt, times)


def test_fold_k_is_tested_the_next_one_validates():
    dealt = {"a": 0, "b": 1, "c": 2, "d": 3}
    assert folds.parts(dealt, 4, 3) == {"a": "validation", "b": "train", "c": "train", "d": "test"}


@pytest.mark.parametrize(("groups", "number"), [(2, 3), (9, 2)])
def test_too_few_groups_or_folds_are_refused(groups, number):
    with pytest.raises(DeepmirError, match=f"{number} folds"):
        folds.make([Member(f"g{i}", "") for i in range(groups)], number, 0)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/splits").mkdir(parents=True)
    return tmp_path / "data/splits"


def test_new_groups_get_a_fold_and_no_other_moves(folder):
    members = [Member(f"g{i}", "") for i in range(9)]
    told = folds.deal("set", members, 3, seed=0)
    assert "set-3-folds.csv: folds of 3, 3, 3 groups, 9 of them new" in told
    before = folds.read("set", 3)
    assert "3 of them new" in folds.deal("set", [Member(f"n{i}", "") for i in range(3)], 3, seed=9)
    after = folds.read("set", 3)
    assert {group: after[group] for group in before} == before
    assert len(after) == 12


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("group,part\na,train\n", "line 1: the header must be `group,fold`"),
        ("group,fold\na,3\n", "line 2: expected a group and one of 0, 1, 2"),
        ("group,fold\na,0\na,2\n", "line 3: leak, a is in the fold 0 and in 2"),
        (None, "deepmir split set --folds 3"),
    ],
)
def test_a_file_of_folds_is_checked_as_a_split_file_is(folder, text, said):
    if text is not None:
        (folder / "set-3-folds.csv").write_text(text)
    with pytest.raises(DeepmirError, match=said):
        folds.read("set", 3)


SECTION = {
    "network-3": {"entry": "key-tiny", "dataset": "tiny", "folds": 3},
    "logistic-3": {"entry": "key-logistic", "dataset": "tiny", "folds": 3},
}


def declare(**changes):
    raw = yaml.safe_load(tiny.DECLARED)
    raw["experiments"] = {"key-tiny": raw["experiments"]["key-tiny"]}
    raw["experiments"]["key-tiny"]["training"] = {"epochs": 1, "patches_per_epoch": 4}
    raw["baselines"] = {"key-logistic": raw["baselines"]["key-logistic"]}
    raw["representations"] = {"cqt": raw["representations"]["cqt"]}
    raw |= {"evaluation": {"bootstrap": 100}, "folds": SECTION} | changes
    Path("params.yaml").write_text(yaml.safe_dump(raw))
    return tiny.load()


def folds_of(declared, name):
    return entries.resolve(declared, name).folds


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """Nine recordings in three folds, with a network and a baseline tested on each."""
    root = tmp_path_factory.mktemp("folds")
    tiny.write(root, tracks=9)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        declared = declare()
        folds.write(folds.path("tiny", 3), {f"piece {i}": (i // 2) % 3 for i in range(9)})
        tiny.prepare(declared)
        tiny.make(declared)
        yield declared


@pytest.mark.parametrize("name", SECTION)
def test_the_pooled_result_is_that_of_all_folds_together(line, name):
    each = [tiny.scores(fold.name) for fold in folds_of(line, name)]
    pooled = tiny.scores(name)
    tracks = [track for fold in each for track in fold["per_track"]]
    assert sorted(tracks) == sorted(pooled["per_track"])
    assert len(set(tracks)) == pooled["tracks"] == 9
    for fold in each:
        for key in ("per_track", "rows"):
            assert fold[key].items() <= pooled[key].items()
    weighted = [scores["weighted"] for fold in each for scores in fold["per_track"].values()]
    assert pooled["metrics"]["weighted"]["mean"] == pytest.approx(sum(weighted) / 9)
    assert pooled["folds"] == 3
    assert pooled["declaration"] == SECTION[name]
    summary = json.loads(paths.metrics(name).read_text())
    assert summary["weighted"] == pooled["metrics"]["weighted"]


def test_every_model_was_made_without_the_tracks_it_is_tested_on(line):
    index = tiny.corpus_of(line, "tiny").index
    for number, fold in enumerate(folds_of(line, "logistic-3")):
        data = fold.files.read()
        numbers = {part: {(int(t.id[6:]) // 2) % 3 for t in getattr(data.divided, part)}
                   for part in ("train", "validation", "test")}  # fmt: skip
        assert numbers["test"] == {number}
        assert numbers["validation"] == {(number + 1) % 3}
        assert numbers["train"] == {(number + 2) % 3}
        assert data.index == index
    hashes = {fold.files.read().split_hash for fold in folds_of(line, "network-3")}
    assert len(hashes) == 3


def test_the_folds_of_a_network_are_different_networks(line):
    weights = {
        (fold.folder / "model.safetensors").read_bytes() for fold in folds_of(line, "network-3")
    }
    assert len(weights) == 3


def test_the_table_shows_the_pooled_results_with_the_number_of_folds(line):
    text = terminal.text(results.read(entries.shown(line)), 0.95)
    assert "network-3 (3 folds)" in text
    assert "network-3-fold0" not in text
    assert "than logistic-3" in text or "even with logistic-3" in text
    page = results_page.markdown(results.read(entries.shown(line)), 0.95)
    assert "**network-3** (3 folds)" in page


def test_the_report_shows_the_folds_and_a_page_of_the_pooled_result(line):
    text = report.write(entries.shown(line), 0.95).read_text()
    assert re.search(r"network-3</a>.*?3 folds", text, re.S)
    tracks = [sum((i // 2) % 3 == fold for i in range(9)) for fold in range(3)]
    assert f"3, of {', '.join(map(str, tracks))} tracks" in text
    page = (paths.REPORT_PAGES / "network-3.html").read_text()
    assert "entry: key-tiny" in page
    assert not (paths.REPORT_PAGES / "network-3-fold0.html").exists()


def test_folds_of_other_data_are_not_pooled(line):
    path = folds.path("tiny", 3)
    before = path.read_text()
    path.write_text(before.replace("piece 0,0", "piece 0,1"))
    with pytest.raises(DeepmirError, match="split_hash differs"):
        pooling.pool(entries.resolve(line, "network-3"))
    path.write_text(before)
    with pytest.raises(DeepmirError, match="key-tiny is not in the section `folds`"):
        pooling.pool(entries.resolve(line, "key-tiny"))


def test_the_same_audio_in_two_folds_is_a_leak(line):
    shutil.copytree("recordings", "doubled")
    shutil.copy("doubled/piece 0.wav", "doubled/piece 8.wav")
    source = {"doubled": {"source": "folder", "path": "doubled", "shards": 1}}
    section = {"x": {"entry": "key-tiny", "dataset": "doubled", "folds": 3}}
    raw = yaml.safe_load(Path("params.yaml").read_text())
    declared = tiny.load(datasets={**raw["datasets"], **source}, folds=section)
    folds.write(folds.path("doubled", 3), {f"piece {i}": i % 3 for i in range(9)})
    tiny.base.make_shard("doubled", declared.datasets["doubled"], 0, workers=1)
    duplicates.write(paths.duplicates(["doubled"], tiny.RATE), [])
    message = r"leak: piece 0 \(fold 0, doubled/.*\) and piece 8 \(fold 2, .* are the same audio: "
    with pytest.raises(DeepmirError, match=message):
        entries.resolve(declared, "x").files.read()


def test_snakemake_asks_for_every_fold_and_pools_them(line, tmp_path):
    root = tmp_path / "clone"
    shutil.copytree(".", root, ignore=shutil.ignore_patterns("models", "reports", "predictions"))
    shutil.copy(ROOT / "Snakefile", root)
    command = ["snakemake", "-n", "reports/metrics/network-3.json"]
    command += ["reports/metrics/logistic-3.json"]
    said = programs.run(command, root)
    jobs = dict(re.findall(r"^(\w+)\s+(\d+)$", said, re.M))
    wanted = {"train": "3", "fit": "3", "predict": "6", "pool": "2", "evaluate": "2"}
    assert wanted.items() <= jobs.items()

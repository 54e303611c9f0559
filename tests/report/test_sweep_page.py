"""The page of a sweep and its mentions on other pages, on the tiny tree of the report."""

import csv
import re
import shutil

import pytest
import small_line

from deepmir import cli, paths, report
from deepmir.declarations import entries, loading, sweeps
from deepmir.evaluation import results, scoring
from deepmir.report import results_page, sweep_page, terminal

OTHER = "c2(4,3x3) - p2(2x2) - d1(8) - d1"


@pytest.fixture
def swept(built, tmp_path, monkeypatch):
    """The tree with two seeds each of `key-cnn` and of another, equally good network."""
    shutil.copytree(built[0], tmp_path / "line")
    monkeypatch.chdir(tmp_path / "line")
    raw = {**small_line.DECLARATIONS, "experiments": {**small_line.DECLARATIONS["experiments"]}}
    base = raw["experiments"]["key-cnn"]
    raw["experiments"]["key-cnn"] = {**base, "seeds": 2}
    vary = {"network": {"own": base["network"], "one more": OTHER}}
    raw["sweeps"] = {"depth": {"of": "key-cnn", "vary": vary}}
    (tmp_path / "line/params.yaml").write_text(small_line.json.dumps(raw))
    params = loading.parse(raw)
    for name in {name for group in sweeps.groups(params) for name in group.made}:
        small_line.train(name)
        data = entries.resolve(params, name).files.read()
        small_line.predict(name, data)
        scoring.evaluate(entries.resolve(params, name))
    return params


def table(page):
    """The first table of a page, row by row."""
    lines = [line.strip("| ") for line in page.splitlines() if line.startswith("|")]
    cells = [re.split(r" \| ", line) for line in lines]
    width = len(cells[0])
    return [row for row in cells[2:] if len(row) == width]


def test_a_page_has_every_setting_with_both_kinds_of_spread(swept):
    benchmark = paths.BENCHMARKS / "train"
    benchmark.mkdir(parents=True)
    for name, seconds in (("key-cnn", 80), ("key-cnn-seed-2", 90)):
        with (benchmark / f"{name}.tsv").open("w", newline="") as file:
            csv.writer(file, delimiter="\t").writerows([["s", "h:m:s"], [seconds, "-"]])
    for name in ("depth", "key-cnn"):
        assert cli.main(["sweep", name]) == 0
    page = sweeps.page("depth").read_text()
    own, other = table(page)[:2]
    found = {r.name: r for r in results.read(entries.shown(swept))}
    means = [
        sum(found[name].score["mean"] for name in names) / 2
        for names in (
            ("key-cnn", "key-cnn-seed-2"),
            ("depth-one-more-seed-1", "depth-one-more-seed-2"),
        )
    ]
    assert [own[0], other[0]] == ["own", "one more"]
    assert [own[1], other[1]] == [f"{mean:.3f}" for mean in means]
    scores = [found[name].score["mean"] for name in ("key-cnn", "key-cnn-seed-2")]
    spread = abs(scores[0] - scores[1]) / 2**0.5
    assert own[2] == f"± {spread:.3f}, n = 2"
    assert re.fullmatch(r"\[0\.\d{3}, 0\.\d{3}\]", own[3])
    assert own[4:] == ["reference", "1,234", "1 min 25 s"]
    assert other[4].startswith(f"{means[1] - means[0]:+.3f} [")
    assert other[5:] == ["1,234", "–"]
    for said in ("**Over seeds**: standard deviation", "**Over tracks**: 95% bootstrap interval"):
        assert said in page
    assert "| one more | 2 | depth-one-more-seed-2 | " in page
    assert "than key-krumhansl" in page or "even with key-krumhansl" in page
    assert b"<svg" in sweeps.page("depth").with_suffix(".svg").read_bytes()
    assert "| key-cnn | " in sweeps.page("key-cnn").read_text()


def test_the_same_results_give_the_same_bytes(swept):
    group = sweeps.groups(swept)[1]
    chosen = [entries.resolve(swept, name) for name in sweeps.compared(swept, group)]
    made = []
    for _ in range(2):
        sweep_page.write(group, chosen, 0.95)
        path = sweeps.page("depth")
        made.append((path.read_bytes(), path.with_suffix(".svg").read_bytes()))
    assert made[0] == made[1]


def test_the_results_have_one_row_for_all_seeds_and_none_for_members(swept):
    for name in ("depth", "key-cnn"):
        assert cli.main(["sweep", name]) == 0
    groups = sweeps.groups(swept)
    found = results.table(results.read(entries.shown(swept)), groups)
    for said in (terminal.text(found, 0.95, (), groups), results_page.markdown(found, 0.95)):
        (row,) = [line for line in said.splitlines() if "over 2 seeds" in line]
        assert "key-cnn" in row
        assert "key-krumhansl" in row
        assert "depth-one-more" not in said
        assert "standard deviation over seeds" in said
    assert "[depth](sweeps/depth.md)" in results_page.markdown(found, 0.95, (), groups)
    index = report.write(entries.shown(swept), 0.95, (), groups).read_text()
    assert "over 2 seeds" in index
    assert 'href="sweeps/depth.md"' in index
    pages = {path.stem for path in paths.REPORT_PAGES.glob("*.html")}
    assert pages == {"key-cnn", "beat-crnn", "key-krumhansl", "beat-librosa"}


def test_check_names_every_member(swept, capsys):
    assert cli.main(["check"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "sweep key-cnn: key-cnn, key-cnn-seed-2" in said
    others = "depth-one-more-seed-1, depth-one-more-seed-2"
    assert f"sweep depth: key-cnn, key-cnn-seed-2, {others}" in said


def test_a_sweep_that_there_is_not_is_one_line(swept, capsys):
    assert cli.main(["sweep", "dept"]) == 1
    assert "there is no sweep 'dept' (did you mean 'depth'?)" in capsys.readouterr().err

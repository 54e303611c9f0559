import itertools
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from small_line import DECLARATIONS, SILENT, UNPREDICTED

import tiny
from deepmir import paths, report, tasks
from deepmir.declarations import entries, loading
from deepmir.errors import DeepmirError
from deepmir.evaluation import results
from deepmir.evaluation.results import Result
from deepmir.report import excerpts, glossary, overview
from deepmir.tasks.base import Metric

SYSTEMS = ("key-cnn", "key-krumhansl", "beat-crnn", "beat-librosa")
VOID = {"meta", "link", "img"}


class Reader(HTMLParser):
    """Elements, attributes and text of a page; refuses tags that do not nest."""

    def __init__(self, path):
        super().__init__()
        self.elements, self.open, self.words = [], [], []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert not self.open
        self.text = re.sub(r"\s+", " ", "".join(self.words))

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("style", "script"):
            self.words.append(data)

    def attributes(self, name):
        return [attrs[name] for _, attrs in self.elements if name in attrs]

    def count(self, tag):
        return sum(found == tag for found, _ in self.elements)


@pytest.fixture
def pages(line):
    found = {path.stem: Reader(path) for path in paths.REPORT_PAGES.glob("*.html")}
    return found | {"index": Reader(paths.REPORT)}


def test_the_index_has_every_system_with_its_scores(pages, line):
    index = pages["index"]
    ids = index.attributes("id")
    for name in SYSTEMS:
        assert f"row-{name}" in ids
        scores = json.loads(paths.scores(name).read_text())
        for summary in scores["metrics"].values():
            wanted = "{mean:.3f} [{low:.3f}, {high:.3f}]".format(**summary)
            assert wanted in index.text
        assert f"snakemake --cores 2 reports/metrics/{name}.json" in index.text


def test_the_index_compares_with_the_baselines(pages, line):
    found = results.read(entries.shown(line))
    for result in found:
        for c in results.comparisons(result, found):
            assert f"{c.mean:+.3f}" in pages["index"].text
            assert f"better than {c.baseline}" in pages["index"].text
            assert f"better than {c.baseline}" in pages[result.name].text


def test_the_index_tells_size_data_and_licences(pages, line):
    text = pages["index"].text
    assert "1,234" in text
    data = tiny.corpus_of(line, "toy")
    assert data.data_hash[:8] in text and data.split_hash[:8] in text
    assert "11: 2 for training, 1 for validation, 8 for testing" in text
    assert "CC0 (10); unknown (1)" in text


def test_every_store_is_opened_once(line, monkeypatch):
    """Twenty systems on one data set share its audio."""
    opened, plain = [], overview.Store
    monkeypatch.setattr(overview, "Store", lambda *a: opened.append(a[0]) or plain(*a))
    (used,) = overview.data_sets(results.read(entries.shown(line))).values()
    overview.describe(used)
    assert len(used.entries) == 4
    assert len(set(map(tuple, opened))) == len(opened) < 6  # of which two have features, too


def test_what_was_left_out_is_named_with_its_reason(pages):
    assert SILENT in pages["index"].text
    assert "silent, no sample above" in pages["index"].text
    assert "1 without a prediction" in pages["index"].text
    assert UNPREDICTED in pages["key-cnn"].text
    assert "the disk forgot it <b>" in pages["key-cnn"].text
    assert "without a prediction" not in pages["key-krumhansl"].text


def test_which_way_a_metric_is_better_is_what_its_task_says():
    melody = tasks.get("melody").measures
    false_alarm = glossary.metric("melody", "voicing_false_alarm", melody["voicing_false_alarm"])
    assert false_alarm.meaning.endswith("called melody. Lower is better.")
    recall = glossary.metric("melody", "voicing_recall", melody["voicing_recall"])
    assert "better" not in recall.meaning
    rmse = glossary.metric("mood", "rmse_arousal", tasks.get("mood").measures["rmse_arousal"])
    assert (rmse.title, rmse.meaning) == ("rmse arousal", "Lower is better.")


def test_every_page_holds_all_that_it_shows(pages):
    for page in pages.values():
        assert all(source.startswith("data:") for source in page.attributes("src"))
        text = " ".join(page.attributes("style"))
        assert "url(" not in text
        for _, attrs in page.elements:
            assert not attrs.get("href", "").startswith(("http", "//"))


def test_every_link_leads_somewhere(pages):
    for name, page in pages.items():
        home = paths.REPORT if name == "index" else paths.REPORT_PAGES / f"{name}.html"
        for href in set(page.attributes("href")) - {"data:,"}:
            file, _, anchor = href.partition("#")
            target = (home.parent / file).resolve() if file else home.resolve()
            assert target.exists(), href
            other = pages["index" if target.stem == "index" else target.stem]
            assert not anchor or anchor in other.attributes("id"), href


def test_pages_are_for_everyone(pages):
    for page in pages.values():
        assert page.attributes("lang") == ["en"]
        assert page.count("h1") == 1
        assert page.count("caption") == page.count("table")
        assert len(page.attributes("id")) == len(set(page.attributes("id")))
        assert all(attrs.get("alt") for tag, attrs in page.elements if tag == "img")
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
        assert all(next_ <= level + 1 for level, next_ in itertools.pairwise(levels))


@pytest.mark.parametrize(
    ("name", "sounds"), [("key-cnn", 1), ("beat-crnn", 2), ("beat-librosa", 2)]
)
def test_a_page_shows_and_plays_three_of_the_worst_and_of_the_best(pages, name, sounds):
    page = pages[name]
    assert page.count("article") == 6
    assert page.count("audio") == 6 * sounds
    pictures = [s for s in page.attributes("src") if s.startswith("data:image/png")]
    assert len(pictures) == 6


def test_a_network_is_described_layer_by_layer(pages):
    text = pages["key-cnn"].text
    assert "c2(4,3x3) - p2(2x2) - d1" in text
    assert "4 × 48 × T" in text
    assert "network: c2(4,3x3) - p2(2x2) - d1" in text


def test_the_same_files_give_the_same_pages_and_no_others(line):
    before = {path: path.read_bytes() for path in (paths.REPORT, *paths.REPORT_PAGES.iterdir())}
    (paths.REPORT_PAGES / "of-before.html").write_text("no longer declared")
    assert report.write(entries.shown(line), 0.95) == Path("reports/index.html")
    after = {path: path.read_bytes() for path in (paths.REPORT, *paths.REPORT_PAGES.iterdir())}
    assert after == before


def test_tracks_are_ranked_by_the_primary_metric_then_by_the_others():
    per_track = {"a": {"f": 0.5, "g": 0.9}, "b": {"f": 0.5, "g": 0.1}, "c": {"f": 0.1, "g": 1.0}}
    result = Result(None, {"per_track": per_track, "primary": "f"})
    more, less = Metric(), Metric("less", worst=1.0)
    assert excerpts.ranked(result, {"f": more, "g": more}) == ["c", "b", "a"]
    assert excerpts.ranked(result, {"f": more, "g": less}) == ["c", "a", "b"]
    assert excerpts.ranked(result, {"f": less, "g": more}) == ["b", "a", "c"]


def test_no_track_is_both_of_the_worst_and_of_the_best():
    assert excerpts.extremes("abcdefgh") == (["a", "b", "c"], ["h", "g", "f"])
    assert excerpts.extremes("abc") == (["a"], ["c", "b"])
    assert excerpts.extremes("a") == ([], ["a"])


def test_a_track_without_a_prediction_keeps_its_place_and_is_not_shown(pages):
    words = pages["key-cnn"].text
    places = [int(place) for place in re.findall(r"rank (\d) of 8", words)]
    assert places == [8, 7, 5, 1, 2, 3]  # it is the sixth
    assert f"{UNPREDICTED}, rank" not in words


def test_the_size_is_a_dash_where_nothing_is_learned(line):
    assert overview.parameters(entries.resolve(line, "key-cnn")) == 1234
    assert overview.parameters(entries.resolve(line, "key-krumhansl")) is None


def test_baselines_alone_are_drawn_over_a_mel_spectrogram(line):
    alone = loading.parse({**DECLARATIONS, "experiments": {}})
    found = results.read(entries.shown(alone))
    result = next(result for result in found if result.name == "beat-librosa")
    canvas = excerpts.canvas_of(result, found)
    assert canvas.representation.kind == "mel"
    order = list(result.raw["per_track"])
    worst, best = excerpts.make(result, order, tiny.corpus_of(alone, "toy"), canvas)
    assert len(worst) == len(best) == 3


def test_missing_scores_are_one_clear_line(line):
    path = paths.scores("key-cnn")
    text = path.read_text()
    path.unlink()
    try:
        with pytest.raises(DeepmirError, match=r"key-cnn\.json is missing"):
            report.write(entries.shown(line), 0.95)
    finally:
        path.write_text(text)


def test_a_system_that_states_confidences_shows_how_often_they_are_right(pages):
    text = pages["key-cnn"].text
    assert "over 7 statements about the test tracks" in text
    assert "Expected calibration error 0." in text
    assert "as deepmir analyze states it" not in text  # there is no curve in its card
    assert "Expected calibration error" not in pages["beat-crnn"].text

"""The page of a generator, its row in the tables, and its output on the terminal."""

from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest
import soundfile
import yaml

import chromium
import tiny
from deepmir import generators, paths, report
from deepmir.declarations import generated as declared
from deepmir.errors import DeepmirError
from deepmir.files.writing import write_json
from deepmir.generators.judgement import (
    Estimate,
    Figure,
    Judgement,
    Map,
    Point,
    Sound,
    Sounds,
    estimate,
)
from deepmir.report import generated, results_page, terminal
from deepmir.tasks.base import Metric

MEASURES = MappingProxyType({"error": Metric(better="less"), "recall": Metric()})
METHOD = SimpleNamespace(name="pca", primary="error", measures=MEASURES)


@pytest.fixture
def judged(root, monkeypatch):
    """A generator that is better than one baseline and even with another."""
    monkeypatch.setattr(generators, "get", lambda kind: METHOD)
    row = {"kind": "pca", "dataset": "tiny", "representation": "mel"}
    entry = declared.resolve(tiny.load(generators={"few": row}), "few")
    folder = paths.judgement("few").parent
    folder.mkdir(parents=True)
    soundfile.write(folder / "a.wav", 0.1 * np.sin(np.arange(8000)), 8000)
    (folder / "a.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    points = [Point(0, 0, "t1", "x", "a.wav"), Point(2, 1, "t2", "y")]
    found = Judgement(
        metrics={"error": Estimate(0.25, 0.2, 0.3, 9, 9), "recall": Estimate(0.5, 0.4, 0.6, 9, 9)},
        baselines={"mean": {"error": Estimate(0.75, 0.7, 0.8, 9, 9)}},
        differences={
            "mean": Estimate(-0.5, -0.6, -0.4, 9, 9),
            "copy": Estimate(0.0, -0.1, 0.1, 9, 9),
        },
        figures=[Figure("Curve", "What it says.", "a.svg")],
        sounds=[Sounds("Heard", "Side by side.", [Sound("real", "a.wav", "a.svg")])],
        maps=[Map("Where", "Near is alike.", points)],
        notes=["It <fails> here."],
    )
    raw = {
        "kind": "pca",
        "dataset": "tiny",
        "primary": "error",
        **dict.fromkeys(("model_hash", "data_hash", "split_hash"), "0123456789"),
        "declaration": row,
        **found.as_json(),
    }
    write_json(paths.judgement("few"), raw)
    return generated.read([entry])


def test_a_page_shows_numbers_sounds_pictures_and_the_map(judged):
    report.write([], 0.95, judged=judged)
    page = (paths.REPORT_PAGES / "few.html").read_text()
    assert "better than</strong> <span" in " ".join(page.split())
    assert "even with</strong>" in " ".join(page.split())
    assert page.count("data:audio/mpeg;base64,") == 2  # a player and a point
    assert page.count("data:image/svg+xml;base64,") == 2
    assert page.count("<circle") == 2 and 'cx="97" cy="3"' in page
    assert "It &lt;fails&gt; here." in page
    assert 'href="experiments/few.html"' in paths.REPORT.read_text()


HEARD = """window.heard = [];
HTMLMediaElement.prototype.play = function () { heard.push(this.src); return Promise.resolve(); };
HTMLMediaElement.prototype.pause = function () { heard.push("silence"); };"""


@pytest.mark.browser
@chromium.needs_chromium
def test_pointing_at_a_track_of_the_map_plays_it_after_a_first_click(judged, tmp_path):
    report.write([], 0.95, judged=judged)
    with chromium.started(tmp_path) as browser:
        browser.get((paths.REPORT_PAGES / "few.html").resolve().as_uri())
        browser.execute_script(HEARD)
        point, silent = browser.find_elements("css selector", ".map circle")

        def do(what, where):
            script = "arguments[0].dispatchEvent(new Event(arguments[1]))"
            browser.execute_script(script, where, what)
            return browser.execute_script("return heard.splice(0)")

        assert do("pointerenter", point) == []
        assert browser.find_element("css selector", ".map .said").text == "t1, x"
        assert do("click", point) == [point.get_attribute("data-audio")]
        assert do("pointerleave", point) == ["silence"]
        assert do("pointerenter", point) == [point.get_attribute("data-audio")]
        assert do("pointerenter", silent) == []  # of which there is no recording
        assert browser.get_log("browser") == []


def test_metrics_stand_in_the_order_of_their_kind_and_each_says_what_it_is(root):
    row = {"kind": "pca", "dataset": "tiny", "representation": "mel"}
    entry = declared.resolve(tiny.load(generators={"few": row}), "few")
    measures = generators.get("pca").measures
    found = {name: {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 9} for name in sorted(measures)}
    one = generated.Judged(entry, {"metrics": found, "baselines": {"chance": {}}, "notes": []})
    names, terms = zip(*one.metrics, strict=True)
    assert names == (*measures,)
    assert names[0] == "unexplained" and names[1:4] == tuple(
        f"same_recording_at_{places}" for places in (1, 5, 10)
    )
    assert all(term.meaning for term in terms)


def test_tables_name_what_it_beats(judged):
    row = results_page.markdown([], 0.95, judged=judged)
    assert "even with copy<br>-0.500 [-0.600, -0.400] better than mean |" in row
    said = terminal.text([], 0.95, judged=judged)
    assert "better than mean" in said and "even with copy" in said


def test_a_missing_judgement_is_one_line(judged):
    paths.judgement("few").unlink()
    with pytest.raises(DeepmirError, match="judgement.json is missing: .*snakemake.*--force"):
        generated.read([judged[0].entry])


def test_an_estimate_is_a_mean_with_its_bootstrap_interval(root):
    options = tiny.load().evaluation
    values = np.array([0.0, 1.0] * 50)
    found = estimate(values, options)
    assert found.mean == 0.5 and found.n == 100
    # of 100 draws of a fair coin the mean has a deviation of .05
    assert found.low == pytest.approx(0.4, abs=0.02) and found.high == pytest.approx(0.6, abs=0.02)


def test_the_declaration_is_on_the_page(judged):
    assert yaml.safe_load(judged[0].page()["declaration"])["few"]["kind"] == "pca"

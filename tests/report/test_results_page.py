import re

from deepmir.declarations import entries
from deepmir.evaluation import results
from deepmir.evaluation.results import Result
from deepmir.report import confusion, overview, results_page, terminal


def test_every_system_has_its_score_and_what_it_was_made_from(line):
    page = results_page.markdown(results.read(entries.shown(line)), 0.95)
    found = {result.name: result for result in results.read(entries.shown(line))}
    assert len(found) == 4
    for name, result in found.items():
        (score,) = re.findall(rf"\| \**{name}\** \| \w+ \| (\d\.\d{{3}}) ", page)
        assert float(score) == round(result.score["mean"], 3)
        (made,) = re.findall(rf"^\| {name} \| (\w+) \| (\w+) \|.*metrics/{name}.json", page, re.M)
        assert made == (result.raw["data_hash"][:8], result.raw["split_hash"][:8])
    assert "than beat-librosa" in page or "even with beat-librosa" in page


def test_tracks_that_failed_are_named_on_the_page_and_on_the_terminal(line):
    page = results_page.markdown(results.read(entries.shown(line)), 0.95)
    assert "| key-cnn | piece-9 | the disk forgot it &lt;b&gt; |" in page
    said = (
        "key-cnn: no prediction for 1 test track, given the worst score: piece-9 (the disk forgot"
    )
    assert said in terminal.text(results.read(entries.shown(line)), 0.95)
    assert terminal.text(results.read(entries.shown(line)), 0.95).count("no prediction") == 1


def test_of_many_failures_the_first_are_named_and_the_others_counted(line):
    line_entry = entries.resolve(line, "key-cnn")
    failures = [{"track": f"t{i}", "reason": "gone"} for i in range(5)]
    told = Result(line_entry, {"failures": failures}).failure_note
    assert told.startswith("key-cnn: no prediction for 5 test tracks, given the worst score: ")
    assert told.endswith(": t0 (gone); t1 (gone); t2 (gone); and 2 more")
    assert Result(line_entry, {"failures": []}).failure_note == ""


def test_a_confusion_matrix_counts_every_track_once():
    rows = {"a": (0, 0), "b": (0, 1), "c": (1, 1), "d": (1, -1)}
    raw = {"labels": ["jig", "reel"], "rows": rows, "task": "genre", "primary": "accuracy"}
    assert confusion.of(Result(None, raw)).counts == ((1, 1, 0), (0, 1, 1))
    raw |= {"task": "key", "primary": "weighted"}
    assert confusion.of(Result(None, raw)) is None


def test_a_metric_of_one_label_is_told_from_one_of_an_auxiliary_task():
    assert overview.of_a_label("roc_auc/drums")
    assert not overview.of_a_label("tempo/acc1")
    assert not overview.of_a_label("roc_auc")

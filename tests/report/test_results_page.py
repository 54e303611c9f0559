import re

from deepmir.evaluation import results
from deepmir.evaluation.results import Result
from deepmir.report import confusion, overview, results_page


def test_every_system_has_its_score_and_what_it_was_made_from(line):
    page = results_page.markdown(line)
    found = {result.name: result for result in results.read(line)}
    assert len(found) == 4
    for name, result in found.items():
        (score,) = re.findall(rf"\| \**{name}\** \| \w+ \| (\d\.\d{{3}}) ", page)
        assert float(score) == round(result.score["mean"], 3)
        (made,) = re.findall(rf"^\| {name} \| (\w+) \| (\w+) \|.*metrics/{name}.json", page, re.M)
        assert made == (result.raw["data_hash"][:8], result.raw["split_hash"][:8])
    assert "than beat-librosa" in page or "even with beat-librosa" in page


def test_tracks_that_failed_are_named_on_the_page_and_on_the_terminal(line):
    page = results_page.markdown(line)
    assert "| key-cnn | piece-9 | the disk forgot it &lt;b&gt; |" in page
    said = "key-cnn: no prediction for 1 test track, scored as the worst: piece-9 (the disk forgot"
    assert said in results.text(line)
    assert results.text(line).count("no prediction") == 1


def test_of_many_failures_the_first_are_told_and_the_others_counted():
    failures = [{"track": f"t{i}", "reason": "gone"} for i in range(5)]
    told = Result("x", "key", "toy", "network", "weighted", 9, {"failures": failures}).told_failures
    assert told.startswith("x: no prediction for 5 test tracks, scored as the worst: ")
    assert told.endswith(": t0 (gone); t1 (gone); t2 (gone); and 2 more")
    assert Result("x", "key", "toy", "network", "weighted", 9, {"failures": []}).told_failures == ""


def test_a_confusion_matrix_counts_every_track_once():
    rows = {"a": (0, 0), "b": (0, 1), "c": (1, 1), "d": (1, -1)}
    raw = {"labels": ["jig", "reel"], "rows": rows}
    result = Result("x", "genre", "songs", "network", "accuracy", 4, raw)
    assert confusion.of(result).counts == ((1, 1, 0), (0, 1, 1))
    assert confusion.of(Result("x", "key", "songs", "network", "weighted", 4, raw)) is None


def test_a_metric_of_one_label_is_told_from_one_of_an_auxiliary_task():
    assert overview.of_a_label("roc_auc/drums")
    assert not overview.of_a_label("tempo/acc1")
    assert not overview.of_a_label("roc_auc")

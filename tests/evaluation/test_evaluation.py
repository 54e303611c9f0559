import itertools

import numpy as np
import pytest

from deepmir.declarations import entries, loading
from deepmir.declarations.schema import Evaluation
from deepmir.errors import DeepmirError
from deepmir.evaluation import prediction, results, scoring
from deepmir.features.corpus import Files

OPTIONS = Evaluation(bootstrap=2000, confidence=0.95, seed=0)


def scores(values, metric="f"):
    return {f"t{i}": {metric: float(v)} for i, v in enumerate(values)}


def test_the_summary_is_the_mean_over_tracks_with_its_interval(rng):
    values = rng.normal(0.6, 0.1, 200)
    summary = scoring.summarise(scores(values), OPTIONS)["f"]
    standard_error = values.std() / np.sqrt(200)
    assert summary["mean"] == pytest.approx(values.mean())
    assert summary["low"] == pytest.approx(values.mean() - 1.96 * standard_error, abs=0.003)
    assert summary["high"] == pytest.approx(values.mean() + 1.96 * standard_error, abs=0.003)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    covered = 0
    for seed in range(200):
        values = np.random.default_rng(seed).binomial(1, 0.7, 60).astype(float)
        low, high = scoring.interval(values, Evaluation(bootstrap=400, seed=seed))
        covered += low <= 0.7 <= high
    assert 0.88 <= covered / 200 <= 0.99


def test_tracks_of_one_group_are_drawn_together(rng):
    values = rng.uniform(0, 1, 30)
    alone = scoring.interval(values, OPTIONS)
    alike = scoring.interval(np.repeat(values, 4), OPTIONS, [str(i // 4) for i in range(120)])
    assert alike == pytest.approx(alone)
    ours, theirs = scores(np.repeat(values, 4)), scores(np.repeat(values, 4)[::-1])
    groups = {f"t{i}": str(i // 4) for i in range(120)}
    _, low, high = scoring.difference(ours, theirs, "f", OPTIONS, groups)
    _, *narrow = scoring.difference(ours, theirs, "f", OPTIONS)
    assert high - low == pytest.approx(2 * (narrow[1] - narrow[0]), rel=0.15)


def test_a_metric_that_some_tracks_lack_is_a_mean_over_the_others():
    summary = scoring.summarise({"a": {"f": 1.0, "g": 0.5}, "b": {"f": 0.0}}, OPTIONS)
    assert summary["f"]["mean"] == 0.5
    assert summary["g"]["mean"] == 0.5


def test_a_paired_difference_is_sharper_than_two_intervals(rng):
    hard = rng.uniform(0, 1, 80)
    ours, theirs = scores(hard), scores(hard - 0.05 + rng.normal(0, 0.01, 80))
    mean, low, high = scoring.difference(ours, theirs, "f", OPTIONS)
    assert mean == pytest.approx(0.05, abs=0.005)
    assert 0.04 < low < high < 0.06


def test_a_difference_is_over_the_same_tracks_or_there_is_none():
    ours, theirs = scores([1, 1, 1]), scores([0, 1])
    with pytest.raises(DeepmirError, match="not scored on the same tracks .*the first is t2"):
        scoring.difference(ours, theirs, "f", OPTIONS)
    # A track that neither has the metric of does not matter.
    assert scoring.difference(ours | {"t2": {}}, theirs, "f", OPTIONS)[0] == 0.5


@pytest.mark.parametrize(
    ("low", "high", "more", "less"),
    [
        (0.1, 0.2, "better", "worse"),
        (-0.2, -0.1, "worse", "better"),
        (-0.1, 0.1, "even", "even"),
        (0.0, 0.1, "even", "even"),
        (-0.1, 0.0, "even", "even"),
    ],
)
def test_the_verdict_is_even_where_the_interval_holds_zero(low, high, more, less):
    assert results.Comparison("x", 0.0, low, high, 6).verdict == more
    assert results.Comparison("x", 0.0, low, high, 6, "less").verdict == less
    few = results.Comparison("x", 0.0, low, high, tracks=5)
    assert (few.verdict, few.words) == ("few", "too few tracks to compare with")


class Correlated:
    """A task with a metric of the whole part only: the correlation of two columns."""

    def corpus_metrics(self, rows):
        return {"r": float(np.corrcoef(rows.T)[0, 1])}


def correlated(rng, noise):
    x = rng.normal(size=200)
    y = x + noise * rng.normal(size=200)
    return {f"t{i}": pair for i, pair in enumerate(zip(x, y, strict=True))}


def test_a_metric_of_the_whole_part_has_its_interval_over_tracks(rng):
    summary = scoring.summarise_rows(Correlated(), correlated(rng, 1.0), OPTIONS)["r"]
    low, high = np.tanh(np.arctanh(summary["mean"]) + np.array([-1.96, 1.96]) / np.sqrt(197))
    assert summary["low"] == pytest.approx(low, abs=0.03)  # Fisher's interval
    assert summary["high"] == pytest.approx(high, abs=0.03)


def test_a_difference_in_a_metric_of_the_whole_part_is_paired(rng):
    ours = correlated(rng, 0.5)
    theirs = {t: (x, y + 0.3 * rng.normal()) for t, (x, y) in ours.items()}
    with pytest.raises(DeepmirError, match="not scored on the same tracks .*the first is other"):
        scoring.difference_of_rows(Correlated(), ours, theirs | {"other": (9, -9)}, "r", OPTIONS)
    mean, low, high = scoring.difference_of_rows(Correlated(), ours, theirs, "r", OPTIONS)
    expected = [np.corrcoef(np.array([rows[t] for t in ours]).T)[0, 1] for rows in (ours, theirs)]
    assert mean == pytest.approx(expected[0] - expected[1])
    assert 0 < low < mean < high


def test_many_comparisons_draw_each_system_once(rng):
    class Counted(Correlated):
        asked = 0

        def corpus_metrics(self, rows):
            self.asked += 1
            return super().corpus_metrics(rows)

    task = Counted()
    systems = [correlated(rng, noise) for noise in (0.3, 0.5, 1.0)]
    for ours, theirs in itertools.permutations(systems, 2):
        scoring.difference_of_rows(task, ours, theirs, "r", OPTIONS)
    assert task.asked == len(systems) * (OPTIONS.bootstrap + 1)


class Confident:
    """A baseline that learns, whose card has a threshold; it gives 0.6 for every frame."""

    @staticmethod
    def annotator(folder, task, sample_rate):
        decode = task.decoder(10.0, threshold=0.9)
        return lambda samples: decode(np.full((50, len(task.output.labels)), 0.6))


@pytest.mark.parametrize(("options", "intervals"), [({}, 0), ({"threshold": 0.5}, 1)])
def test_decoder_options_of_params_yaml_reach_a_baseline(monkeypatch, options, intervals):
    declared = loading.parse(
        {
            "datasets": {"x": {"source": "folder", "path": "x"}},
            "representations": {},
            "baselines": {"b": {"dataset": "x", "task": "singing", "method": "mfcc_logistic"}},
            "decoders": {"singing": options},
        }
    )
    monkeypatch.setattr(prediction.baselines, "get", lambda name: Confident)
    monkeypatch.setattr(Files, "open_audio", lambda *_: {})
    monkeypatch.setattr(prediction.downmix, "samples_of", lambda *_: None)
    _, annotate = prediction._baseline(entries.resolve(declared, "b"))
    sung = [o for a in annotate("track") for o in a.observations if o.value != "nonvoice"]
    assert len(sung) == intervals

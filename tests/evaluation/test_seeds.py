"""Several seeds of one network: mean, spread, interval and differences, with manual results."""

import statistics

import numpy as np
import pytest

import tiny
from deepmir.declarations import entries, sweeps
from deepmir.errors import DeepmirError
from deepmir.evaluation import results, scoring
from deepmir.evaluation.results import Result
from deepmir.tasks import mood

KEY = {"dataset": "tiny", "task": "key", "representation": "cqt", "network": "d1"}
PARAMS = tiny.parse(
    experiments={
        "a": {**KEY, "seeds": 3},
        "b": {**KEY, "network": "d1(4) - d1"},
        "m": {**KEY, "task": "mood"},
    },
    evaluation={"bootstrap": 300},
)
SEEDS = ["a", "a-seed-2", "a-seed-3"]
SCORES = ([1.0, 0.0, 0.5, 1.0], [0.5, 0.5, 0.5, 0.8], [1.0, 0.2, 0.3, 0.3])  # of four tracks
OTHER = [0.5, 0.5, 0.5, 0.5]
POINTS = [-0.6, -0.2, 0.2, 0.6]


def result(name, per_track, rows, **changes):
    """The scores of four tracks as the pipeline would write them."""
    entry = entries.resolve(PARAMS, name)
    options = entry.evaluation
    metrics = scoring.summarise(per_track, options)
    metrics |= scoring.summarise_rows(entry.task, rows, options)
    raw = {"task": entry.row.task, "dataset": "tiny", "primary": entry.task.primary, "tracks": 4}
    raw |= {"data_hash": "1", "split_hash": "2", "failures": [], "metrics": metrics}
    return Result(entry, {**raw, "per_track": per_track, "rows": rows, **changes})


def of_tracks(name, scores, **changes):
    return result(name, {f"t{i}": {"weighted": x} for i, x in enumerate(scores)}, {}, **changes)


def seeds():
    return [of_tracks(name, scores) for name, scores in zip(SEEDS, SCORES, strict=True)]


def of_part(name, scale):
    """Estimated moods that are correct except for their scale."""
    rows = {f"t{i}": (x, x, scale * x, scale * x) for i, x in enumerate(POINTS)}
    return result(name, {}, rows)


def draws():
    return np.random.default_rng(0).integers(0, 4, (300, 4))


def test_mean_spread_and_interval_of_a_metric_of_tracks():
    ours = seeds()
    mean = results.average(ours[0], ours)
    assert [t["weighted"] for t in mean.raw["per_track"].values()] == pytest.approx(
        [2.5 / 3, 0.7 / 3, 1.3 / 3, 2.1 / 3]
    )
    assert mean.score["mean"] == pytest.approx(6.6 / 12)
    # Means of the three seeds: 2.5 / 4, 2.3 / 4, 1.8 / 4.
    assert mean.deviation == pytest.approx(statistics.stdev([0.625, 0.575, 0.45]))
    assert mean.spread == "± 0.090 over 3 seeds"
    drawn = np.mean(SCORES, axis=0)[draws()].mean(axis=1)
    ends = np.quantile(drawn, [0.025, 0.975])
    assert [mean.score["low"], mean.score["high"]] == pytest.approx(ends.tolist())


def test_the_difference_of_means_is_paired_track_by_track():
    ours, other = seeds(), of_tracks("b", OTHER)
    mean = results.average(ours[0], ours)
    found = results.compare(mean, results.average(other, [other]))
    gains = np.mean(SCORES, axis=0) - OTHER
    assert found.mean == pytest.approx(0.05)
    ends = np.quantile(gains[draws()].mean(axis=1), [0.025, 0.975])
    assert [found.low, found.high] == pytest.approx(ends.tolist())
    assert found.verdict == "few"


def test_a_metric_of_the_whole_part_is_a_mean_over_seeds_too():
    ours = [of_part("m", 1.0), of_part("m", 0.5)]
    mean = results.average(ours[0], ours)
    # An estimate of half the truth leaves a quarter of the variance: R2 is 1 and 0.75.
    assert mean.score["mean"] == pytest.approx(0.875)
    assert mean.deviation == pytest.approx(0.25 / 2**0.5)
    rows = [np.array([*one.raw["rows"].values()]) for one in ours]
    other = of_part("m", 0.0)
    found = results.compare(mean, other)
    assert found.mean == pytest.approx(0.875)
    drawn = [[mood.TASK.corpus_metrics(each[draw]) for each in rows] for draw in draws()]
    kept = [np.mean([each["r2"] for each in pair]) for pair in drawn if "r2" in pair[0]]
    ends = np.quantile(kept, [0.025, 0.975])
    assert [mean.score["low"], mean.score["high"]] == pytest.approx(ends.tolist())


def test_one_seed_has_no_spread_and_is_as_it_was():
    one = seeds()[0]
    mean = results.average(one, [one])
    assert (mean.deviation, mean.spread) == (None, "")
    assert mean.raw["metrics"] == one.raw["metrics"]


def test_the_table_has_one_row_for_all_seeds():
    other = of_tracks("b", OTHER)
    table = results.table([*seeds(), other], sweeps.groups(PARAMS))
    assert [row.name for row in table] == ["a", "b"]
    assert [len(row.seeds) for row in table] == [3, 0]
    assert table[0].command == "snakemake --cores 2 reports/sweeps/a.md"
    assert table[1].command == "snakemake --cores 2 reports/metrics/b.json"


def test_a_failure_says_of_which_seed_it_is():
    ours = seeds()
    ours[1] = of_tracks("a-seed-2", SCORES[1], failures=[{"track": "t0", "reason": "a bug"}])
    mean = results.average(ours[0], ours)
    assert mean.failures == [("t0", "a-seed-2: a bug")]


def test_seeds_that_were_scored_on_other_data_have_no_mean():
    ours = [*seeds()[:2], of_tracks("a-seed-3", SCORES[2], data_hash="0")]
    with pytest.raises(DeepmirError, match="a and a-seed-3: their scores differ in data_hash"):
        results.average(ours[0], ours)

"""The results: the scores of every entry, and every network against the baselines of its task."""

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from deepmir import paths
from deepmir.declarations import sweeps
from deepmir.declarations.entry import Entry
from deepmir.declarations.sweeps import Group
from deepmir.errors import DeepmirError
from deepmir.evaluation import averages, scoring
from deepmir.tasks.base import Metric
from deepmir.tasks.names import NAMES

SHOWN = 3  # failures that are named on the terminal
FEWEST = 6  # tracks of which a sign test can say anything: five of one sign have p = .06


@dataclass(frozen=True)
class Result:
    """The scores of an entry of `params.yaml`, as `reports/scores/<name>.json` has them.

    Attributes:
        entry: that was scored.
        raw: the values of the file; for several trainings, their means.
        seeds: the results of the trainings that this is the mean of; none for a single training.
    """

    entry: Entry
    raw: dict[str, Any]
    seeds: tuple["Result", ...] = ()

    @property
    def name(self) -> str:
        """Of the entry."""
        return self.entry.name

    @property
    def task(self) -> str:
        """Its name."""
        return str(self.raw["task"])

    @property
    def dataset(self) -> str:
        """The name of the data set that it was tested on."""
        return str(self.raw["dataset"])

    @property
    def kind(self) -> str:
        """Of the system: `network` or `baseline`."""
        return self.entry.kind

    @property
    def tracks(self) -> int:
        """Number of scored tracks."""
        return int(self.raw["tracks"])

    @property
    def groups(self) -> Mapping[str, str]:
        """The group of each track; empty if each is alone."""
        found: Mapping[str, str] = self.raw.get("groups", {})
        return found

    @property
    def primary(self) -> str:
        """The metric by which systems are ranked."""
        return str(self.raw["primary"])

    @property
    def measures(self) -> Mapping[str, Metric]:
        """The description of each metric."""
        return self.entry.task.measures

    @property
    def score(self) -> dict[str, float]:
        """Mean and interval of the primary metric."""
        summary: dict[str, float] = self.raw["metrics"][self.primary]
        return summary

    @property
    def deviation(self) -> float | None:
        """Standard deviation of the primary metric over seeds (n - 1); None for one training."""
        scores = [seed.score["mean"] for seed in self.seeds]
        return statistics.stdev(scores) if len(scores) > 1 else None

    @property
    def spread(self) -> str:
        """The deviation over seeds in words; empty for one training."""
        deviation = self.deviation
        return "" if deviation is None else f"± {deviation:.3f} over {len(self.seeds)} seeds"

    @property
    def command(self) -> str:
        """The command that makes it again."""
        made = sweeps.page if self.seeds else paths.metrics
        return paths.snakemake(str(made(self.name)))

    @property
    def failures(self) -> list[tuple[str, str]]:
        """Test tracks without a prediction, which get the worst score, and why."""
        return [(failure["track"], failure["reason"]) for failure in self.raw["failures"]]

    @property
    def failure_note(self) -> str:
        """How many test tracks failed, and the first few with their reasons; empty without any."""
        number = len(self.failures)
        if not number:
            return ""
        named = [f"{track} ({reason})" for track, reason in self.failures[:SHOWN]]
        named += [f"and {number - SHOWN} more"] if number > SHOWN else []
        tracks = "1 test track" if number == 1 else f"{number} test tracks"
        return f"{self.name}: no prediction for {tracks}, given the worst score: {'; '.join(named)}"

    @property
    def origin(self) -> str:
        """In words, for a carried-over model, a cross-validation or a search; else empty."""
        if self.entry.trained_on:
            return f"{self.entry.model}, trained on {self.entry.trained_on}"
        if self.entry.trials:
            return f"the best of {self.entry.trials} by validation"
        return f"{len(self.entry.folds)} folds" if self.entry.folds else ""


@dataclass(frozen=True)
class Comparison:
    """The score of a network minus that of a baseline on the same tracks, with a paired interval.

    Attributes:
        baseline: its name.
        mean: the difference, in the unit of the metric.
        low: lower end of its interval.
        high: upper end of its interval.
        tracks: how many are compared, a group as one.
        better: whether more or less of the metric is better.
    """

    baseline: str
    mean: float
    low: float
    high: float
    tracks: int
    better: Literal["more", "less"] = "more"

    @property
    def verdict(self) -> str:
        """In a word: `even` if the interval includes zero, `few` if there are too few tracks."""
        if self.tracks < FEWEST:
            return "few"
        if self.low <= 0 <= self.high:
            return "even"
        return "better" if (self.low > 0) == (self.better == "more") else "worse"

    @property
    def words(self) -> str:
        """The verdict before the name of the baseline."""
        own = {"even": "even with", "few": "too few tracks to compare with"}
        return own.get(self.verdict, f"{self.verdict} than")


def read(entries: Iterable[Entry]) -> list[Result]:
    """The results of entries: by task, by data set, networks first, the best first.

    Raises:
        DeepmirError: when one is missing or broken.
    """
    return sorted((read_one(entry) for entry in entries), key=_rank)


def _rank(result: Result) -> tuple[int, str, bool, float, str]:
    order = NAMES.index(result.task)
    score = result.measures[result.primary].sign * result.score["mean"]
    return order, result.dataset, result.kind != "network", -score, result.name


def read_one(entry: Entry) -> Result:
    """The result of an entry.

    Raises:
        DeepmirError: when it is missing or broken.
    """
    path = paths.scores(entry.name)
    again = paths.again(path)
    try:
        raw = json.loads(path.read_text())
        for key in ("task", "dataset", "primary", "tracks", "metrics", "failures"):
            raw[key]
    except FileNotFoundError:
        raise DeepmirError(f"{path} is missing: {again}") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DeepmirError(f"{path} is broken ({error}): {again}") from None
    return Result(entry, raw)


def average(first: Result, seeds: Sequence[Result]) -> Result:
    """The mean of several trainings, track by track, so its interval is over tracks only.

    Args:
        first: whose name it has.
        seeds: one result of each training.

    Raises:
        DeepmirError: when they are not from the same data.
    """
    for other in seeds:
        try:
            _check_same(first, other)
        except DeepmirError as error:
            raise _stale(first, other, error) from None
    options = first.entry.evaluation
    per_track = averages.per_track([seed.raw["per_track"] for seed in seeds])
    rows = averages.rows([seed.raw["rows"] for seed in seeds])
    judge = averages.Mean.of(first.entry.task, seeds[0].raw["rows"])
    metrics = {
        **scoring.summarise(per_track, options, first.groups),
        **scoring.summarise_rows(judge, rows, options, first.groups),
    }
    failures = [
        {"track": track, "reason": f"{seed.name}: {reason}"}
        for seed in seeds
        for track, reason in seed.failures
    ]
    raw = {"metrics": metrics, "per_track": per_track, "rows": rows, "failures": failures}
    return Result(first.entry, {**first.raw, **raw}, tuple(seeds))


def table(found: Sequence[Result], groups: Sequence[Group]) -> list[Result]:
    """The results as shown in tables: experiments with `seeds` by their means, without members.

    Args:
        found: all of them.
        groups: the sweeps that are declared; each has a page for its members.
    """
    named = {result.name: result for result in found}
    made = {name for group in groups for name in group.made}
    shown = {name: result for name, result in named.items() if name not in made}
    for group in groups:
        if group.name in shown:
            seeds = [named[name] for name in group.members]
            shown[group.name] = average(named[group.name], seeds)
    return sorted(shown.values(), key=_rank)


def searched(found: Iterable[Result]) -> list[str]:
    """The names of those that a search has chosen; each has a page for its trials."""
    return sorted(result.name for result in found if result.entry.trials)


def comparisons(result: Result, results: Sequence[Result]) -> list[Comparison]:
    """A network against every baseline of the same task on the same tracks.

    Raises:
        DeepmirError: when scores are stale and therefore from different tracks.
    """
    if result.kind != "network":
        return []
    return [
        compare(result, other)
        for other in results
        if other.kind == "baseline" and _comparable(other) == _comparable(result)
    ]


def _comparable(result: Result) -> tuple[Any, ...]:
    """What two systems that are compared have in common: task, labels, data set and folds."""
    return result.task, result.entry.row.labels, result.dataset, result.raw.get("folds")


def compare(result: Result, other: Result) -> Comparison:
    """The score of one system minus that of another on the same tracks.

    Raises:
        DeepmirError: when scores are stale and therefore from different tracks.
    """
    try:
        difference = _difference(result, other)
    except DeepmirError as error:
        raise _stale(result, other, error) from None
    better = result.measures[result.primary].better
    return Comparison(other.name, *difference, _compared(result), better)


def _compared(result: Result) -> int:
    """The tracks by which it is compared, each group of them once."""
    tracks = result.raw["rows"]
    if result.measures[result.primary].of == "track":
        tracks = [t for t, scores in result.raw["per_track"].items() if result.primary in scores]
    return len({*scoring.grouped(tracks, result.groups)})


def _difference(result: Result, other: Result) -> tuple[float, float, float]:
    """Of the primary metric: track by track where each track has it, else of the whole part."""
    _check_same(result, other)
    metric, options = result.primary, result.entry.evaluation
    if result.measures[metric].of == "track":
        ours, theirs = (each.raw["per_track"] for each in (result, other))
        return scoring.difference(ours, theirs, metric, options, result.groups)
    ours, theirs = (each.raw["rows"] for each in (result, other))
    judge = averages.Mean.of(result.entry.task, [*result.seeds, result][0].raw["rows"])
    return scoring.difference_of_rows(judge, ours, theirs, metric, options, result.groups)


def _check_same(result: Result, other: Result) -> None:
    for key in ("data_hash", "split_hash", "primary"):
        if result.raw[key] != other.raw[key]:
            raise DeepmirError(f"their scores differ in {key}")


def _stale(result: Result, other: Result, error: DeepmirError) -> DeepmirError:
    both = (str(paths.scores(each.name)) for each in (result, other))
    again = paths.snakemake("--force", *both)
    return DeepmirError(f"{result.name} and {other.name}: {error}: make both again with `{again}`")

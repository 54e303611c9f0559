"""The results as a table: every network beside the baselines of its task."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from deepmir import paths, tasks
from deepmir.declarations.schema import Params
from deepmir.errors import DeepmirError
from deepmir.evaluation import scoring
from deepmir.tasks.base import Metric
from deepmir.tasks.names import NAMES

SHOWN = 3  # failures that are told by name on the terminal


@dataclass(frozen=True)
class Result:
    """The scores of an entry of `params.yaml`, as `reports/scores/<name>.json` has them."""

    name: str
    task: str
    dataset: str
    kind: str
    primary: str
    tracks: int
    raw: dict[str, Any]

    @property
    def score(self) -> dict[str, float]:
        """Mean and interval of the primary metric."""
        summary: dict[str, float] = self.raw["metrics"][self.primary]
        return summary

    @property
    def failures(self) -> list[tuple[str, str]]:
        """Test tracks that have no prediction, and why; they count as the worst that there is."""
        return [(failure["track"], failure["reason"]) for failure in self.raw["failures"]]

    @property
    def told_failures(self) -> str:
        """How many test tracks failed, and the first few with their reasons; empty without any."""
        number = len(self.failures)
        if not number:
            return ""
        told = [f"{track} ({reason})" for track, reason in self.failures[:SHOWN]]
        told += [f"and {number - SHOWN} more"] if number > SHOWN else []
        tracks = "1 test track" if number == 1 else f"{number} test tracks"
        return f"{self.name}: no prediction for {tracks}, scored as the worst: {'; '.join(told)}"

    @property
    def origin(self) -> str:
        """In words, of a model that was carried over or of a cross-validation; else empty."""
        if "trained_on" in self.raw:
            return f"{self.raw['model']}, trained on {self.raw['trained_on']}"
        return f"{self.raw['folds']} folds" if "folds" in self.raw else ""


@dataclass(frozen=True)
class Comparison:
    """The score of a network less that of a baseline on the same tracks, with a paired interval.

    Attributes:
        baseline: its name.
        mean: the difference, in what the metric is told in.
        low: lower end of its interval.
        high: upper end of its interval.
        better: whether more or less of the metric is better.
    """

    baseline: str
    mean: float
    low: float
    high: float
    better: Literal["more", "less"] = "more"

    @property
    def verdict(self) -> str:
        """In a word; `even` where the interval holds zero."""
        if self.low <= 0 <= self.high:
            return "even"
        return "better" if (self.low > 0) == (self.better == "more") else "worse"


def read(params: Params) -> list[Result]:
    """All results: by task in the order of the tutorial, by data set, networks first, best first.

    Raises:
        DeepmirError: when one is missing or broken.
    """
    return sorted((read_one(name) for name in params.shown), key=lambda r: _rank(r, params))


def _rank(result: Result, params: Params) -> tuple[int, str, bool, float, str]:
    order = NAMES.index(result.task)
    kind = result.kind != "network"
    score = measures(result, params)[result.primary].sign * result.score["mean"]
    return order, result.dataset, kind, -score, result.name


def measures(result: Result, params: Params) -> Mapping[str, Metric]:
    """What each metric of a result is."""
    return tasks.of(params.entry(result.name)).measures


def read_one(name: str) -> Result:
    """The result of an entry of `params.yaml`.

    Raises:
        DeepmirError: when it is missing or broken.
    """
    path = paths.scores(name)
    try:
        raw = json.loads(path.read_text())
        keys = ("task", "dataset", "kind", "primary", "tracks")
        return Result(name=name, raw=raw, **{key: raw[key] for key in keys})
    except FileNotFoundError:
        raise DeepmirError(f"{path} is missing: run snakemake to make it") from None
    except (ValueError, KeyError) as error:
        raise DeepmirError(f"{path} is broken ({error}): delete it and run snakemake") from None


def comparisons(result: Result, results: Sequence[Result], params: Params) -> list[Comparison]:
    """A network against every baseline that is told the same question on the same tracks.

    Raises:
        DeepmirError: when scores are stale, so that they are of different tracks after all.
    """
    if result.kind != "network":
        return []
    found = []
    for other in results:
        if other.kind == "baseline" and _question(other, params) == _question(result, params):
            try:
                difference = _difference(result, other, params)
            except DeepmirError as error:
                raise DeepmirError(f"{result.name} and {other.name}: {error}") from None
            better = measures(result, params)[result.primary].better
            found.append(Comparison(other.name, *difference, better))
    return found


def _question(result: Result, params: Params) -> tuple[Any, ...]:
    """What two systems that are compared have in common: task, labels, data set and folds."""
    labels = params.entry(result.name).labels
    return result.task, labels, result.dataset, result.raw.get("folds")


def _difference(result: Result, other: Result, params: Params) -> tuple[float, float, float]:
    """Of the primary metric: track by track where each track has it, else of the whole part."""
    for key in ("data_hash", "split_hash", "primary"):
        if result.raw[key] != other.raw[key]:
            raise DeepmirError(f"their scores differ in {key}: run snakemake to make them again")
    metric, options = result.primary, params.evaluation
    if measures(result, params)[metric].of == "track":
        ours, theirs = (each.raw["per_track"] for each in (result, other))
        return scoring.difference(ours, theirs, metric, options)
    task = tasks.of(params.entry(result.name))
    ours, theirs = (each.raw["rows"] for each in (result, other))
    return scoring.difference_of_rows(task, ours, theirs, metric, options)


def text(params: Params, notes: Sequence[str] = ()) -> str:
    """The table for a terminal, and where to look for more; notes say what is left out."""
    results = read(params)
    titles = ("task", "data set", "system", "metric", "score", "interval", "tracks")
    rows: list[tuple[str, ...]] = [(*titles, "against baselines")]
    for result in results:
        score = result.score
        against = (
            f"{c.mean:+.3f} [{c.low:+.3f}, {c.high:+.3f}] {c.verdict} than {c.baseline}"
            if c.verdict != "even"
            else f"{c.mean:+.3f} [{c.low:+.3f}, {c.high:+.3f}] even with {c.baseline}"
            for c in comparisons(result, results, params)
        )
        first, *others = [*against] or [""]
        interval = f"[{score['low']:.3f}, {score['high']:.3f}]"
        system = f"{result.name} ({result.origin})" if result.origin else result.name
        cells = (result.task, result.dataset, system, result.primary, f"{score['mean']:.3f}")
        rows.append((*cells, interval, str(result.tracks), first))
        rows += [("",) * len(titles) + (other,) for other in others]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    dashboard = "make dashboard" if paths.study() is None else paths.deepmir("dashboard")
    failed = [result.told_failures for result in results if result.failures]
    share = f"{params.evaluation.confidence:.0%}"
    return "\n".join(
        [
            *lines,
            "",
            *notes,
            *failed,
            f"Test tracks alone; intervals are {share} bootstrap over tracks, differences paired.",
            f"Report:    {paths.from_top(paths.REPORT)}",
            f"Dashboard: {dashboard}",
        ]
    )

"""The results as a table: every network beside the baselines of its task."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deepmir import evaluation, paths, tasks
from deepmir.errors import DeepmirError
from deepmir.params import Params
from deepmir.tasks.names import NAMES


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
    def origin(self) -> str:
        """In words, of a model that was carried over or of a cross-validation; else empty."""
        if "trained_on" in self.raw:
            return f"{self.raw['model']}, trained on {self.raw['trained_on']}"
        return f"{self.raw['folds']} folds" if "folds" in self.raw else ""


@dataclass(frozen=True)
class Comparison:
    """How much better a network is than a baseline on the same tracks, with a paired interval."""

    baseline: str
    mean: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """In a word; `even` where the interval holds zero."""
        return "better" if self.low > 0 else "worse" if self.high < 0 else "even"


def read(params: Params) -> list[Result]:
    """All results: by task in the order of the tutorial, by data set, networks first, best first.

    Raises:
        DeepmirError: when one is missing or broken.
    """
    return sorted((read_one(name) for name in params.shown), key=_rank)


def _rank(result: Result) -> tuple[int, str, bool, float, str]:
    order = NAMES.index(result.task)
    kind = result.kind != "network"
    return order, result.dataset, kind, -result.score["mean"], result.name


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
    """A network against every baseline of the same task and data set."""
    if result.kind != "network":
        return []
    return [
        Comparison(other.name, *_difference(result, other, params))
        for other in results
        if other.kind == "baseline" and (other.task, other.dataset) == (result.task, result.dataset)
    ]


def _difference(result: Result, other: Result, params: Params) -> tuple[float, float, float]:
    """Of the primary metric: track by track where each track has it, else of the whole part."""
    metric, options = result.primary, params.evaluation
    task = tasks.get(result.task, params.entry(result.name).labels)
    per_track = result.raw["per_track"]
    if any(metric in scores for scores in per_track.values()):
        return evaluation.difference(per_track, other.raw["per_track"], metric, options)
    return evaluation.difference_of_rows(
        task, result.raw["rows"], other.raw["rows"], metric, options
    )


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
    share = f"{params.evaluation.confidence:.0%}"
    return "\n".join(
        [
            *lines,
            "",
            *notes,
            f"Test tracks alone; intervals are {share} bootstrap over tracks, differences paired.",
            f"Report:    {paths.from_top(paths.REPORT)}",
            f"Dashboard: {dashboard}",
        ]
    )

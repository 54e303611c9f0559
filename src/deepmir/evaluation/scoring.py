"""Evaluation: scores of a folder of predictions, from JAMS files alone.

Every test track counts: one without a prediction gets the worst value of each metric and is named.
Results contain the value of each track, a bootstrap interval of each mean, and the hashes of data,
split and configuration. If a split keeps similar tracks together, the bootstrap draws them
together.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from deepmir import paths
from deepmir.declarations.entry import Entry
from deepmir.declarations.schema import Evaluation
from deepmir.errors import DeepmirError
from deepmir.evaluation import predictions
from deepmir.features import corpus
from deepmir.files import annotations
from deepmir.files.writing import hash_file, write_json
from deepmir.tasks.base import Task


def evaluate(entry: Entry) -> dict[str, Any]:
    """Score the predictions of an entry; writes its scores and returns them.

    Raises:
        DeepmirError: when predictions are missing, have changed, or were made for other data or
            another split; when no test track has a prediction and an annotation for the task.
    """
    name, task = entry.name, entry.task
    data = entry.files.read()
    listed = predictions.read(name, data)
    failed = {failure["track"] for failure in listed["failures"]}
    per_track, rows = _scores(name, task, data, failed)
    groups = _groups(data, {*per_track, *rows})
    metrics = {
        **summarise(per_track, entry.evaluation, groups),
        **summarise_rows(task, rows, entry.evaluation, groups),
    }
    if task.primary not in metrics:
        raise DeepmirError(
            f"{name}: the test part of {data.name} cannot be scored by {task.primary}, "
            f"the primary metric of {task.name}: its annotations cover too few tracks or "
            "classes"
        )
    result: dict[str, Any] = {
        "experiment": name,
        "kind": entry.kind,
        "task": entry.row.task,
        "dataset": data.name,
        "part": "test",
        **_origin(entry),
        "primary": task.primary,
        "tracks": len({*per_track, *rows}),
        "failures": listed["failures"],
        "metrics": metrics,
        "per_track": per_track,
        "rows": rows,
        **({"groups": groups} if groups else {}),
        "labels": task.output.labels,
        "data_hash": data.data_hash,
        "split_hash": data.split_hash,
        "predictions_hash": hash_file(paths.predictions(name)),
        "model_hash": listed["model_hash"],
        "declaration": entry.declaration,
    }
    write_json(paths.scores(name), result)
    write_json(paths.metrics(name), means(result))
    return result


def means(scores: Mapping[str, Any]) -> dict[str, Any]:
    """What DVC compares of the scores of an entry: means with their intervals."""
    return {"tracks": scores["tracks"], **scores["metrics"]}


def _origin(entry: Entry) -> dict[str, Any]:
    """Where the model of a result comes from, if it was carried over or cross-validated."""
    if entry.trained_on:
        return {"model": entry.model, "trained_on": entry.trained_on}
    return {"folds": len(entry.folds)} if entry.folds else {}


def _groups(data: corpus.Corpus, scored: Collection[str]) -> dict[str, str]:
    """The group of each track; none where no two tracks are of one."""
    groups = {track.id: track.group for track in data.divided.test if track.id in scored}
    return groups if len({*groups.values()}) < len(groups) else {}


Rows = dict[str, tuple[float, ...]]
PerTrack = dict[str, dict[str, float]]
Groups = Mapping[str, str]
ALONE: Groups = {}


def _scores(name: str, task: Task, data: corpus.Corpus, failed: set[str]) -> tuple[PerTrack, Rows]:
    """The metrics of every test track, and what the metrics of the whole part are made from."""
    scores: PerTrack = {}
    rows: Rows = {}
    for track, reference in corpus.read_annotations(data.divided.test, task.namespaces).items():
        if track in failed:
            scores[track], row = task.failed(reference), task.failed_row(reference)
        else:
            estimate = annotations.read(paths.prediction(name, track))
            scores[track], row = task.metrics(reference, estimate), task.row(reference, estimate)
        if row is not None:
            rows[track] = row
    estimated = {metric for track in scores.keys() - failed for metric in scores[track]}
    if not estimated and not rows.keys() - failed:
        raise DeepmirError(f"{name}: no test track could be scored for the task {task.name}")
    # A metric that a system has for no track (such as downbeats) is not held against it on the
    # tracks that failed; a track whose annotation the task cannot use has no score.
    kept = {t: {m: v for m, v in each.items() if m in estimated} for t, each in scores.items()}
    return {track: values for track, values in kept.items() if values}, rows


def grouped(tracks: Iterable[str], groups: Groups) -> list[str]:
    """The group of each track; one that is in none is a group of its own."""
    return [groups.get(track, track) for track in tracks]


def summarise(
    per_track: PerTrack, options: Evaluation, groups: Groups = ALONE
) -> dict[str, dict[str, float]]:
    """Mean of each metric over the tracks that have it, with a percentile bootstrap interval.

    Args:
        per_track: the metrics of each track.
        options: of the bootstrap.
        groups: of the tracks, drawn as a whole; see :func:`grouped`.
    """
    names = sorted({metric for values in per_track.values() for metric in values})
    summary = {}
    for name in names:
        tracks = [track for track, values in sorted(per_track.items()) if name in values]
        values = np.array([per_track[track][name] for track in tracks])
        low, high = interval(values, options, grouped(tracks, groups))
        summary[name] = {"mean": float(values.mean()), "low": low, "high": high}
    return summary


class Judge(Hashable, Protocol):
    """A task, as far as metrics of a whole part are concerned."""

    def corpus_metrics(self, rows: npt.NDArray[np.float64], /) -> dict[str, float]:
        """As :meth:`Task.corpus_metrics`."""


def summarise_rows(
    judge: Judge, rows: Rows, options: Evaluation, groups: Groups = ALONE
) -> dict[str, dict[str, float]]:
    """The metrics of the part as a whole, with percentile bootstrap intervals over tracks.

    The arguments are those of :func:`summarise`.
    """
    if not rows:
        return {}
    values = np.array([rows[track] for track in sorted(rows)])
    means = judge.corpus_metrics(values)
    drawn = [
        judge.corpus_metrics(values[draw]) for draw in draws(grouped(sorted(rows), groups), options)
    ]
    summary = {}
    for name, mean in means.items():
        # A draw may hold one class alone, of which there is no such metric.
        found = [scores[name] for scores in drawn if name in scores]
        low, high = _quantiles(np.array(found), options) if found else (mean, mean)
        summary[name] = {"mean": mean, "low": low, "high": high}
    return summary


def interval(
    values: npt.NDArray[np.float64], options: Evaluation, groups: Sequence[str] = ()
) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean (Efron, 1979), groups drawn with replacement.

    Args:
        values: of tracks, shape (tracks,).
        options: of the bootstrap.
        groups: of the tracks; by default each is alone.
    """
    drawn = draws(groups or [*map(str, range(len(values)))], options)
    if isinstance(drawn, np.ndarray):
        return _quantiles(values[drawn].mean(axis=1), options)
    return _quantiles(np.array([values[draw].mean() for draw in drawn]), options)


Draws = npt.NDArray[np.int64] | tuple[npt.NDArray[np.int64], ...]


def draws(groups: Sequence[str], options: Evaluation) -> Draws:
    """The places of the tracks of each draw, whose groups are drawn with replacement.

    Args:
        groups: of the tracks.
        options: of the bootstrap.

    Returns:
        Shape (draws, tracks); where some tracks share a group, draws of any length.
    """
    return _draws(_numbered(groups), options)


def _numbered(groups: Iterable[str]) -> tuple[int, ...]:
    """The number of each track's group, by their first tracks."""
    numbers: dict[str, int] = {}
    return tuple(numbers.setdefault(group, len(numbers)) for group in groups)


@lru_cache(maxsize=1)  # all metrics and systems of a data set draw the same tracks
def _draws(groups: tuple[int, ...], options: Evaluation) -> Draws:
    rng = np.random.default_rng(options.seed)
    number = len({*groups})
    drawn = rng.integers(0, number, (options.bootstrap, number))
    drawn.setflags(write=False)
    if number == len(groups):
        return drawn
    members = [np.flatnonzero(np.array(groups) == group) for group in range(number)]
    return tuple(np.concatenate([members[group] for group in draw]) for draw in drawn.tolist())


def _quantiles(values: npt.NDArray[np.float64], options: Evaluation) -> tuple[float, float]:
    tail = (1 - options.confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)


def difference(
    ours: PerTrack, theirs: PerTrack, metric: str, options: Evaluation, groups: Groups = ALONE
) -> tuple[float, float, float]:
    """Mean difference of a metric of each track, and its paired bootstrap interval.

    Args:
        ours: the metrics of each track.
        theirs: of the other system.
        metric: which.
        options: of the bootstrap.
        groups: as for :func:`summarise`.

    Raises:
        DeepmirError: when the two do not have it for the same tracks.
    """
    pair = [{t: v[metric] for t, v in each.items() if metric in v} for each in (ours, theirs)]
    tracks = _same(pair[0], pair[1])
    values = np.array([pair[0][track] - pair[1][track] for track in tracks])
    low, high = interval(values, options, grouped(tracks, groups))
    return float(values.mean()), low, high


def difference_of_rows(
    judge: Judge, ours: Rows, theirs: Rows, metric: str, options: Evaluation, groups: Groups = ALONE
) -> tuple[float, float, float]:
    """Difference in a metric of the whole part, and its paired bootstrap interval.

    The arguments are those of :func:`difference`.

    Raises:
        DeepmirError: when the two do not have rows for the same tracks.
    """
    tracks = _same(ours, theirs)
    pair = [np.array([rows[track] for track in tracks], np.float64) for rows in (ours, theirs)]
    numbers = _numbered(grouped(tracks, groups))
    mine, other = (_of_draws(judge, numbers, values.tobytes(), metric, options) for values in pair)
    drawn = mine[1:] - other[1:]
    # A draw may hold one class alone, of which there is no such metric.
    return float(mine[0] - other[0]), *_quantiles(drawn[np.isfinite(drawn)], options)


@lru_cache(maxsize=32)  # a system is compared with many others, and is drawn once
def _of_draws(
    judge: Judge, groups: tuple[int, ...], rows: bytes, metric: str, options: Evaluation
) -> npt.NDArray[np.float64]:
    """A metric of the whole part, then that of each draw of its tracks; NaN where there is none."""
    values = np.frombuffer(rows).reshape(len(groups), -1)
    drawn = [np.arange(len(groups)), *_draws(groups, options)]
    return np.array([judge.corpus_metrics(values[draw]).get(metric, np.nan) for draw in drawn])


def _same(ours: Collection[str], theirs: Collection[str]) -> list[str]:
    """The tracks of both, sorted: the annotations alone decide which can be scored."""
    different = sorted(set(ours) ^ set(theirs))
    if different:
        raise DeepmirError(
            f"they are not scored on the same tracks ({len(different)} differ, the first is "
            f"{different[0]})"
        )
    return sorted(ours)

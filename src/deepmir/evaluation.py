"""Evaluation: scores of a folder of predictions, from JAMS files alone.

Every test track counts, the ones that have no prediction included: they score zero and are named.
Results carry the value of each track, a bootstrap interval of each mean, and the hashes of data,
split and configuration.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir import annotations, corpus, datasets, listing, paths, tasks
from deepmir.annotations import Jams
from deepmir.errors import DeepmirError
from deepmir.params import Baseline, Evaluation, Params
from deepmir.store import write_json
from deepmir.tasks.base import Task


def evaluate(params: Params, name: str) -> Path:
    """Score the predictions of an entry; returns the path of the scores.

    Raises:
        DeepmirError: when predictions are missing or were made for other data or another split.
    """
    entry = params.entry(name)
    data = corpus.of(params, entry)
    listed = listing.read(name, data)
    task = tasks.of(entry)
    per_track, rows = _scores(name, task, data)
    result: dict[str, Any] = {
        "experiment": name,
        "kind": "baseline" if isinstance(entry, Baseline) else "network",
        "task": entry.task,
        "dataset": entry.dataset,
        "part": "test",
        **_origin(params, name),
        "primary": task.primary,
        "tracks": len(per_track),
        "failures": listed["failures"],
        "metrics": {
            **summarise(per_track, params.evaluation),
            **summarise_rows(task, rows, params.evaluation),
        },
        "per_track": per_track,
        "rows": rows,
        "labels": task.output.labels,
        "data_hash": data.data_hash,
        "split_hash": data.split_hash,
        "predictions_hash": datasets.hash_file(paths.predictions(name)),
        "model_hash": listed["model_hash"],
        "declaration": params.declaration(name).model_dump(mode="json"),
    }
    write_json(paths.scores(name), result)
    write_json(paths.metrics(name), {"tracks": len(per_track), **result["metrics"]})
    return paths.scores(name)


def _origin(params: Params, name: str) -> dict[str, Any]:
    """What a result says of a model that was carried over, or of a cross-validation."""
    if name in params.carried:
        model = params.model_of(name)
        return {"model": model, "trained_on": params.entry(model).dataset}
    if name in params.folds:
        return {"folds": params.folds[name].folds}
    return {}


Rows = dict[str, tuple[float, ...]]


def _scores(name: str, task: Task, data: corpus.Corpus) -> tuple[dict[str, dict[str, float]], Rows]:
    """The metrics of every test track, and what the metrics of the whole part are made from."""
    scores: dict[str, dict[str, float]] = {}
    rows: Rows = {}
    unpredicted = []
    references = corpus.read_annotations(data.divided.test, task.namespaces)
    for track, reference in references.items():
        path = paths.prediction(name, track)
        # A track without a prediction is scored as if nothing had been found in it.
        estimate = annotations.read(path) if path.exists() else Jams(reference.duration, ())
        values = task.metrics(reference, estimate)
        row = task.row(reference, estimate)
        if row is not None:
            rows[track] = row
        if values:  # a track whose annotation the task cannot use has no score
            scores[track] = values
            unpredicted += [] if path.exists() else [track]
    if len(scores) == len(unpredicted):
        raise DeepmirError(f"{name}: no test track could be scored for the task {task.name}")
    # What a system did not say of a track counts as wrong, where more of a metric is better.
    for track in unpredicted:
        scores[track] |= {task.primary: scores[track].get(task.primary, 0.0)}
    return scores, rows


def summarise(
    per_track: dict[str, dict[str, float]], options: Evaluation
) -> dict[str, dict[str, float]]:
    """Mean of each metric over the tracks that have it, with a percentile bootstrap interval."""
    names = sorted({metric for values in per_track.values() for metric in values})
    summary = {}
    for name in names:
        values = np.array([v[name] for _, v in sorted(per_track.items()) if name in v])
        low, high = interval(values, options)
        summary[name] = {"mean": float(values.mean()), "low": low, "high": high}
    return summary


def summarise_rows(task: Task, rows: Rows, options: Evaluation) -> dict[str, dict[str, float]]:
    """The metrics that only the whole part has, with percentile bootstrap intervals over tracks."""
    if not rows:
        return {}
    values = np.array([rows[track] for track in sorted(rows)])
    means = task.corpus_metrics(values)
    drawn = [task.corpus_metrics(values[draw]) for draw in _draws(len(values), options)]
    summary = {}
    for name, mean in means.items():
        # A draw may hold one class alone, of which there is no such metric.
        found = [scores[name] for scores in drawn if name in scores]
        low, high = _quantiles(np.array(found), options) if found else (mean, mean)
        summary[name] = {"mean": mean, "low": low, "high": high}
    return summary


def interval(values: npt.NDArray[np.float64], options: Evaluation) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean (Efron, 1979), tracks drawn with replacement."""
    return _quantiles(values[_draws(len(values), options)].mean(axis=1), options)


def _draws(tracks: int, options: Evaluation) -> npt.NDArray[np.int64]:
    rng = np.random.default_rng(options.seed)
    return rng.integers(0, tracks, (options.bootstrap, tracks))


def _quantiles(values: npt.NDArray[np.float64], options: Evaluation) -> tuple[float, float]:
    tail = (1 - options.confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)


def difference(
    ours: dict[str, dict[str, float]],
    theirs: dict[str, dict[str, float]],
    metric: str,
    options: Evaluation,
) -> tuple[float, float, float]:
    """Mean difference on the tracks that both have, and its paired bootstrap interval."""
    shared: Sequence[str] = sorted(
        track for track in ours if metric in ours[track] and metric in theirs.get(track, {})
    )
    values = np.array([ours[track][metric] - theirs[track][metric] for track in shared])
    low, high = interval(values, options)
    return float(values.mean()), low, high


def difference_of_rows(
    task: Task, ours: Rows, theirs: Rows, metric: str, options: Evaluation
) -> tuple[float, float, float]:
    """Difference in a metric of the whole part on the tracks that both have, paired bootstrap."""
    shared = sorted(set(ours) & set(theirs))
    pair = [np.array([rows[track] for track in shared]) for rows in (ours, theirs)]

    def by(draw: npt.NDArray[np.int64]) -> float:
        mine, other = (task.corpus_metrics(values[draw]).get(metric, np.nan) for values in pair)
        return mine - other

    drawn = np.array([by(draw) for draw in _draws(len(shared), options)])
    # A draw may hold one class alone, of which there is no such metric.
    return by(np.arange(len(shared))), *_quantiles(drawn[np.isfinite(drawn)], options)

"""Evaluation: scores of a folder of predictions, from JAMS files alone.

Every test track counts, the ones that have no prediction included: they score zero and are named.
Results carry the value of each track, a bootstrap interval of each mean, and the hashes of data,
split and configuration.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir import annotations, corpus, datasets, paths, tasks
from deepmir.errors import DeepmirError
from deepmir.params import Baseline, Evaluation, Params
from deepmir.store import write_json


def evaluate(params: Params, name: str) -> Path:
    """Score the predictions of an experiment or baseline; returns the path of the scores.

    Raises:
        DeepmirError: when predictions are missing or were made for other data or another split.
    """
    entry = params.entry(name)
    data = corpus.load(params, entry.dataset)
    listing = _read_listing(name, data)
    per_track = _scores(name, entry.task, data)
    result: dict[str, Any] = {
        "experiment": name,
        "kind": "baseline" if isinstance(entry, Baseline) else "network",
        "task": entry.task,
        "dataset": entry.dataset,
        "part": "test",
        "primary": tasks.get(entry.task).primary,
        "tracks": len(per_track),
        "failures": listing["failures"],
        "metrics": summarise(per_track, params.evaluation),
        "per_track": per_track,
        "data_hash": data.data_hash,
        "split_hash": data.split_hash,
        "predictions_hash": datasets.hash_file(paths.predictions(name)),
        "model_hash": listing["model_hash"],
        "declaration": entry.model_dump(mode="json"),
    }
    write_json(paths.scores(name), result)
    write_json(paths.metrics(name), {"tracks": len(per_track), **result["metrics"]})
    return paths.scores(name)


def _read_listing(name: str, data: corpus.Corpus) -> dict[str, Any]:
    path = paths.predictions(name)
    try:
        listing: dict[str, Any] = json.loads(path.read_text())
    except (FileNotFoundError, ValueError) as error:
        raise DeepmirError(f"{path} is missing or broken ({error}): predict first") from None
    for key, now in (("data_hash", data.data_hash), ("split_hash", data.split_hash)):
        if listing.get(key) != now:
            raise DeepmirError(f"{path} is of other data ({key} differs): predict again")
    return listing


def _scores(name: str, task_name: str, data: corpus.Corpus) -> dict[str, dict[str, float]]:
    task = tasks.get(task_name)
    scores: dict[str, dict[str, float]] = {}
    unpredicted = []
    for track, reference in corpus.read_annotations(data.divided.test).items():
        path = paths.prediction(name, track)
        if not path.exists():
            if task.metrics(reference, reference):
                unpredicted.append(track)
            continue
        values = task.metrics(reference, annotations.read(path))
        if values:  # a track whose annotation the task cannot use has no score
            scores[track] = values
    if not scores:
        raise DeepmirError(f"{name}: no test track could be scored for the task {task_name}")
    names = {metric for values in scores.values() for metric in values}
    return scores | {track: dict.fromkeys(names, 0.0) for track in unpredicted}


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


def interval(values: npt.NDArray[np.float64], options: Evaluation) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean (Efron, 1979), tracks drawn with replacement."""
    rng = np.random.default_rng(options.seed)
    draws = rng.integers(0, len(values), (options.bootstrap, len(values)))
    means = values[draws].mean(axis=1)
    tail = (1 - options.confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
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

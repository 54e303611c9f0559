"""Pooling: the predictions of all folds of a cross-validation as those of one system.

Every track was tested once, by the model that was not trained on its group, so the predictions of
all folds cover the whole data set and are scored like those of any other system.
"""

import hashlib
import shutil
from pathlib import Path

from deepmir import paths
from deepmir.declarations.entry import Entry
from deepmir.errors import DeepmirError
from deepmir.evaluation import predictions
from deepmir.evaluation.predictions import Predicted
from deepmir.files.store import Failure


def pool(entry: Entry) -> Path:
    """Gather the predictions of every fold; returns the path of their list.

    Raises:
        DeepmirError: when it is not a cross-validation, or when the predictions of a fold are
            missing or from other data or other folds.
    """
    name = entry.name
    if not entry.folds:
        raise DeepmirError(f"{name} is not in the section `folds` of params.yaml")
    data = entry.files.read()
    lists = [predictions.read(fold.name, fold.files.read()) for fold in entry.folds]
    shutil.rmtree(paths.prediction(name, "").parent, ignore_errors=True)
    results: list[Predicted | Failure] = []
    for fold, found in zip(entry.folds, lists, strict=True):
        predicted = [Predicted(**row) for row in found["tracks"]]
        for row in predicted:
            out = paths.prediction(name, row.track)
            out.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(paths.prediction(fold.name, row.track), out)
        results += [*predicted, *(Failure(**row) for row in found["failures"])]
    results.sort(key=lambda result: result.track)
    return predictions.write(name, data, results, _hash([found["model_hash"] for found in lists]))


def _hash(models: list[str]) -> str:
    """One hash for the models of all folds, or nothing if they have none."""
    joined = "".join(models)
    return hashlib.sha256(joined.encode()).hexdigest()[:16] if joined else ""

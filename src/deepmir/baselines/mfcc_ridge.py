"""Ridge regression on MFCCs, for the valence and arousal of a mood (tutorial, section 2.1)."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from deepmir.baselines.shared import examples, linear
from deepmir.baselines.shared.linear import Floats, Linear, Search, standardisation
from deepmir.files.annotations import Jams
from deepmir.files.audio import Samples
from deepmir.tasks.base import Task

# Strength of regularisation: the validation part chooses.
PENALTIES = (0.1, 1.0, 10.0, 100.0, 1000.0)

annotator = linear.annotator


def fit(
    folder: Path,
    name: str,
    task: Task,
    parts: Mapping[str, Iterable[tuple[Samples, Jams]]],
    sample_rate: int,
    provenance: Mapping[str, object],
) -> None:
    """Learn from the training part, choose the regularisation on the validation part.

    Raises:
        DeepmirError: when a part has no annotation for the task.
    """
    read = (examples.read(parts[part], task, sample_rate) for part in ("train", "validation"))
    (x, y), (held_out, truth) = (
        (np.concatenate(part.features), np.concatenate(part.targets)) for part in read
    )
    fitted = {penalty: _regression(x, y.astype(float), penalty) for penalty in PENALTIES}
    errors = {
        penalty: float(np.mean((model.activations(held_out, "linear") - truth) ** 2))
        for penalty, model in fitted.items()
    }
    search = Search("alpha", "validation/squared_error", errors)
    linear.save(
        folder,
        fitted[search.best],
        name=name,
        task=task,
        method="ridge regression on MFCCs",
        decoder={},
        search=search,
        provenance=provenance,
    )


def _regression(x: Floats, y: Floats, penalty: float) -> Linear:
    from sklearn.linear_model import Ridge

    mean, scale = standardisation(x)
    found = Ridge(alpha=penalty).fit((x - mean) * scale, y)
    return Linear(mean, scale, found.coef_, found.intercept_)

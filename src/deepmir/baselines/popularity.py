"""The same for every recording: how often each tag or genre occurs in the training part.

It does not listen; whatever a system gets beyond it, it has heard.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams
from deepmir.files.audio import Samples
from deepmir.tasks.base import Grid, Task


def fit(
    folder: Path,
    name: str,
    task: Task,
    parts: Mapping[str, Iterable[tuple[Samples, Jams]]],
    sample_rate: int,
    provenance: Mapping[str, object],
) -> None:
    """Count the labels of the training part; validation has nothing to choose.

    Raises:
        DeepmirError: when the training part has no annotation for the task.
    """
    import torch

    from deepmir.models.card import BaselineCard
    from deepmir.models.model import save

    # The task is of long decision time scale, so its target does not depend on the grid.
    found = [task.target(jams, Grid(0.0, 1.0, 1)) for _, jams in parts["train"]]
    targets = [target for target in found if target is not None]
    if not targets:
        raise DeepmirError(f"no recording has an annotation for the task {task.name}")
    shares = np.mean(targets, axis=0)
    card = BaselineCard(
        name=name,
        task=task.name,
        method="shares of the labels",
        labels=task.output.labels,
        activation=task.output.activation,
        training={**provenance, "parameters": shares.size},
    )
    save(folder, {"shares": torch.from_numpy(shares.astype(np.float32))}, card)


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Read the shares from `folder`; the task's decoder makes the same of them every time."""
    from deepmir.models.model import read_weights

    shares = read_weights(folder)["shares"].numpy()
    said = task.decoder(frame_rate=1.0)(shares)
    return lambda samples: said

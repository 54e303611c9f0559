"""Weights against class imbalance: a rare label in the training part counts for more.

They are declared per label, as `balanced` for all labels, or as `balanced` per task, for the
labels of one of the tasks that share a network.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np

from deepmir import tasks
from deepmir.errors import DeepmirError
from deepmir.naming import shortened
from deepmir.tasks.base import Array, Floats, Task

if TYPE_CHECKING:
    from torch import Tensor

MOST = 20.0  # a very rare label would otherwise dominate the gradient

BALANCED = "balanced"

Declared = Literal["balanced"] | Mapping[str, float | Literal["balanced"]]


def check(declared: Declared, task: Task) -> None:
    """Refuse a weight for a label that the task does not have, or for a regression value.

    Raises:
        DeepmirError: naming the label.
    """
    heads = {label: head.activation for head in task.output.heads for label in head.labels}
    classes = [label for label, activation in heads.items() if activation != "linear"]
    if declared and not classes:
        raise DeepmirError(
            "class_weights: the task is a regression, which has no classes: leave it out"
        )
    rows = {} if isinstance(declared, str) else declared
    for label, weight in rows.items():
        if weight == BALANCED and label not in tasks.parts(task):
            names = " and ".join(tasks.parts(task))
            raise DeepmirError(
                f"class_weights.{shortened(label)}: balanced is for a task, and the network has "
                f"{names}: name one, or give a number"
            )
        if weight != BALANCED and label not in classes:
            known = ", ".join(classes[:8]) + (", ..." if len(classes) > 8 else "")
            raise DeepmirError(
                f"class_weights.{shortened(label)} is not a label of the task (it has {known})"
            )


def of(declared: Declared, task: Task, targets: Iterable[tuple[Array, float]]) -> "Tensor":
    """The weight of every label, shape (V,).

    Args:
        declared: weights by label, 1 for the others; or `balanced`, for everything or by task: a
            softmax class has weight 1 / (V p), positive examples of a sigmoid (1 - p) / p, with p
            its share of the targets drawn in training; at most 20.
        task: whose labels they are.
        targets: of the training tracks, shape (frames, V) or (V,) each, with the share of patches
            drawn from each.
    """
    import torch  # declarations are checked without it

    if isinstance(declared, str):
        return torch.from_numpy(_balanced(task, targets)).float()
    numbers = {label: weight for label, weight in declared.items() if weight != BALANCED}
    weights = np.array([float(numbers.get(label, 1.0)) for label in task.output.labels])
    if len(numbers) < len(declared):
        balanced = _balanced(task, targets)
        for name, (_, place) in tasks.parts(task).items():
            if declared.get(name) == BALANCED:
                weights[place] = balanced[place]
    return torch.from_numpy(weights).float()


def _balanced(task: Task, targets: Iterable[tuple[Array, float]]) -> Floats:
    share = _shares(targets, task.output.width)
    weights = np.ones(task.output.width)
    for head, part in zip(task.output.heads, task.output.slices, strict=True):
        p = np.maximum(share[part], 1e-6)
        if head.activation == "softmax":
            weights[part] = 1 / (len(head.labels) * p)
        elif head.activation == "sigmoid":
            weights[part] = (1 - p) / p
    return np.clip(weights, 1 / MOST, MOST)


def _shares(targets: Iterable[tuple[Array, float]], width: int) -> Floats:
    """Mean of every label's known targets, with tracks weighted by how often they are drawn."""
    total, known = np.zeros(width), np.zeros(width)
    for target, drawn in targets:
        rows = target.reshape(-1, width)
        total += drawn * np.nansum(rows, axis=0) / len(rows)
        known += drawn * np.isfinite(rows).mean(axis=0)
    return np.divide(total, known, out=np.zeros(width), where=known > 0)

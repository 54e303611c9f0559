"""Weights against class imbalance: a label that is rare in the training part counts for more."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np

from deepmir.errors import DeepmirError
from deepmir.naming import shortened
from deepmir.tasks.base import Array, Output

if TYPE_CHECKING:
    from torch import Tensor

MOST = 20.0  # a label that hardly ever holds would otherwise decide all of the gradient

Declared = Literal["balanced"] | Mapping[str, float]


def check(declared: Declared, output: Output) -> None:
    """Refuse a weight for a label that the task does not have, or for a number.

    Raises:
        DeepmirError: naming the label.
    """
    heads = {label: head.activation for head in output.heads for label in head.labels}
    classes = [label for label, activation in heads.items() if activation != "linear"]
    if declared and not classes:
        raise DeepmirError("class_weights: the task is a regression and has no classes")
    for label in () if declared == "balanced" else declared:
        if label not in classes:
            known = ", ".join(classes[:8])
            raise DeepmirError(
                f"class_weights.{shortened(label)} is no label of the task (it has {known})"
            )


def of(declared: Declared, output: Output, targets: Iterable[Array]) -> "Tensor":
    """The weight of every label, shape (V,).

    Args:
        declared: weights by label, 1 for the others; or `balanced`: for a softmax a class counts by
            1 / (V p), for a sigmoid the positive examples by (1 - p) / p, p being its share of the
            training targets; at most 20.
        output: of the task.
        targets: of the training tracks, shape (frames, V) or (V,) each.
    """
    import torch  # declarations are checked without it

    if declared != "balanced":
        return torch.tensor([float(declared.get(label, 1.0)) for label in output.labels])
    share = _shares(targets, output.width)
    weights = np.ones(output.width)
    for head, part in zip(output.heads, output.slices, strict=True):
        p = np.maximum(share[part], 1e-6)
        if head.activation == "softmax":
            weights[part] = 1 / (len(head.labels) * p)
        elif head.activation == "sigmoid":
            weights[part] = (1 - p) / p
    return torch.from_numpy(np.clip(weights, 1 / MOST, MOST)).float()


def _shares(targets: Iterable[Array], width: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Mean of every label's target where it is known."""
    total, known = np.zeros(width), np.zeros(width)
    for target in targets:
        rows = target.reshape(-1, width)
        total += np.nansum(rows, axis=0)
        known += np.isfinite(rows).sum(axis=0)
    return total / np.maximum(known, 1)

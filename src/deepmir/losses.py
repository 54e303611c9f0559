"""The loss that belongs to each output activation (tutorial, section 2.2)."""

import torch
from torch import Tensor
from torch.nn import functional as F

from deepmir.tasks.base import Output


def loss(output: Output, logits: Tensor, target: Tensor, lengths: Tensor) -> Tensor:
    """The mean loss over everything that is no padding.

    Args:
        output: softmax: cross entropy, also with soft targets; sigmoid: binary cross entropy;
            linear: squared error.
        logits: shape (B, V), or (B, V, T) for a time-varying task.
        target: of the same shape.
        lengths: frames of each track, shape (B,).
    """
    if output.activation == "softmax":
        each = F.cross_entropy(logits, target, reduction="none")  # sums over V
    elif output.activation == "sigmoid":
        each = F.binary_cross_entropy_with_logits(logits, target, reduction="none").mean(dim=1)
    else:
        each = F.mse_loss(logits, target, reduction="none").mean(dim=1)
    if each.ndim == 1:
        return each.mean()
    mask = torch.arange(each.shape[1], device=each.device) < lengths[:, None]
    return (each * mask).sum() / mask.sum()


def activate(output: Output, logits: Tensor) -> Tensor:
    """Logits to activations: what the decoder of a task reads; V is the second axis."""
    if output.activation == "softmax":
        return logits.softmax(dim=1)
    return logits.sigmoid() if output.activation == "sigmoid" else logits

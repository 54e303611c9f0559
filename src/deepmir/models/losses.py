"""The loss for each output activation (tutorial, section 2.2)."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from deepmir.networks import processes
from deepmir.tasks.output import Head, Output


def loss(output: Output, heads: Iterable[tuple[Tensor, Tensor]]) -> Tensor:
    """The weighted sum of the heads' mean losses, as returned by :func:`means`."""
    pairs = zip(output.heads, heads, strict=True)
    return sum((head.weight * mean for head, (mean, _) in pairs), start=torch.zeros(()))


def means(
    output: Output,
    logits: Tensor,
    target: Tensor,
    lengths: Tensor,
    class_weights: Tensor | None = None,
    shared: bool = False,
) -> list[tuple[Tensor, Tensor]]:
    """For each head, the mean loss over all known targets without padding, and their number.

    Args:
        output: softmax: cross entropy, also with soft targets; sigmoid: binary cross entropy;
            linear: squared error.
        logits: shape (B, V), or (B, V, T) for a time-varying task.
        target: of the same shape; NaN where unknown.
        lengths: frames of each track, shape (B,).
        class_weights: of each label, shape (V,): of a class for softmax, of the positive examples
            for sigmoid, of a value for linear.
        shared: whether this is a process's share of a batch: the mean of the processes' losses is
            then the loss of the whole batch, whatever the number of known targets in each.
    """
    if class_weights is None:
        class_weights = torch.ones(logits.shape[1])
    class_weights = class_weights.to(logits.device)
    found = []
    for head, part in zip(output.heads, output.slices, strict=True):
        each, known = _each(head, logits[:, part], target[:, part], class_weights[part])
        if each.ndim == 3:
            frames = torch.arange(each.shape[2], device=each.device)
            known = known & (frames < lengths[:, None])[:, None]
        number = processes.share_of_mean(known.sum()) if shared else known.sum().clamp(min=1)
        found.append(((each * known).sum() / number, known))
    return found


def over_batches(output: Output, batches: Sequence[Sequence[tuple[float, int]]]) -> float:
    """The loss over many batches, in which heads may have targets for different tracks.

    A head's loss is a mean over its known tracks, independent of how they are batched.

    Args:
        output: the heads.
        batches: of each, for each head the mean loss and the number of tracks.
    """
    total = 0.0
    for head, found in zip(output.heads, zip(*batches, strict=True), strict=True):
        tracks = sum(number for _, number in found)
        total += head.weight * sum(mean * number for mean, number in found) / max(tracks, 1)
    return total


def _each(head: Head, logits: Tensor, target: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """The loss of every output, and whether its target is known; softmax has one for all labels."""
    known = ~target.isnan()
    target = target.nan_to_num()
    shaped = weights.view(-1, *[1] * (logits.ndim - 2))
    if head.activation == "softmax":
        each = F.cross_entropy(logits, target, weight=weights, reduction="none")  # sums over V
        return each[:, None], known.all(dim=1, keepdim=True)
    if head.activation == "sigmoid":
        each = F.binary_cross_entropy_with_logits(
            logits, target, pos_weight=shaped, reduction="none"
        )
        return each, known
    return F.mse_loss(logits, target, reduction="none") * shaped, known


def activate(output: Output, logits: Tensor) -> Tensor:
    """Logits to the activations that the decoder of a task reads; V is the second axis."""
    functions = {"softmax": lambda x: x.softmax(dim=1), "sigmoid": torch.sigmoid}
    parts = [
        functions.get(head.activation, lambda x: x)(logits[:, part])
        for head, part in zip(output.heads, output.slices, strict=True)
    ]
    return torch.cat(parts, dim=1)

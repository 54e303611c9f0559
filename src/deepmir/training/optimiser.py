"""The optimiser of networks for tasks."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch

from deepmir.declarations.training import Training


def one_cycle(
    groups: Iterable[Mapping[str, Any]], training: Training, batches: int
) -> dict[str, Any]:
    """The optimizer under one cycle of the learning rate, which is one way of adapting it.

    Args:
        groups: parameters, each group with its learning rate at the peak.
        training: how they are trained.
        batches: of an epoch.

    Returns:
        The return value of Lightning's `configure_optimizers`.
    """
    optimizer = _optimizer([dict(group) for group in groups], training)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        [group["lr"] for group in optimizer.param_groups],
        total_steps=training.epochs * batches,
        cycle_momentum=training.optimizer != "sgd",  # which has none, and would be given some
    )
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def _optimizer(groups: list[dict[str, Any]], training: Training) -> torch.optim.Optimizer:
    """What makes steps of gradients; momentum is cycled against the learning rate."""
    decay = training.weight_decay
    if training.optimizer in ("sgd", "momentum"):
        momentum = 0.9 if training.optimizer == "momentum" else 0.0
        return torch.optim.SGD(groups, momentum=momentum, weight_decay=decay)
    kind = torch.optim.AdamW if training.optimizer == "adamw" else torch.optim.Adam
    # A fused step undoes the scale of half precision itself: nothing can be clipped before.
    return kind(groups, weight_decay=decay, fused=training.precision == "32-true")

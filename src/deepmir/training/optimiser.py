"""The optimiser of networks for tasks."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch

from deepmir.declarations.training import Training


def one_cycle(
    groups: Iterable[Mapping[str, Any]], training: Training, batches: int
) -> dict[str, Any]:
    """AdamW under one cycle of the learning rate, which is one way of adapting it.

    Args:
        groups: parameters, each group with its learning rate at the peak.
        training: how they are trained.
        batches: of an epoch.

    Returns:
        What Lightning wants of `configure_optimizers`.
    """
    # A fused step undoes the scale of half precision itself: nothing can be clipped before.
    fused = training.precision == "32-true"
    optimizer = torch.optim.AdamW(
        [dict(group) for group in groups], weight_decay=training.weight_decay, fused=fused
    )
    peaks = [group["lr"] for group in optimizer.param_groups]
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, peaks, total_steps=training.epochs * batches
    )
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

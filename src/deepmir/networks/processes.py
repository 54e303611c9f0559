"""Several processes that train one network, each on its share of every batch.

With one process each function gives back what it is given.
"""

from typing import Any, TypeVar

import torch
from torch import Tensor, distributed

T = TypeVar("T")


def rank() -> int:
    """The number of this process, from 0."""
    return distributed.get_rank() if _several() else 0


def count() -> int:
    """How many processes train together."""
    return distributed.get_world_size() if _several() else 1


def total(values: Tensor) -> Tensor:
    """The sum over all processes, through which gradients flow back to each; of any shape."""
    if count() == 1:
        return values
    summed: Tensor = _Total.apply(values)  # type: ignore[no-untyped-call]
    return summed


def gathered(value: T) -> list[T]:
    """What each process gives, in the order of their numbers."""
    if count() == 1:
        return [value]
    found: list[T] = [value] * count()
    distributed.all_gather_object(found, value)
    return found


def share_of_mean(known: Tensor) -> Tensor:
    """What a sum over this process's share is divided by, to be its part in the whole batch's mean.

    Gradients are averaged over processes, so that it is the mean number of known values, not the
    sum of them; where this process knows few and another many, both count by what they know.

    Args:
        known: the number of values here, shape ().
    """
    if count() == 1:
        return known.clamp(min=1)
    return total(known).clamp(min=1) / count()


def _several() -> bool:
    return distributed.is_available() and distributed.is_initialized()


class _Total(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, values: Tensor) -> Tensor:
        summed = values.clone()
        distributed.all_reduce(summed)
        return summed

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:
        summed = gradient.clone()
        distributed.all_reduce(summed)
        return summed

"""Several processes that train one network, each on its share of every batch.

With a single process, each function returns its argument unchanged.
"""

from typing import Any, TypeVar

import torch
from torch import Tensor, distributed

T = TypeVar("T")


def rank() -> int:
    """The index of this process, from 0."""
    return distributed.get_rank() if _several() else 0


def count() -> int:
    """The number of processes that train together."""
    return distributed.get_world_size() if _several() else 1


def total(values: Tensor) -> Tensor:
    """The sum over all processes, of any shape; gradients flow back to each."""
    if count() == 1:
        return values
    summed: Tensor = _Total.apply(values)  # type: ignore[no-untyped-call]
    return summed


def gathered(value: T) -> list[T]:
    """The values of all processes, in the order of their indices."""
    if count() == 1:
        return [value]
    found: list[T] = [value] * count()
    distributed.all_gather_object(found, value)
    return found


def share_of_mean(known: Tensor) -> Tensor:
    """The divisor of a sum over this process's share that makes it part of the whole batch's mean.

    Gradients are averaged over processes, so it is the mean number of known values, not their
    sum; a process with few known values and one with many count in proportion.

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

"""Whether to keep the channels of feature maps innermost in memory: faster or slower on a CPU.

With the channels innermost, oneDNN's pooling and whole inference take half the time, but its
gradient of a convolution's weights takes three to five times as long. So inference always runs in
this order, and training only where pooling outweighs convolutions (benchmarks/networks.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from deepmir.networks.letters.pooling import Pooling
from deepmir.networks.plan import Join, Plan, Step

MULTIPLY_ADDS_PER_POOLED_VALUE = 140
"""Where training breaks even: measured from 21 to 350 on nine networks, with two cores and AVX2."""


_NARROW = 8


def innermost(x: Tensor) -> Tensor:
    """(batch, N, F, T) in channels-last memory order, marked as such even if N is 1."""
    _, channels, bins, frames = x.shape
    strides = (channels * bins * frames, 1, frames * channels, channels)
    return x.contiguous(memory_format=torch.channels_last).as_strided(x.shape, strides)


def pays_in_inference(nodes: Plan) -> bool:
    """Whether a network convolves feature maps at all."""
    return any(step.layer.slides for step in _steps(nodes))


def pays_in_training(nodes: Plan) -> bool:
    """Whether a network pools enough values to outweigh its convolutions.

    Convolutions of few channels, such as the first, are equally fast in either order.
    """
    convolving = pooling = 0.0
    for step in _steps(nodes):
        if step.input.hop is None or step.output.hop is None or step.input.bins == 1:
            continue
        if step.layer.slides and step.input.channels > _NARROW:
            convolving += step.layer.weights(step.input) * step.output.bins / step.output.hop
        if isinstance(step.layer, Pooling) and not step.layer.implied:
            pooling += step.input.features / step.input.hop
    return convolving < MULTIPLY_ADDS_PER_POOLED_VALUE * pooling


def _steps(nodes: Plan) -> Iterator[Step]:
    for node in nodes:
        if isinstance(node, Join):
            for branch in node.branches:
                yield from _steps(branch)
        else:
            yield node

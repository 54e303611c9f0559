"""The input patterns that activate a feature of a convolutional network (tutorial, Figure 7).

Zeiler and Fergus (ECCV 2014) run the network backwards from one activation: transposed kernels
replace convolutions, unpooling to the positions of the maxima ("switches") replaces pooling, and a
rectifier on the backward signal replaces the rectifier. The first two are the same as in
back-propagation, so this is back-propagation with another rule for rectifiers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from deepmir.errors import DeepmirError
from deepmir.inspection.probe import Layer, Probe, hooked
from deepmir.networks.finish import Finish
from deepmir.networks.recurrent import RecurrentLayer, TransformerBlock


class _Rectified(torch.autograd.Function):
    """A rectifier in the forward pass, and an independent one in the backward pass."""

    @staticmethod
    def forward(context: Any, x: Tensor, activation: nn.Module) -> Tensor:
        """Apply the layer's own rectifier."""
        return _not_in_place(activation, x)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        """Keep positive values."""
        return gradients[0].clamp(min=0), None


class _Both(nn.Module):
    def __init__(self, activation: nn.Module) -> None:
        super().__init__()
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = _Rectified.apply(x, self.activation)  # type: ignore[no-untyped-call]
        return y


def _not_in_place(activation: nn.Module, x: Tensor) -> Tensor:
    if isinstance(activation, nn.LeakyReLU):
        return functional.leaky_relu(x, activation.negative_slope)
    return functional.elu(x) if isinstance(activation, nn.ELU) else functional.relu(x)


@contextmanager
def _rectified_backwards(network: nn.Module) -> Iterator[None]:
    finishes = [
        module
        for module in network.modules()
        if isinstance(module, Finish)
        and isinstance(module.activation, nn.ReLU | nn.LeakyReLU | nn.ELU)
    ]
    before = [finish.activation for finish in finishes]
    try:
        for finish in finishes:
            finish.activation = _Both(finish.activation)
        yield
    finally:
        for finish, activation in zip(finishes, before, strict=True):
            finish.activation = activation


def has_deconvolution(found: Probe, layer: Layer) -> bool:
    """Whether a layer and all before it are convolutions, pools and rectified dense layers."""
    return not any(
        isinstance(module, RecurrentLayer | TransformerBlock)
        for before in found.layers[: layer.number]
        for module in before.module.modules()
    )


def strongest_features(layer: Layer, count: int) -> list[int]:
    """The features of a layer with the largest activations, the largest first."""
    peaks = layer.output.reshape(len(layer.output), -1).amax(1)
    return [int(index) for index in peaks.argsort(descending=True)[:count] if peaks[index] > 0]


def deconvolve(found: Probe, layer: Layer, feature: int) -> Tensor:
    """Project a feature's strongest activations down to the input.

    Args:
        found: network and excerpt.
        layer: the layer of the feature.
        feature: its index in the layer.

    Returns:
        The part of the standardised input that causes the activations, shape (N, F, T). Each
        frame's maximum starts its own projection, so the result covers the excerpt.

    Raises:
        DeepmirError: when the layer has no such feature, or no deconvolution.
    """
    if not 0 <= feature < len(layer.output):
        raise DeepmirError(f"layer {layer.number} {layer.name} has no feature {feature}: "
                           f"it has 0 to {len(layer.output) - 1}")  # fmt: skip
    if not has_deconvolution(found, layer):
        raise DeepmirError(
            f"layer {layer.number} {layer.name} has no deconvolution: recurrent layers and "
            "attention have no transposed kernels"
        )
    x, outputs = found.x.clone().requires_grad_(), list[Tensor]()
    with _rectified_backwards(found.network), hooked([layer.module], outputs):
        found.network(x)
    answer = outputs[0][0, feature]
    kept = answer.detach().clamp(min=0)
    if kept.dim() == 2:  # frequency and time
        kept = kept * (kept == kept.amax(0))
    (projection,) = torch.autograd.grad(answer, x, kept)
    return projection[0]

"""The steps after a layer's weights: batch normalisation, activation function, dropout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from deepmir.networks import processes
from deepmir.networks.masking import fill, inside

if TYPE_CHECKING:
    from deepmir.networks.letters.base import Activation, Affine

ACTIVATIONS: dict[Activation, type[nn.Module]] = {
    "logistic": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky": nn.LeakyReLU,
    "elu": nn.ELU,
    "identity": nn.Identity,
}
"""The activation functions of Figure 3, the exponential linear unit, and none."""

_RECTIFIERS = ("relu", "leaky", "elu")


def initialise(affine: nn.Linear | nn.Conv1d | nn.Conv2d, activation: Activation) -> None:
    """Draw initial weights that preserve the scale of activations across layers; biases are 0.

    He et al. (2015) for rectifiers, Glorot and Bengio (2010) for sigmoid functions and none.
    """
    if affine.bias is not None:
        nn.init.zeros_(affine.bias)
    if activation in _RECTIFIERS:
        nn.init.kaiming_normal_(affine.weight, nonlinearity="relu")
    else:
        nn.init.xavier_uniform_(affine.weight)


def dropout(share: float) -> nn.Module:
    """Dropout (Srivastava et al. 2014) of a share of the units in training; the identity for 0."""
    return nn.Dropout(share) if share else nn.Identity()


class BatchNorm(nn.BatchNorm1d):
    """Batch normalisation (Ioffe and Szegedy 2015) over the frames that belong to tracks.

    Takes (batch, channels), (batch, channels, time) or (batch, channels, bins, time). A batch with
    a single value per channel has no variance: it is normalised by the running statistics.
    Processes that train together share the statistics of the whole batch.
    """

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Normalise every channel; padding past ``lengths`` is excluded from the statistics."""
        single = x.numel() == x.shape[1]
        if self.training and (lengths is not None or processes.count() > 1):
            return self._counted(x, lengths)
        return torch.nn.functional.batch_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training and not single,
            self.momentum or 0.0,
            self.eps,
        )

    def _counted(self, given: Tensor, lengths: Tensor | None) -> Tensor:
        x = given.float()  # half precision cannot count this many frames
        axes = [axis for axis in range(x.dim()) if axis != 1]
        wide = [1, -1, *[1] * (x.dim() - 2)]
        if lengths is None:
            count = torch.tensor(x.numel() // x.shape[1], device=x.device)
        else:
            count = lengths.sum() * (x.shape[2] if x.dim() == 4 else 1)
        count = processes.total(count.to(x.device))
        running_mean, running_var = self.running_mean, self.running_var
        assert running_mean is not None and running_var is not None
        single = count == 1
        average = processes.total(fill(x, lengths).sum(axes)) / count
        average = torch.where(single, running_mean, average)
        centred = x - average.view(wide)
        if lengths is not None:
            centred = centred * inside(lengths, x)
        variance = processes.total(centred.square().sum(axes)) / count
        variance = torch.where(single, running_var, variance)
        with torch.no_grad():
            momentum = self.momentum or 0.0
            running_mean.lerp_(average, momentum)
            running_var.lerp_(variance * count / (count - 1).clamp(min=1), momentum)
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return (centred * scale.view(wide) + self.bias.view(wide)).to(given.dtype)


class Finish(nn.Module):
    """Batch normalisation, activation and dropout, each if the notation requests it."""

    def __init__(self, layer: Affine) -> None:
        super().__init__()
        self.norm = BatchNorm(layer.units) if layer.bn else None
        # Nothing else reads the output of the weights, so rectifying it in place saves a pass.
        in_place = {"inplace": True} if layer.activation in _RECTIFIERS else {}
        self.activation = ACTIVATIONS[layer.activation](**in_place)
        self.dropout = dropout(layer.drop)

    def forward(self, x: Tensor, lengths: Tensor | None) -> Tensor:
        """Apply the steps to the output of the weights; the shape stays the same."""
        if self.norm is not None:
            x = self.norm(x, lengths)
        y: Tensor = self.dropout(self.activation(x))
        return y

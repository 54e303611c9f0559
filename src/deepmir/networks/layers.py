"""Dense, convolutional and pooling layers (sections 4.1 to 4.4) as torch modules.

Layers pass on (batch, N, F, T) while there is a frequency axis, (batch, V, T) without one, and
(batch, V) once time is gone, together with the lengths of the tracks, or None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepmir.networks.finish import Finish, dropout, initialise
from deepmir.networks.masking import fill, inside, largest, mean, moved
from deepmir.networks.shapes import Shape, Window

if TYPE_CHECKING:
    from deepmir.networks.letters.base import Affine

Passed: TypeAlias = tuple[Tensor, Tensor | None]


def in_frames(x: Tensor) -> Tensor:
    """Any of the three forms as (batch, time, features) or (batch, features).

    The result of `from_frames` is returned without being moved in memory.
    """
    if x.dim() == 2:
        return x
    return x.transpose(1, 2) if x.dim() == 3 else x.permute(0, 3, 1, 2).flatten(2)


def from_frames(x: Tensor) -> Tensor:
    """(batch, time, features) viewed as (batch, features, time)."""
    return x if x.dim() == 2 else x.transpose(1, 2)


class DenseLayer(nn.Module):
    """``d1``: the same weights for every frame (Eq. 6)."""

    def __init__(self, shape: Shape, layer: Affine) -> None:
        super().__init__()
        self.linear = nn.Linear(shape.features, layer.units, bias=not layer.bn)
        initialise(self.linear, layer.activation)
        self.finish = Finish(layer)

    def forward(self, x: Tensor, lengths: Tensor | None) -> Passed:
        """(batch, N, F, T), (batch, V, T) or (batch, V): all axes but time become V."""
        y = from_frames(self.linear(in_frames(x)))
        return self.finish(y, lengths if y.dim() > 2 else None), lengths


class TemporalConvolution(nn.Module):
    """``c1`` and ``d2``: kernels that span all features of several frames (section 5.4)."""

    def __init__(self, shape: Shape, layer: Affine) -> None:
        super().__init__()
        self.window = layer.windows(shape)[1]
        padding, self.uneven = _padding(self.window)
        self.convolution = nn.Conv1d(
            shape.features,
            layer.units,
            self.window.size,
            self.window.stride,
            padding,
            dilation=self.window.dilation,
            bias=not layer.bn,
        )
        initialise(self.convolution, layer.activation)
        self.finish = Finish(layer)

    def forward(self, x: Tensor, lengths: Tensor | None) -> Passed:
        """(batch, N, F, T) or (batch, V, T) to (batch, V, T / stride)."""
        x = fill(x, lengths)
        x = x.flatten(1, 2) if x.dim() == 4 else x
        y = self.convolution(F.pad(x, self.uneven) if self.uneven else x)
        lengths = moved(lengths, self.window)
        return self.finish(y, lengths), lengths


class SpectralConvolution(nn.Module):
    """``c2``: kernels that move over frequency and time (Eq. 7)."""

    def __init__(self, shape: Shape, layer: Affine) -> None:
        super().__init__()
        frequency, self.window = layer.windows(shape)
        padding, self.uneven = _padding(frequency, self.window)
        self.convolution = nn.Conv2d(
            shape.channels,
            layer.units,
            (frequency.size, self.window.size),
            (frequency.stride, self.window.stride),
            padding,
            dilation=(frequency.dilation, self.window.dilation),
            bias=not layer.bn,
        )
        initialise(self.convolution, layer.activation)
        self.finish = Finish(layer)

    def forward(self, x: Tensor, lengths: Tensor | None) -> Passed:
        """(batch, N, F, T) to (batch, N', F', T / stride), without F if it is 1."""
        x = fill(x, lengths)
        x = x if x.dim() == 4 else x.unsqueeze(2)
        y = self.convolution(F.pad(x, self.uneven) if self.uneven else x)
        lengths = moved(lengths, self.window)
        return _without_single_bin(self.finish(y, lengths)), lengths


class LocalPooling(nn.Module):
    """``p1`` and ``p2`` over windows (section 4.3.1)."""

    def __init__(self, frequency: Window, time: Window, operation: str, drop: float) -> None:
        super().__init__()
        self.frequency, self.window = frequency, time
        self.mean = operation == "mean"
        self.dropout = dropout(drop)

    def forward(self, x: Tensor, lengths: Tensor | None) -> Passed:
        """(batch, N, F, T) or (batch, V, T), each pooled axis reduced by the stride."""
        after = moved(lengths, self.window)
        if x.dim() == 3 and not self.mean and not any(_pads(self.window)):
            # Faster than the two-dimensional form in inference, the same in training.
            return self.dropout(F.max_pool1d(x, self.window.size, self.window.stride)), after
        x = x if x.dim() == 4 else x.unsqueeze(2)
        pooled = self._mean(x, lengths) if self.mean else self._max(x, lengths)
        return self.dropout(_without_single_bin(pooled)), after

    def _max(self, x: Tensor, lengths: Tensor | None) -> Tensor:
        size, stride = self._sizes()
        pads = _pads(self.frequency, self.window)
        if not any(pads):
            return F.max_pool2d(x, size, stride)
        x = F.pad(fill(x, lengths, -torch.inf), pads, value=-torch.inf)
        # Windows past the end of a track are empty: fill in a number instead of minus infinity.
        return fill(F.max_pool2d(x, size, stride), moved(lengths, self.window))

    def _mean(self, x: Tensor, lengths: Tensor | None) -> Tensor:
        size, stride = self._sizes()
        pads = _pads(self.frequency, self.window)
        if not any(pads):
            return F.avg_pool2d(x, size, stride)
        there = torch.ones_like(x[:1, :1]) if lengths is None else inside(lengths, x).to(x)
        there = F.avg_pool2d(F.pad(there.expand(-1, -1, x.shape[2], -1), pads), size, stride)
        pooled = F.avg_pool2d(F.pad(fill(x, lengths), pads), size, stride)
        return pooled / there.clamp(min=1 / (size[0] * size[1]))

    def _sizes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        size = (self.frequency.size, self.window.size)
        return size, (self.frequency.stride, self.window.stride)


class FoldingLayer(nn.Module):
    """``f1``: octaves summed (Eq. 5)."""

    def __init__(self, bins: int) -> None:
        super().__init__()
        self.bins = bins

    def forward(self, x: Tensor, lengths: Tensor | None) -> Passed:
        """(batch, N, F, T) to (batch, N, bins, T), without F if it is 1."""
        octaves = x.reshape(*x.shape[:2], -1, self.bins, x.shape[3])
        return _without_single_bin(octaves.sum(2)), lengths


class UpsamplingLayer(nn.Module):
    """``u2``: every value repeated, then cropped or extended to a size."""

    def __init__(self, factor: tuple[int, int], to: tuple[int, int] | None) -> None:
        super().__init__()
        self.factor, self.to_size = factor, to

    def forward(self, x: Tensor, lengths: Tensor | None) -> Passed:
        """(batch, N, F, T) or (batch, V, T), each axis longer by its factor."""
        x = x if x.dim() == 4 else x.unsqueeze(2)
        high, wide = self.factor
        y = F.interpolate(x, size=(x.shape[2] * high, x.shape[3] * wide), mode="nearest")
        if self.to_size is not None:
            bins, frames = self.to_size
            y = y[:, :, :bins, :frames]
            missing = [0, frames - y.shape[3], 0, bins - y.shape[2]]
            y = F.pad(y, missing, mode="replicate") if any(missing) else y
        return _without_single_bin(y), None if lengths is None else lengths * wide


class SpreadingLayer(nn.Module):
    """``s2``: a vector reshaped to feature maps."""

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor, lengths: Tensor | None) -> Passed:
        """(batch, N x F x T) to (batch, N, F, T), without F if it is 1."""
        return _without_single_bin(x.reshape(len(x), -1, *self.size)), None


class FlatteningLayer(nn.Module):
    """Fixed-length patches flattened to vectors."""

    def forward(self, x: Tensor, lengths: Tensor | None) -> Passed:
        """(batch, N, F, T) or (batch, V, T) to (batch, N x F x T)."""
        return x.flatten(1), None


class GlobalPooling(nn.Module):
    """``p1(global)``, ``p2(global)``, the implied mean over time: a whole axis reduced to one."""

    def __init__(self, before: Shape, after: Shape, operation: str, drop: float) -> None:
        super().__init__()
        self.time = before.hop is not None and after.hop is None
        self.frequency = before.bins > 1 and after.features == before.channels
        self.mean = operation == "mean"
        self.dropout = dropout(drop)

    def forward(self, x: Tensor, lengths: Tensor | None) -> Passed:
        """(batch, N, F, T) or (batch, V, T) without the pooled axes, features flattened."""
        if self.frequency:
            x = x.mean(2) if self.mean else x.amax(2)
        if not self.time:
            return self.dropout(x), lengths
        pooled = mean(x, lengths) if self.mean else largest(x, lengths)
        return self.dropout(pooled.flatten(1)), None


def _without_single_bin(x: Tensor) -> Tensor:
    return x.squeeze(2) if x.shape[2] == 1 else x


def _pads(*axes: Window) -> list[int]:
    """Padding in torch's order: the last axis first."""
    return [side for axis in reversed(axes) for side in _sides(axis)]


def _sides(window: Window) -> tuple[int, int]:
    return (window.before, window.after) if window.padded else (0, 0)


def _padding(*axes: Window) -> tuple[Any, list[int]]:
    """Padding inside a convolution if both sides are equal, otherwise in front of it."""
    sides = [_sides(axis) for axis in axes]
    if all(before == after for before, after in sides):
        return tuple(before for before, _ in sides), []
    return tuple(0 for _ in sides), _pads(*axes)

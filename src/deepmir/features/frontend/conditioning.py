"""The steps of `deepmir.representations.conditioning` on batches (tutorial, section 5.1)."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple, get_args

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from deepmir.features.frontend.framing import inside, reflected
from deepmir.representations.conditioning import (
    Conditioning,
    Decibel,
    LocalContrast,
    Log,
    Pcen,
    Step,
    Whitening,
)

# Frames that PCEN's smoother processes in one product.
BLOCK = 128


class Before(NamedTuple):
    """The input of a step: unit of the values, frames per second, length F."""

    unit: str
    frame_rate: float
    bins: int


class Logarithm(nn.Module):
    """X -> log(X + epsilon)."""

    def __init__(self, declared: Log, before: Before) -> None:
        """Store epsilon."""
        super().__init__()
        self.epsilon = declared.epsilon

    def forward(self, x: Tensor, frames: Tensor) -> Tensor:
        """Take the logarithm."""
        return (x + self.epsilon).log()


class Level(nn.Module):
    """Decibels, within a range below the peak of each row."""

    def __init__(self, declared: Decibel, before: Before) -> None:
        """Store the declaration; powers and magnitudes differ by a factor of two."""
        super().__init__()
        self.declared = declared
        self.exponent = 1 if "power" in before.unit else 2

    def forward(self, x: Tensor, frames: Tensor) -> Tensor:
        """Convert to decibels."""
        least = self.declared.floor ** (1 / self.exponent)
        decibels = 10 * self.exponent / math.log(10)
        level = x.clamp(min=least).log() * decibels
        if self.declared.reference == "maximum":
            loudest = _peak(x, frames).clamp(min=least)
            level = level - loudest.log() * decibels
        else:
            level = level - decibels * math.log(max(self.declared.reference, least))
        if self.declared.range is not None:
            level = torch.maximum(level, _peak(level, frames) - self.declared.range)
        return level


def _peak(x: Tensor, frames: Tensor) -> Tensor:
    """The largest value of each row without its padding, shape (B, 1, 1, 1)."""
    known = inside(x.shape[3], frames)[:, None, None]
    return x.masked_fill(~known, -torch.inf).amax(dim=(1, 2, 3), keepdim=True)


class GainControl(nn.Module):
    """PCEN, with its recursive smoother unrolled into products with a triangular matrix."""

    weights: Tensor
    memory: Tensor

    def __init__(self, declared: Pcen, before: Before) -> None:
        """Unroll M[t] = (1 - b) M[t - 1] + b X[t] over a block of frames."""
        super().__init__()
        self.declared = declared
        b = declared.smoothing(before.frame_rate)
        steps = np.arange(BLOCK)
        age = steps[:, None] - steps
        weights = np.where(age >= 0, b * (1 - b) ** np.maximum(age, 0), 0.0)
        memory = (1 - b) ** (steps + 1)
        self.register_buffer("weights", torch.from_numpy(weights.T).float(), persistent=False)
        self.register_buffer("memory", torch.from_numpy(memory).float(), persistent=False)

    def forward(self, x: Tensor, frames: Tensor) -> Tensor:
        """Normalise."""
        scaled = x * self.declared.scale
        state, smooth = scaled[..., :1], []
        for block in torch.split(scaled, BLOCK, dim=3):
            size = block.shape[3]
            smooth.append(block @ self.weights[:size, :size] + state * self.memory[:size])
            state = smooth[-1][..., -1:]
        gain = (torch.cat(smooth, dim=3) + self.declared.epsilon) ** -self.declared.gain
        # The difference of two powers cancels for small values.
        raised = (self.declared.power * (scaled * gain / self.declared.bias).log1p()).expm1()
        normalised: Tensor = self.declared.bias**self.declared.power * raised
        return normalised


class Whiten(nn.Module):
    """Adaptive whitening: a decaying peak is the running maximum of growing values."""

    def __init__(self, declared: Whitening, before: Before) -> None:
        """Store the declaration and the decay per frame."""
        super().__init__()
        self.floor = declared.floor
        self.decay = 1 / (declared.time_constant * before.frame_rate)

    def forward(self, x: Tensor, frames: Tensor) -> Tensor:
        """Whiten."""
        grown = self.decay * torch.arange(x.shape[3], device=x.device, dtype=torch.float64)
        level = x.clamp(min=self.floor).double().log() + grown
        peak = (level.cummax(dim=3).values - grown).exp()
        return x / peak.to(x.dtype)


class Contrast(nn.Module):
    """Local contrast normalisation with Gaussian weights."""

    along_time: Tensor
    along_frequency: Tensor

    def __init__(self, declared: LocalContrast, before: Before) -> None:
        """Build the weights, over frequency as a matrix that includes the mirrored edges."""
        super().__init__()
        self.floor = declared.floor
        kernel = _gaussian(declared.frames)
        self.register_buffer("along_time", kernel[None, None], persistent=False)
        kernel, bins = _gaussian(declared.bins), before.bins
        reach = len(kernel) // 2
        sources = reflected(bins, reach, torch.tensor([bins]))[0].unfold(0, len(kernel), 1)
        matrix = torch.zeros(bins, bins).scatter_add_(1, sources, kernel.expand(bins, -1))
        self.register_buffer("along_frequency", matrix, persistent=False)

    def forward(self, x: Tensor, frames: Tensor) -> Tensor:
        """Subtract the local mean, divide by the local deviation."""
        index = reflected(x.shape[3], self.along_time.shape[2] // 2, frames)
        centred = x - self._mean(x, index)
        variance = self._mean(centred.square(), index)
        # The root of the clamped variance always has a gradient.
        return centred / variance.clamp(min=self.floor**2).sqrt()

    def _mean(self, x: Tensor, index: Tensor) -> Tensor:
        index = index[:, None, None].expand(-1, x.shape[1], x.shape[2], -1)
        blurred = self.along_frequency @ x.gather(3, index)
        flat = functional.conv1d(blurred.reshape(-1, 1, blurred.shape[3]), self.along_time)
        return flat.reshape(x.shape)


def _gaussian(deviation: float) -> Tensor:
    """Gaussian weights with sum one, truncated at four deviations."""
    reach = int(4 * deviation + 0.5)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    return torch.from_numpy(weights / weights.sum()).float()


MODULES: dict[type[Step], Callable[[Any, Before], nn.Module]] = {
    Log: Logarithm,
    Decibel: Level,
    Pcen: GainControl,
    Whitening: Whiten,
    LocalContrast: Contrast,
}
"""The module of every step. All of them take (B, N, F, T) and the frames of each row, (B,)."""

if missing := {*get_args(get_args(Conditioning)[0])} - MODULES.keys():
    raise TypeError(f"no front end of {', '.join(sorted(step.__name__ for step in missing))}")

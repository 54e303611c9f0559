"""The constant-Q transform (equation 4): decimation, then one matrix product per filter group.

The kernels are those of `deepmir.representations.constant_q`. Only the decimation differs: soxr
there, a windowed sinc with the same pass band here, as it has to run on a GPU and be
differentiable.
"""

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from deepmir.representations import Cqt, Hcqt
from deepmir.representations.constant_q import FLAT, Group, plan

# Attenuation of aliases within the filters, dB: below float32's resolution.
ATTENUATION = 120.0


class Decimation(nn.Module):
    """A low-pass filter that keeps every n-th sample."""

    kernel: Tensor

    def __init__(self, factor: int) -> None:
        """Design the filter: a sinc with a Kaiser window (Kaiser, 1974).

        It passes up to FLAT of the lower Nyquist frequency and stops above the mirror of that;
        frequencies in between are aliased to where no filter responds.
        """
        super().__init__()
        self.factor = factor
        width = 2 * (1 - FLAT) * np.pi / factor
        self.reach = math.ceil((ATTENUATION - 8) / (2.285 * width) / 2)
        offsets = np.arange(-self.reach, self.reach + 1)
        shape = np.kaiser(len(offsets), 0.1102 * (ATTENUATION - 8.7))
        kernel = np.sinc(offsets / factor) * shape
        tensor = torch.from_numpy(kernel / kernel.sum()).float()
        self.register_buffer("kernel", tensor[None, None], persistent=False)

    def forward(self, signal: Tensor) -> Tensor:
        """Signals (B, n) to (B, 1 + (n - 1) // factor); sample 0 stays at sample 0."""
        padded = functional.pad(signal, (self.reach, self.reach))
        decimated: Tensor = functional.conv1d(padded[:, None], self.kernel, stride=self.factor)
        return decimated[:, 0]


class Projection(nn.Module):
    """Magnitudes of filters that share a decimated signal."""

    kernels: Tensor

    def __init__(self, group: Group, hop: int) -> None:
        """Store the kernels; `hop` is in samples of the signal before decimation."""
        super().__init__()
        self.before = group.before
        self.hop = hop // group.factor
        self.register_buffer("kernels", torch.from_numpy(group.kernels.copy()), persistent=False)

    def forward(self, signal: Tensor, first: int, frames: int) -> Tensor:
        """Decimated signal (B, n), frame 0 centred at sample `first`, to (B, T, filters)."""
        length, width = self.kernels.shape
        start = first - self.before
        stop = start + (frames - 1) * self.hop + length
        cut = signal[:, start:stop]
        cut = functional.pad(cut, (0, stop - start - cut.shape[1]))
        parts = cut.unfold(1, length, self.hop) @ self.kernels
        return torch.complex(parts[..., : width // 2], parts[..., width // 2 :]).abs()


class ConstantQ(nn.Module):
    """Magnitudes of a constant-Q transform, or of its harmonics as channels."""

    places: Tensor

    def __init__(self, representation: Cqt | Hcqt) -> None:
        """Store the kernels of every group, and the filter indices of bins and harmonics."""
        super().__init__()
        filters, places = representation.channel_filters
        self.hop = representation.hop
        groups = plan(filters, self.hop)
        self.factors = [group.factor for group in groups]
        # In frames, so every decimated signal has a sample at the centre of frame 0.
        self.margin = math.ceil(max(group.before * group.factor for group in groups) / self.hop)
        self.projections = nn.ModuleList(Projection(group, self.hop) for group in groups)
        steps = [b // a for a, b in zip([1, *self.factors], self.factors, strict=False)]
        self.decimations = nn.ModuleList(
            Decimation(factor) if factor > 1 else nn.Identity() for factor in steps
        )
        self.register_buffer("places", torch.from_numpy(places), persistent=False)

    def forward(self, audio: Tensor, samples: Tensor) -> Tensor:
        """Audio (B, samples) to (B, N, bins, T)."""
        margin, frames = self.margin * self.hop, 1 + audio.shape[1] // self.hop
        signal = functional.pad(audio, (margin, margin))
        found = []
        for factor, decimation, projection in zip(
            self.factors, self.decimations, self.projections, strict=True
        ):
            signal = decimation(signal)
            found.append(projection(signal, margin // factor, frames))
        # The groups go from the highest rate to the lowest, with ascending filters.
        values = torch.cat(found[::-1], dim=2)
        return values[:, :, self.places].permute(0, 3, 2, 1)

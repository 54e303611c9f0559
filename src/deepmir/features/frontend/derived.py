"""Representations computed from the frames of others: chroma, MFCC, tempogram, stack."""

import numpy as np
import torch
from scipy.fft import next_fast_len
from torch import Tensor, nn
from torch.nn import functional

from deepmir.features.frontend.framing import centred_frames, inside
from deepmir.representations import Chroma, Mfcc, Stack, Tempogram
from deepmir.representations.chroma import ORDERS
from deepmir.representations.fourier import taper

TINY = float(np.finfo(np.float32).tiny)


class Folded(nn.Module):
    """Chroma: bins summed over octaves into pitch classes (equation 5)."""

    folding: Tensor

    def __init__(self, representation: Chroma, source: nn.Module) -> None:
        """Store the summation matrix and the norm."""
        super().__init__()
        self.source = source
        self.norm = representation.norm
        folding = torch.from_numpy(representation.folding().T.copy())
        self.register_buffer("folding", folding, persistent=False)

    def forward(self, audio: Tensor, samples: Tensor) -> Tensor:
        """Audio (B, samples) to (B, 1, classes, T)."""
        classes: Tensor = self.folding @ self.source(audio, samples)
        if self.norm == "none":
            return classes
        return _divided(classes, torch.linalg.vector_norm(classes, ORDERS[self.norm], 2, True))


class Cepstrum(nn.Module):
    """MFCC: the first rows of a cosine transform over frequency."""

    cosines: Tensor

    def __init__(self, representation: Mfcc, source: nn.Module) -> None:
        """Store the rows."""
        super().__init__()
        self.source = source
        cosines = torch.from_numpy(representation.cosines())
        self.register_buffer("cosines", cosines, persistent=False)

    def forward(self, audio: Tensor, samples: Tensor) -> Tensor:
        """Audio (B, samples) to (B, 1, coefficients, T)."""
        coefficients: Tensor = self.cosines @ self.source(audio, samples)
        return coefficients


class Periodicity(nn.Module):
    """Tempogram: local autocorrelation of the onset strength."""

    taper: Tensor

    def __init__(self, representation: Tempogram, source: nn.Module) -> None:
        """Store the window and the delay of an onset."""
        super().__init__()
        self.source = source
        self.bins = representation.bins
        self.delay = representation.delay
        weights = torch.from_numpy(taper("hann", self.bins).copy())
        self.register_buffer("taper", weights, persistent=False)
        self.hop = representation.hop

    def forward(self, audio: Tensor, samples: Tensor) -> Tensor:
        """Audio (B, samples) to (B, 1, lags, T)."""
        levels = self.source(audio, samples)[:, 0]
        frames, count = levels.shape[2], 1 + samples // self.hop
        rises = levels.diff(dim=2).clamp(min=0).mean(dim=1)
        strength = functional.pad(rises, (self.delay, 0))[:, :frames]
        half = self.bins // 2
        continued = _ramped(strength * inside(frames, count), half, count)
        size = next_fast_len(2 * self.bins - 1, real=True)
        windowed = centred_frames(continued, self.bins, 1, frames + half)[:, half:] * self.taper
        spectrum = torch.fft.rfft(windowed, size)
        power = spectrum.real.square() + spectrum.imag.square()
        values = torch.fft.irfft(power, size)[..., : self.bins].transpose(1, 2)
        return _divided(values, values.abs().amax(1, True))[:, None]


class Stacked(nn.Module):
    """Several representations as channels."""

    def __init__(self, representation: Stack, *members: nn.Module) -> None:
        """Store the members."""
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, audio: Tensor, samples: Tensor) -> Tensor:
        """Audio (B, samples) to (B, members, F, T)."""
        return torch.cat([member(audio, samples) for member in self.members], dim=1)


def _divided(values: Tensor, size: Tensor) -> Tensor:
    """Frames over their norm; silent ones stay zero instead of becoming noise at full scale."""
    audible = size > TINY
    return torch.where(audible, values / torch.where(audible, size, 1), values)


def _ramped(strength: Tensor, length: int, count: Tensor) -> Tensor:
    """Fade in to the first value and out from each row's last, (B, T) to (B, T + 2 length)."""
    last = count[:, None] - 1
    positions = torch.arange(-length, strength.shape[1] + length, device=strength.device)
    nearest = torch.minimum(positions.clamp(min=0), last)
    distance = (positions - nearest).abs()
    fade = (1 - distance / max(length, 1)).clamp(min=0)
    return strength.gather(1, nearest) * fade

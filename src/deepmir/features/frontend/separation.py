"""Harmonic-percussive separation by median filters, as in `deepmir.representations.separation`."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from deepmir.features.frontend.framing import centred_frames, inside, reflected
from deepmir.representations.fourier import taper
from deepmir.representations.separation import Separation

# Neighbourhoods held at once for the medians: 64 MB of float32.
BLOCK = 1 << 24
TINY = float(np.finfo(np.float32).tiny)


class Separate(nn.Module):
    """The harmonic or the percussive component of audio."""

    taper: Tensor

    def __init__(self, declared: Separation) -> None:
        """Store the declaration and the window."""
        super().__init__()
        self.declared = declared
        weights = torch.from_numpy(taper("hann", declared.window).copy())
        self.register_buffer("taper", weights, persistent=False)

    def forward(self, audio: Tensor, samples: Tensor) -> Tensor:
        """Audio (B, samples), with the valid samples per row (B,), to a component (B, samples)."""
        window, hop = self.declared.window, self.declared.hop
        count = 1 + audio.shape[1] // hop
        counts = 1 + samples // hop
        spectrum = torch.fft.rfft(centred_frames(audio, window, hop, count) * self.taper)
        spectrum = spectrum * self._mask(spectrum.abs(), counts)
        frames = torch.fft.irfft(spectrum, n=window) * self.taper
        known = inside(count, counts)[:, :, None].to(frames.dtype)
        signal = _overlapped(frames * known, hop)
        overlap = _overlapped(self.taper.square() * known, hop)
        covered = overlap > TINY
        signal = torch.where(covered, signal / torch.where(covered, overlap, 1), signal)
        start = window // 2
        cut = signal[:, start : start + audio.shape[1]]
        cut = functional.pad(cut, (0, audio.shape[1] - cut.shape[1]))
        return cut * inside(audio.shape[1], samples)

    def _mask(self, magnitudes: Tensor, counts: Tensor) -> Tensor:
        """Share of the component in each bin, shape (B, T, bins)."""
        kernel, power = self.declared.kernel, self.declared.power
        reach = kernel // 2
        index = reflected(magnitudes.shape[1], reach, counts)[:, :, None]
        along_time = magnitudes.gather(1, index.expand(-1, -1, magnitudes.shape[2]))
        harmonic = _medians(along_time.transpose(1, 2), kernel).transpose(1, 2)
        bins = torch.tensor([magnitudes.shape[2]], device=magnitudes.device)
        along_frequency = magnitudes[:, :, reflected(magnitudes.shape[2], reach, bins)[0]]
        percussive = _medians(along_frequency, kernel)
        pair = (harmonic, percussive)
        kept, other = pair if self.declared.keep == "harmonic" else pair[::-1]
        # Divided by the larger one, the powers neither overflow nor underflow.
        rival = other * self.declared.margin
        largest = torch.maximum(kept, rival)
        audible = largest > TINY
        largest = torch.where(audible, largest, 1)
        share, rest = (kept / largest) ** power, (rival / largest) ** power
        quiet = 0.5 if self.declared.margin == 1 else 0.0
        return torch.where(audible, share / torch.where(audible, share + rest, 1), quiet)


def _medians(values: Tensor, size: int) -> Tensor:
    """Medians of every `size` neighbours along the last axis, (B, R, n) to (B, R, n - size + 1)."""
    rows = max(1, BLOCK // (values.shape[0] * values.shape[2] * size))
    parts = [
        part.unfold(2, size, 1).median(dim=3).values for part in torch.split(values, rows, dim=1)
    ]
    return torch.cat(parts, dim=1)


def _overlapped(frames: Tensor, hop: int) -> Tensor:
    """Sum of frames (B, T, window) at multiples of the hop, shape (B, (T - 1) hop + window)."""
    count, window = frames.shape[1:]
    length = (count - 1) * hop + window
    folded: Tensor = functional.fold(
        frames.transpose(1, 2), output_size=(1, length), kernel_size=(1, window), stride=(1, hop)
    )
    return folded[:, 0, 0]

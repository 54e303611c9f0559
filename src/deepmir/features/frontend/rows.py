"""Any representation on the fly with NumPy: slow, but needs no torch implementation."""

import torch
from torch import Tensor, nn

from deepmir.representations.base import Base


class Rows(nn.Module):
    """Computes the recordings of a batch one by one on the CPU, without gradients."""

    def __init__(self, representation: Base, *parts: nn.Module) -> None:
        """Store the declaration."""
        super().__init__()
        self.representation = representation

    def forward(self, audio: Tensor, samples: Tensor) -> Tensor:
        """Audio (B, samples) to (B, N, F, T)."""
        kind = self.representation
        shape = (len(audio), kind.frames(audio.shape[1]), kind.bins, kind.channels)
        values = torch.zeros(shape)
        for row, signal, count in zip(values, audio, samples, strict=True):
            frames = torch.from_numpy(kind.analyse(signal[: int(count)].detach().cpu().numpy()))
            row[: len(frames)] = frames.reshape(len(frames), *shape[2:])
        return values.permute(0, 3, 2, 1).to(audio.device)

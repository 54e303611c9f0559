"""Any representation on the fly, by its own NumPy: the slow way that needs no torch of its own."""

import torch
from torch import Tensor, nn

from deepmir.representations.base import Base


class Rows(nn.Module):
    """Computes one recording of the batch after another, on the CPU; it passes no gradient on."""

    def __init__(self, representation: Base, *parts: nn.Module) -> None:
        """Keep the declaration."""
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

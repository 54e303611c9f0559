"""Masks over time and frequency: SpecAugment, one of each.

D. S. Park et al., "SpecAugment: a simple data augmentation method for automatic speech
recognition", Interspeech 2019, section 2.
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Integers = npt.NDArray[np.int64]


def draw(most: int, length: int, rng: np.random.Generator) -> Integers:
    """Where a mask begins and how long it is, shape (2,).

    Args:
        most: its greatest length; all lengths up to it are as probable.
        length: of the axis, in which it lies.
        rng: the patch's own generator.
    """
    size = int(rng.integers(0, min(most, length) + 1))
    return np.array([rng.integers(0, length - size + 1), size])


def masked(x: Tensor, lengths: Tensor, place: Tensor, axis: int) -> Tensor:
    """Put the mean of each patch and channel where its mask is.

    Args:
        x: patches, shape (B, N, F, T).
        lengths: frames of each, which its mean is of, shape (B,).
        place: of :func:`draw`, shape (B, 2).
        axis: 2 for frequency, 3 for time.
    """
    known = torch.arange(x.shape[3], device=x.device) < lengths[:, None, None, None]
    total = torch.where(known, x, 0).sum((2, 3), keepdim=True)
    mean = total / (lengths * x.shape[2])[:, None, None, None]
    steps = torch.arange(x.shape[axis], device=x.device)
    first, size = place[:, :1], place[:, 1:]
    inside = (steps >= first) & (steps < first + size)
    return torch.where(inside[:, None, None] if axis == 3 else inside[:, None, :, None], mean, x)

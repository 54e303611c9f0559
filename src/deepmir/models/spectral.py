"""Tall convolutions as products of spectra: the same values with a quarter of the operations.

Along frequency, a convolution becomes a product of discrete Fourier transforms; along time it is
unchanged. In an exported graph all three steps are matrix products. Weights are transformed when
the graph is loaded (onnxruntime folds constant expressions).
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

# Minimum factor of saved operations: the transforms also move their data.
WORTHWHILE = 2.0


class Spectral(nn.Module):
    """Replacement for a convolution without stride that preserves the number of bins."""

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.weight, self.bias = convolution.weight, convolution.bias
        self.padding = int(convolution.padding[1])

    def forward(self, x: Tensor) -> Tensor:
        """Features (B, C, F, T) to (B, O, F, T')."""
        bins, height = int(x.shape[2]), int(self.weight.shape[2])
        size = _size(bins, height)
        there, back = _transforms(bins, size)
        parts = torch.matmul(there, x).transpose(1, 2)  # (B, size, C, T)
        kernel = _of_kernel(self.weight, size)
        tracks, taken, given = x.shape[0], self.weight.shape[1], self.weight.shape[0]
        parts = parts.reshape(tracks, size * taken, -1)
        product = functional.conv1d(parts, kernel, padding=self.padding, groups=size // 2)
        product = product.reshape(tracks, size, given, -1)
        y = torch.matmul(back, product.transpose(1, 2))
        return y if self.bias is None else y + self.bias[:, None, None]


def pays(convolution: nn.Conv2d, bins: int) -> bool:
    """Whether the spectra of a convolution take far fewer operations."""
    height, width = convolution.kernel_size
    plain = (convolution.stride, convolution.dilation, convolution.groups) == ((1, 1), (1, 1), 1)
    padding = convolution.padding
    if not plain or isinstance(padding, str) or 2 * padding[0] + 1 != height:
        return False
    taken, given, size = convolution.in_channels, convolution.out_channels, _size(bins, height)
    spectral = size * (taken + given) + 2 * taken * given * width * size / bins
    return WORTHWHILE * spectral < taken * given * height * width


def _size(bins: int, height: int) -> int:
    """Points of an even transform in which the ends of the kernel meet zeros."""
    return (bins + height // 2 + 1) // 2 * 2


def _transforms(bins: int, size: int) -> tuple[Tensor, Tensor]:
    """Matrices of the transform, (size, bins), and of its inverse, (bins, size).

    The spectrum is real: 0 Hz and Nyquist, then real and imaginary part of each frequency between.
    """
    angles = 2 * math.pi / size * torch.outer(torch.arange(size // 2 + 1), torch.arange(bins))
    cosines, sines = torch.cos(angles.double()), -torch.sin(angles.double())
    pairs = torch.stack([cosines, sines], dim=1)
    pairs[0, 1] = cosines[-1]
    there = pairs[:-1].reshape(size, bins)
    shares = torch.full((size, 1), 2 / size, dtype=torch.float64)
    shares[:2] = 1 / size
    return there.float(), (there * shares).T.contiguous().float()


def _of_kernel(weight: Tensor, size: int) -> Tensor:
    """Weights (O, C, height, width) as those of a convolution over time for each pair of parts.

    Shape (size O, 2 C, width): how the two parts of a frequency are mapped to each other.
    """
    outputs, inputs, height, width = weight.shape
    offsets = torch.arange(height) - height // 2
    angles = 2 * math.pi / size * torch.outer(offsets, torch.arange(size // 2 + 1)).double()
    cosines, sines, none = torch.cos(angles), torch.sin(angles), torch.zeros(height)
    # For each frequency the matrix ((re, -im), (im, re)): a product of complex numbers.
    turned = torch.stack([cosines, -sines, sines, cosines], dim=2)[:, :-1]
    turned[:, 0] = torch.stack([cosines[:, 0], none, none, cosines[:, -1]], dim=1)
    kernel = torch.matmul(weight.permute(0, 1, 3, 2), turned.flatten(1).float())
    kernel = kernel.reshape(outputs, inputs, width, size // 2, 2, 2)
    return kernel.permute(3, 4, 0, 5, 1, 2).reshape(size * outputs, 2 * inputs, width)

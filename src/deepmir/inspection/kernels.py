"""The kernels of the first layer as images or, for raw audio, as frequency responses."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from deepmir.inspection.probe import Probe
from deepmir.networks.layers import (
    DenseLayer,
    GlobalPooling,
    SpectralConvolution,
    TemporalConvolution,
)

Array = npt.NDArray[np.float32]

# Minimum points of the Fourier transform of a kernel, so that responses are smooth curves.
POINTS = 1024


@dataclass(frozen=True)
class Kernels:
    """The weights of a first layer.

    Attributes:
        layer: its number, from 1.
        name: in the tutorial's notation.
        images: shape (kernels, bins, frames): the input with the strongest response.
        waveform: whether a kernel is audio, shape (kernels, 1, samples).
    """

    layer: int
    name: str
    images: Array
    waveform: bool


def first_kernels(found: Probe) -> Kernels | None:
    """The kernels of the first layer that has any, or None if its input is not the network's.

    A mean over time may precede it. Kernels over several channels (such as harmonics) are
    averaged over channels.
    """
    channels, bins = found.features.shape[:2]
    for layer in found.layers:
        module, weights = layer.module, _weights(layer.module)
        if isinstance(module, GlobalPooling) and layer.output.numel() == channels * bins:
            continue
        if weights is None:
            return None
        if isinstance(module, SpectralConvolution) and weights.dim() == 4:
            images = weights.mean(1)
        else:
            images = weights.reshape(len(weights), channels, bins, -1).mean(1)
        if found.representation.kind == "audio":
            # Consecutive hops are contiguous: a kernel over several of them is one piece of audio.
            samples = images.transpose(1, 2).reshape(len(images), 1, -1)
            return Kernels(layer.number, layer.name, samples.numpy(), waveform=True)
        return Kernels(layer.number, layer.name, images.numpy(), waveform=False)
    return None


def _weights(module: nn.Module) -> Tensor | None:
    """Weights of shape (kernels, inputs), (kernels, inputs, frames) or (kernels, N, F, T)."""
    if isinstance(module, DenseLayer):
        return module.linear.weight.detach()
    if isinstance(module, TemporalConvolution | SpectralConvolution):
        return module.convolution.weight.detach()
    return None


def responses(kernels: Array, sample_rate: float) -> tuple[Array, Array]:
    """Frequency responses of kernels on audio, sorted by their peak frequency.

    (Dieleman and Schrauwen, ICASSP 2014, figure 2; the tutorial's Figure 9.)

    Args:
        kernels: shape (kernels, samples).
        sample_rate: of the audio, Hz.

    Returns:
        Frequencies (bins,) in Hz, and magnitudes (kernels, bins), each relative to its peak.
    """
    points = max(POINTS, kernels.shape[1])
    magnitudes = np.abs(np.fft.rfft(kernels, points, axis=1))
    magnitudes /= np.maximum(magnitudes.max(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    frequencies = np.fft.rfftfreq(points, 1 / sample_rate)
    order = np.argsort(magnitudes.argmax(axis=1), kind="stable")
    return frequencies.astype(np.float32), magnitudes[order].astype(np.float32)

"""The signal itself, its STFT, and filterbanks on it (tutorial, section 3.2, equations 2 and 3)."""

import torch
from torch import Tensor, nn

from deepmir.features.frontend.framing import centred_frames
from deepmir.representations import Audio, Stft
from deepmir.representations.filterbank import Filterbank
from deepmir.representations.fourier import taper


class Samples(nn.Module):
    """Raw audio: one hop of samples around each frame's centre."""

    def __init__(self, representation: Audio) -> None:
        """Store the hop."""
        super().__init__()
        self.hop = representation.hop

    def forward(self, audio: Tensor, samples: Tensor) -> Tensor:
        """Audio (B, samples) to (B, 1, hop, T)."""
        frames = centred_frames(audio, self.hop, self.hop, 1 + audio.shape[1] // self.hop)
        return frames.transpose(1, 2)[:, None]


class Fourier(nn.Module):
    """Spectra of the windowed frames."""

    taper: Tensor

    def __init__(self, declared: Stft | Filterbank) -> None:
        """Store the window."""
        super().__init__()
        self.hop = declared.hop
        weights = torch.from_numpy(taper(declared.taper, declared.window).copy())
        self.register_buffer("taper", weights, persistent=False)

    def forward(self, audio: Tensor) -> Tensor:
        """Audio (B, samples) to complex (B, T, 1 + window // 2)."""
        frames = centred_frames(audio, len(self.taper), self.hop, 1 + audio.shape[1] // self.hop)
        spectrum: Tensor = torch.fft.rfft(frames * self.taper)
        return spectrum


class Spectrum(nn.Module):
    """STFT: magnitude, power, or real and imaginary part as two channels (equation 2)."""

    def __init__(self, representation: Stft) -> None:
        """Store the window and the form of the output."""
        super().__init__()
        self.fourier = Fourier(representation)
        self.value = representation.value

    def forward(self, audio: Tensor, samples: Tensor) -> Tensor:
        """Audio (B, samples) to (B, 1 or 2, bins, T)."""
        spectrum = self.fourier(audio)
        if self.value == "complex":
            return torch.view_as_real(spectrum).permute(0, 3, 2, 1)
        values = spectrum.abs() if self.value == "magnitude" else power(spectrum)
        return values.transpose(1, 2)[:, None]


class Bank(nn.Module):
    """Weighted sums of magnitudes or powers: mel, bark, ERB, gammatone, log-frequency."""

    weights: Tensor

    def __init__(self, representation: Filterbank) -> None:
        """Store the window and the filters."""
        super().__init__()
        self.fourier = Fourier(representation)
        self.power = representation.power
        weights = torch.from_numpy(representation.weights()).float()
        self.register_buffer("weights", weights, persistent=False)

    def forward(self, audio: Tensor, samples: Tensor) -> Tensor:
        """Audio (B, samples) to (B, 1, bins, T)."""
        spectrum = self.fourier(audio)
        summed = power(spectrum) if self.power == 2 else spectrum.abs()
        return (self.weights @ summed.transpose(1, 2))[:, None]


def power(spectrum: Tensor) -> Tensor:
    """Squared magnitude, without the root, which has no gradient at zero."""
    return spectrum.real.square() + spectrum.imag.square()

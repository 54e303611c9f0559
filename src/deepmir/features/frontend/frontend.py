"""From audio to what a network sees: separation, analysis, conditioning."""

import torch
from torch import Tensor, nn

from deepmir.features.frontend import conditioning
from deepmir.features.frontend.constant_q import ConstantQ
from deepmir.features.frontend.folded import Cepstrum, Folded, Periodicity, Stacked
from deepmir.features.frontend.separation import Separate
from deepmir.features.frontend.spectrum import Bank, Samples, Spectrum
from deepmir.representations import (
    Audio,
    Chroma,
    Cqt,
    Hcqt,
    Mfcc,
    Representation,
    Stack,
    Stft,
    Tempogram,
)
from deepmir.representations.separation import Separation


class Frontend(nn.Module):
    """A representation as a module: nothing of it is learned or saved with a model."""

    def __init__(self, representation: Representation) -> None:
        """Make windows, filters and kernels from the declaration."""
        super().__init__()
        self.hop = representation.hop
        separation = _separation(representation)
        self.separation = None if separation is None else Separate(separation)
        self.analysis = _analysis(representation)
        unit = representation.bare().units
        steps = []
        for declared in representation.conditioning:
            steps.append(
                conditioning.build(declared, unit, representation.frame_rate, representation.bins)
            )
            unit = declared.unit(unit)
        self.conditioning = nn.ModuleList(steps)

    def forward(self, audio: Tensor, samples: Tensor | None = None) -> Tensor:
        """Transform mono audio.

        Args:
            audio: float32 at the declared sample rate, shape (B, samples).
            samples: how many of each row are its own, shape (B,); what follows has to be zero.
                By default all of them.

        Returns:
            float32, shape (B, N, F, T) with T = 1 + samples // hop; the frames of a row from
            1 + its samples // hop on are those of the padding.
        """
        if samples is None:
            samples = torch.full((len(audio),), audio.shape[1], device=audio.device)
        # Half precision is for the network: levels 100 dB apart do not survive it.
        with torch.autocast(audio.device.type, enabled=False):
            if self.separation is not None:
                audio = self.separation(audio, samples)
            x: Tensor = self.analysis(audio, samples)
            for step in self.conditioning:
                x = step(x, 1 + samples // self.hop)
        return x


def _separation(representation: Representation) -> Separation | None:
    if isinstance(representation, Hcqt):
        return representation.source.separation
    return getattr(representation, "separation", None)


def _analysis(representation: Representation) -> nn.Module:
    """What comes between separation and conditioning: audio and lengths to (B, N, F, T)."""
    if isinstance(representation, Audio):
        return Samples(representation)
    if isinstance(representation, Stft):
        return Spectrum(representation)
    if isinstance(representation, Cqt | Hcqt):
        return ConstantQ(representation)
    if isinstance(representation, Chroma):
        return Folded(representation, Frontend(representation.source))
    if isinstance(representation, Mfcc):
        return Cepstrum(representation, Frontend(representation.source))
    if isinstance(representation, Tempogram):
        return Periodicity(representation, Frontend(representation.source))
    if isinstance(representation, Stack):
        return Stacked([Frontend(member) for member in representation.members])
    return Bank(representation)

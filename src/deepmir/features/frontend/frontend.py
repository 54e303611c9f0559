"""From audio to a network's input: separation, analysis, conditioning."""

from importlib import import_module

import torch
from torch import Tensor, nn

from deepmir.errors import DeepmirError
from deepmir.features.frontend.conditioning import MODULES, Before
from deepmir.features.frontend.separation import Separate
from deepmir.representations.base import Base


class Frontend(nn.Module):
    """A representation as a module; nothing in it is learned or saved with a model."""

    def __init__(self, representation: Base) -> None:
        """Construct windows, filters and kernels from the declaration."""
        super().__init__()
        self.hop = representation.hop
        separation = representation.separation
        self.separation = None if separation is None else Separate(separation)
        self.analysis = _analysis(representation)
        unit = representation.bare().units
        steps = []
        for declared in representation.conditioning:
            before = Before(unit, representation.frame_rate, representation.bins)
            steps.append(MODULES[type(declared)](declared, before))
            unit = declared.unit(unit)
        self.conditioning = nn.ModuleList(steps)

    def forward(self, audio: Tensor, samples: Tensor | None = None) -> Tensor:
        """Transform mono audio.

        Args:
            audio: float32 at the declared sample rate, shape (B, samples).
            samples: number of valid samples in each row, shape (B,); the rest has to be zero. By
                default all are valid.

        Returns:
            float32, shape (B, N, F, T) with T = 1 + samples // hop; frames of a row from
            1 + its samples // hop on belong to the padding.
        """
        if samples is None:
            samples = torch.full((len(audio),), audio.shape[1], device=audio.device)
        # Half precision is for the network only: levels 100 dB apart do not survive it.
        with torch.autocast(audio.device.type, enabled=False):
            if self.separation is not None:
                audio = self.separation(audio, samples)
            x: Tensor = self.analysis(audio, samples)
            for step in self.conditioning:
                x = step(x, 1 + samples // self.hop)
        return x


def _analysis(representation: Base) -> nn.Module:
    """The module between separation and conditioning: audio and lengths to (B, N, F, T).

    Raises:
        DeepmirError: when the module named by the representation does not exist.
    """
    module, _, name = representation.frontend.partition(".")
    try:
        kind = getattr(import_module(f"deepmir.features.frontend.{module}"), name)
    except (ImportError, AttributeError):
        raise DeepmirError(
            f"the representation {representation.kind} names {representation.frontend} as its "
            "front end, and deepmir.features.frontend has none"
        ) from None
    analysis: nn.Module = kind(representation, *map(Frontend, representation.parts))
    return analysis

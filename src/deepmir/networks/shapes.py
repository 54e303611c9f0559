"""What goes into a network, what comes out, and what travels in between (symbols of Table 2)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deepmir.representations import Representation


@dataclass(frozen=True)
class InputShape:
    """The input of a network: (N channels, F bins, T frames), T being free.

    Attributes:
        channels: N; 1 for a single representation.
        bins: F; 1 for raw audio, whose frames are samples.
        frame_rate: frames a second.
        bins_per_octave: of a logarithmic frequency axis; None where octaves mean nothing.
    """

    channels: int
    bins: int
    frame_rate: float
    bins_per_octave: int | None = None

    @classmethod
    def of(cls, representation: Representation, ensemble: bool = False) -> InputShape:
        """What a network, or each of an ensemble, sees of a representation."""
        return cls(
            channels=1 if ensemble else representation.channels,
            bins=representation.bins,
            frame_rate=representation.frame_rate,
            bins_per_octave=representation.bins_per_octave,
        )


@dataclass(frozen=True)
class Output:
    """What a task asks of a network.

    Attributes:
        width: V of the last layer: classes, or values to regress.
        time_varying: one prediction a frame if true, otherwise one a track.
    """

    width: int
    time_varying: bool


@dataclass(frozen=True)
class Shape:
    """What travels between two layers.

    Attributes:
        channels: N feature maps; V where no frequency axis is left.
        bins: F; 1 where no frequency axis is left.
        hop: input frames for one frame here; None once the time axis is gone.
    """

    channels: int
    bins: int
    hop: int | None

    @property
    def features(self) -> int:
        """Numbers in one frame: N x F."""
        return self.channels * self.bins

    def __str__(self) -> str:
        time = [] if self.hop is None else ["T" if self.hop == 1 else f"T/{self.hop}"]
        bins = [] if self.bins == 1 else [str(self.bins)]
        return " × ".join([str(self.channels), *bins, *time])


@dataclass(frozen=True)
class Reach:
    """The receptive field of one unit: how far it sees to either side of where it stands.

    Attributes:
        past: input frames before its own; infinite for all of them.
        future: input frames after its own.
        below: bins below its own.
        above: bins above its own.
        pitch: bins from one unit to the next along frequency.
    """

    past: float = 0
    future: float = 0
    below: float = 0
    above: float = 0
    pitch: int = 1

    @property
    def frames(self) -> float:
        """Input frames seen in all."""
        return self.past + 1 + self.future

    def bins(self, input_bins: int) -> int:
        """Input bins seen in all."""
        return int(min(self.below + 1 + self.above, input_bins))


ALL_TIME = (math.inf, math.inf)

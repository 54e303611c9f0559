"""The sizes of a network: input, output, shapes in between, windows, reach (Table 2)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deepmir.errors import DeepmirError

if TYPE_CHECKING:
    from deepmir.representations import Representation


@dataclass(frozen=True)
class InputShape:
    """The input of a network: (N channels, F bins, T frames), with T variable.

    Attributes:
        channels: N; 1 for a single representation.
        bins: F; 1 for raw audio, whose frames are samples.
        frame_rate: frames per second.
        bins_per_octave: of a logarithmic frequency axis; None if there is none.
        frames: T of fixed-length patches; None if T is variable.
    """

    channels: int
    bins: int
    frame_rate: float
    bins_per_octave: int | None = None
    frames: int | None = None

    @classmethod
    def of(cls, representation: Representation, ensemble: bool = False) -> InputShape:
        """The input shape of a network, or of each of an ensemble, for a representation."""
        return cls(
            channels=1 if ensemble else representation.channels,
            bins=representation.bins,
            frame_rate=representation.frame_rate,
            bins_per_octave=representation.bins_per_octave,
        )

    def refuse(self, channels: int, bins: int, frames: int, minimum_frames: int) -> None:
        """Refuse input that a network of this shape cannot take.

        Args:
            channels: of the input.
            bins: of the input.
            frames: of its shortest track.
            minimum_frames: of the network, see `deepmir.networks.plan.minimum_frames`.

        Raises:
            DeepmirError: for wrong channels or bins, too few frames, or patches of another length.
        """
        if (channels, bins) != (self.channels, self.bins):
            raise DeepmirError(
                f"this network takes {self.channels} channels of {self.bins} bins, not "
                f"{channels} of {bins}: give it the representation it was made for"
            )
        if self.frames not in (None, frames):
            raise DeepmirError(
                f"this network takes patches of {self.frames} frames, not of {frames}"
            )
        if frames < minimum_frames:
            raise DeepmirError(
                f"a track of {frames} frames is too short: this network pools time and needs "
                f"{minimum_frames} ({minimum_frames / self.frame_rate:.2f} s)"
            )


@dataclass(frozen=True)
class Output:
    """The output that a task requires of a network.

    Attributes:
        width: V of the last layer: number of classes or of values to regress.
        time_varying: one prediction per frame if true, otherwise one per track.
    """

    width: int
    time_varying: bool


@dataclass(frozen=True)
class Shape:
    """The shape of the data between two layers.

    Attributes:
        channels: N feature maps; V without a frequency axis.
        bins: F; 1 without a frequency axis.
        hop: input frames per frame here; None once the time axis is gone.
        frames: T of fixed-length patches; else None.
    """

    channels: int
    bins: int
    hop: int | None
    frames: int | None = None

    @property
    def features(self) -> int:
        """Numbers in one frame: N x F."""
        return self.channels * self.bins

    def __str__(self) -> str:
        time = [] if self.hop is None else ["T" if self.hop == 1 else f"T/{self.hop}"]
        time = time if self.frames is None else [str(self.frames)]
        bins = [] if self.bins == 1 else [str(self.bins)]
        return " × ".join([str(self.channels), *bins, *time])


@dataclass(frozen=True)
class Window:
    """A kernel or a pool along one axis.

    Attributes:
        size: positions it covers (taps of a kernel).
        stride: step from one output position to the next.
        dilation: distance between neighbouring taps.
        padded: whether it may extend past the edges, so every stride-th position gives an output;
            otherwise it stays inside, and a remainder at the end is dropped.
    """

    size: int = 1
    stride: int = 1
    dilation: int = 1
    padded: bool = True

    @property
    def before(self) -> int:
        """Positions it covers before the current one."""
        return (self.size - 1) * self.dilation // 2 if self.padded else 0

    @property
    def after(self) -> int:
        """Positions it covers after the current one."""
        return (self.size - 1) * self.dilation - self.before

    @property
    def extent(self) -> int:
        """Positions from its first to its last tap."""
        return self.before + 1 + self.after

    def length(self, positions: int) -> int:
        """Output positions for the given number of input positions."""
        if self.padded:
            return -(-positions // self.stride)
        return max(0, (positions - self.extent) // self.stride + 1)

    def least(self, outputs: int) -> int:
        """The fewest input positions that give this many output positions."""
        return (outputs - 1) * self.stride + (1 if self.padded else self.extent)


@dataclass(frozen=True)
class Reach:
    """The receptive field of one unit: how far it extends on each side of the unit's position.

    Attributes:
        past: input frames before its own; infinite if all.
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
        """Total number of input frames."""
        return self.past + 1 + self.future

    def bins(self, input_bins: int) -> int:
        """Total number of input bins."""
        return int(min(self.below + 1 + self.above, input_bins))


ALL_TIME = (math.inf, math.inf)

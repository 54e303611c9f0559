"""The audio signal itself (tutorial, section 3.2), for networks that start from samples."""

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from deepmir.representations.base import Array, Axis, Framed
from deepmir.representations.framing import excerpt


class Audio(Framed):
    """Raw audio x[n], cut into frames of one hop without overlap.

    Frame ``t`` holds the hop centred at ``t * hop``, so that raw audio has the time axis of every
    other representation. ``values.reshape(-1)[hop // 2 :]`` is the signal, exactly, up to half a
    hop after the centre of the last frame.
    """

    axis: ClassVar[Axis] = "sample"
    bins_per_octave: ClassVar[None] = None
    frontend: ClassVar[str] = "fourier.Samples"
    kind: Literal["audio"] = "audio"

    @property
    def bins(self) -> int:
        """Samples a frame, the hop."""
        return self.hop

    @property
    def frequencies(self) -> npt.NDArray[np.float64]:
        """Not a number for every bin: samples have no frequency."""
        return np.full(self.hop, np.nan)

    @property
    def raw_unit(self) -> str:
        """Unit before conditioning."""
        return "amplitude"

    @property
    def raw_signed(self) -> bool:
        """Whether values can be negative before conditioning."""
        return True

    @property
    def reach(self) -> int:
        """Samples to either side of its centre that a frame depends on."""
        return self.hop // 2

    def analyse(self, samples: Array) -> Array:
        """Frames of the (separated) samples."""
        frames = self.frames(len(samples))
        start = -(self.hop // 2)
        tiled = excerpt(samples, start, start + frames * self.hop)
        # The caller's samples must survive conditioning.
        return tiled.reshape(frames, self.hop).copy()

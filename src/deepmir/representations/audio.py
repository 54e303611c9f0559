"""The audio signal itself (tutorial, section 3.2), for networks that start from samples."""

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from deepmir.representations.base import Array, Axis, Framed
from deepmir.representations.framing import excerpt


class Audio(Framed):
    """Raw audio x[n], cut into frames of one hop without overlap.

    Frame ``t`` holds the hop centred at ``t * hop``, so raw audio has the same time axis as all
    other representations. ``values.reshape(-1)[hop // 2 :]`` is exactly the signal, up to half a
    hop after the centre of the last frame.
    """

    axis: ClassVar[Axis] = "sample"
    bins_per_octave: ClassVar[None] = None
    frontend: ClassVar[str] = "fourier.Samples"
    kind: Literal["audio"] = "audio"

    @property
    def bins(self) -> int:
        """Samples per frame, the hop."""
        return self.hop

    @property
    def frequencies(self) -> npt.NDArray[np.float64]:
        """NaN for every bin: samples have no frequency."""
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
        """Samples on either side of its centre that a frame depends on."""
        return self.hop // 2

    def analyse(self, samples: Array) -> Array:
        """Frames of the (separated) samples."""
        frames = self.frames(len(samples))
        start = -(self.hop // 2)
        tiled = excerpt(samples, start, start + frames * self.hop)
        # Conditioning must not change the caller's samples.
        return tiled.reshape(frames, self.hop).copy()

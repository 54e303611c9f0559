"""Short-time Fourier transform (tutorial, section 3.2, equation 2), and its inverse."""

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from deepmir.representations.base import Array, Axis, Framed
from deepmir.representations.fourier import Taper, Window, resynthesised, spectra, squared


class Stft(Framed):
    """``S(m, w) = sum_n x[n] w[n - m] exp(-j w n)`` at multiples m of the hop (equation 2).

    Phases are relative to the first sample of each frame. ``value: complex`` has two channels,
    real and imaginary part, and is inverted by `inverse`.
    """

    axis: ClassVar[Axis] = "frequency"
    bins_per_octave: ClassVar[None] = None
    frontend: ClassVar[str] = "fourier.Spectrum"
    kind: Literal["stft"] = "stft"
    window: Window = Field(2048, description="samples a frame, and points of the transform")
    taper: Taper = Field("hann", description="window function w")
    value: Literal["magnitude", "power", "complex"] = Field(
        "magnitude", description="|S|, |S| squared, or real and imaginary parts as two channels"
    )

    @property
    def bins(self) -> int:
        """Number of frequencies from zero to Nyquist."""
        return 1 + self.window // 2

    @property
    def channels(self) -> int:
        """2 for complex values, else 1."""
        return 2 if self.value == "complex" else 1

    @property
    def frequencies(self) -> npt.NDArray[np.float64]:
        """Frequency of every bin, shape (bins,), Hz."""
        return np.arange(self.bins, dtype=np.float64) * (self.sample_rate / self.window)

    @property
    def raw_unit(self) -> str:
        """Unit before conditioning."""
        return self.value

    @property
    def raw_signed(self) -> bool:
        """Whether values can be negative before conditioning."""
        return self.value == "complex"

    @property
    def reach(self) -> int:
        """Samples on either side of its centre that a frame depends on."""
        return self.window // 2

    def analyse(self, samples: Array) -> Array:
        """Frames of the (separated) samples."""
        shape = (self.frames(len(samples)), self.bins, 2)
        values = np.empty(shape if self.value == "complex" else shape[:2], np.float32)
        for which, spectrum in spectra(samples, self.window, self.hop, self.taper):
            if self.value == "complex":
                values[which] = spectrum.view(np.float32).reshape(-1, self.bins, 2)
            elif self.value == "magnitude":
                np.abs(spectrum, out=values[which])
            else:
                parts = squared(spectrum)
                np.add(parts[:, ::2], parts[:, 1::2], out=values[which])
        return values

    def inverse(self, values: Array, samples: int) -> Array:
        """Samples whose complex STFT is closest to ``values`` (Griffin and Lim, 1984, equation 6).

        Args:
            values: Complex STFT without conditioning, float32, shape (frames, bins, 2).
            samples: Length of the signal.

        Returns:
            Audio, shape (samples,); equal to the transformed signal if values are unchanged.
        """
        spectrum = np.ascontiguousarray(values).view(np.complex64)[..., 0]
        return resynthesised(spectrum, self.window, self.hop, self.taper, samples)

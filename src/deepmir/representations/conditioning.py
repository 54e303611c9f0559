"""Conditioning of the frames, declared as a chain (tutorial, section 5.1).

Every step maps frames to frames of the same shape; it may overwrite its input. Standardisation by
the statistics of the training split belongs to the network's input, not here: these steps only use
the recording itself.
"""

import math
from abc import abstractmethod
from typing import Annotated, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from deepmir.errors import DeepmirError
from deepmir.fields import Number, Positive, Seconds
from deepmir.representations.framing import blocks
from deepmir.representations.versioned import Versioned

Array = npt.NDArray[np.float32]

# PCEN forgets exponentially: after so many time constants 6e-6 is left.
TIME_CONSTANTS = 12

# From the smallest value in single precision to more than any audio reaches.
Level = Annotated[Number, Field(ge=1e-37, le=1e12)]


class Step(Versioned):
    """A step of the chain; `magnitudes_only` steps refuse values that can be negative."""

    magnitudes_only: ClassVar[bool] = True
    makes_signed: ClassVar[bool] = False

    def unit(self, before: str) -> str:
        """Unit of the values after the step, given the unit before."""
        return before

    def context(self, frame_rate: float) -> tuple[int, int]:
        """Number of frames before and after its own that a frame depends on.

        Raises:
            DeepmirError: when that is the whole recording, with the change to make.
        """
        return 0, 0

    @abstractmethod
    def __call__(self, values: Array, unit: str, frame_rate: float) -> Array:
        """Condition frames.

        Args:
            values: Frames, float32, shape (frames, bins) or (frames, bins, channels); overwritten.
            unit: Their unit.
            frame_rate: Frames per second.

        Returns:
            float32, the shape of ``values``.
        """


class Log(Step):
    """Logarithmic mapping of magnitudes, X -> log(X + epsilon) (tutorial, section 5.1)."""

    makes_signed: ClassVar[bool] = True
    kind: Literal["log"] = "log"
    epsilon: Level = Field(1e-6, description="what is added before the logarithm")

    def unit(self, before: str) -> str:
        """Unit of the values after the step, given the unit before."""
        return f"log {before}"

    def __call__(self, values: Array, unit: str, frame_rate: float) -> Array:
        """Take the logarithm in place."""
        np.add(values, np.float32(self.epsilon), out=values)
        return np.log(values, out=values)


class Decibel(Step):
    """Level 10 log10(power / reference), 20 log10 of magnitudes, within a range below the peak."""

    makes_signed: ClassVar[bool] = True
    kind: Literal["decibel"] = "decibel"
    reference: Level | Literal["maximum"] = Field(
        1.0, description="what is 0 dB, in the unit of the values, or the recording's maximum"
    )
    floor: Level = Field(1e-10, description="the least power; below it is silence")
    range: Positive | None = Field(
        80.0, le=1000, description="dB kept below the peak; null keeps all"
    )

    def unit(self, before: str) -> str:
        """Unit of the values after the step, given the unit before."""
        return "dB"

    def context(self, frame_rate: float) -> tuple[int, int]:
        """None, unless values are relative to the peak."""
        if self.range is not None or self.reference == "maximum":
            raise DeepmirError(
                "decibel refers to the loudest moment of the whole recording: declare "
                "range: null and a number as its reference"
            )
        return 0, 0

    def __call__(self, values: Array, unit: str, frame_rate: float) -> Array:
        """Convert to decibels in place."""
        exponent = 1 if "power" in unit else 2
        least = self.floor ** (1 / exponent)
        reference = float(values.max()) if self.reference == "maximum" else self.reference
        np.maximum(values, np.float32(least), out=values)
        np.log(values, out=values)
        # np.log is vectorised in single precision, unlike np.log10.
        np.multiply(values, np.float32(10 * exponent / math.log(10)), out=values)
        values -= np.float32(10 * exponent * math.log10(max(reference, least)))
        if self.range is not None:
            np.maximum(values, values.max() - np.float32(self.range), out=values)
        return values


class Pcen(Step):
    """Per-channel energy normalisation (Wang et al., ICASSP 2017, equations 1 and 2).

    M[t] = (1 - b) M[t - 1] + b X[t]; (X / (epsilon + M)^gain + bias)^power - bias^power.
    The smoother starts from the first frame, so a recording does not begin with an onset.
    """

    kind: Literal["pcen"] = "pcen"
    scale: Level = Field(2.0**31, description="X is multiplied by this: 32-bit samples")
    gain: Number = Field(0.98, ge=0, le=10, description="strength of the gain control")
    bias: Level = Field(2.0, description="offset of the compression")
    power: Positive = Field(0.5, le=10, description="exponent of the compression")
    time_constant: Seconds = Field(0.4, ge=1e-3, description="memory of the smoother M, s")
    epsilon: Level = Field(1e-6, description="keeps silence from dividing by zero")

    def unit(self, before: str) -> str:
        """Unit of the values after the step, given the unit before."""
        return f"PCEN of {before}"

    def context(self, frame_rate: float) -> tuple[int, int]:
        """The memory of the smoother, in the past."""
        return math.ceil(TIME_CONSTANTS * self.time_constant * frame_rate), 0

    def smoothing(self, frame_rate: float) -> float:
        """Coefficient b of the smoother."""
        frames = self.time_constant * frame_rate
        return (math.sqrt(1 + 4 * frames**2) - 1) / (2 * frames**2)

    def __call__(self, values: Array, unit: str, frame_rate: float) -> Array:
        """Normalise in place, block by block."""
        from deepmir.representations.smoothing import smoothed  # compiled: imported when needed

        b = self.smoothing(frame_rate)
        state = (1 - b) * self.scale * values[:1].ravel().astype(np.float64)
        for which in blocks(len(values), 1024):
            scaled = values[which] * np.float64(self.scale)
            scaled *= (self.epsilon + smoothed(scaled, b, state)) ** -self.gain
            # The difference of two powers cancels for small values.
            raised = np.expm1(self.power * np.log1p(scaled / self.bias))
            values[which] = self.bias**self.power * raised
        return values


class Whitening(Step):
    """Adaptive spectral whitening: each bin divided by its own recent peak.

    P[t] = max(X[t], floor, m P[t - 1]); X / P (Stowell and Plumbley, ICMC 2007). It equalises the
    energy across frequencies, causally and without statistics of a data set.
    """

    kind: Literal["whitening"] = "whitening"
    floor: Level = Field(1e-3, description="least peak, in the unit of the values")
    time_constant: Seconds = Field(5.0, ge=1e-3, description="s for a peak to fall to 1 / e")

    def unit(self, before: str) -> str:
        """Unit of the values after the step, given the unit before."""
        return f"whitened {before}"

    def context(self, frame_rate: float) -> tuple[int, int]:
        """The whole past, which is refused."""
        raise DeepmirError(
            "whitening follows the peaks from the beginning of the recording: leave it out"
        )

    def __call__(self, values: Array, unit: str, frame_rate: float) -> Array:
        """Whiten in place."""
        memory = np.float32(math.exp(-1 / (self.time_constant * frame_rate)))
        peak = np.full(values.shape[1:], self.floor, np.float32)
        for frame in values:
            np.multiply(peak, memory, out=peak)
            np.maximum(peak, np.float32(self.floor), out=peak)
            np.maximum(peak, frame, out=peak)
            np.divide(frame, peak, out=frame)
        return values


class LocalContrast(Step):
    """Local contrast normalisation: subtract the local mean, divide by the local deviation.

    Both are Gaussian-weighted over time and frequency (Jarrett et al., ICCV 2009, section 2.1);
    the deviation is never taken below a floor.
    """

    magnitudes_only: ClassVar[bool] = False
    makes_signed: ClassVar[bool] = True
    kind: Literal["local_contrast"] = "local_contrast"
    frames: Positive = Field(8.0, le=10_000, description="standard deviation over time, frames")
    bins: Positive = Field(4.0, le=10_000, description="standard deviation over frequency, bins")
    floor: Level = Field(0.1, description="least deviation, in the unit of the values")

    def unit(self, before: str) -> str:
        """Unit of the values after the step, given the unit before."""
        return "local deviations"

    @property
    def reach(self) -> int:
        """Frames on either side that a frame depends on: two Gaussians of four deviations."""
        return 2 * math.ceil(4 * self.frames)

    def context(self, frame_rate: float) -> tuple[int, int]:
        """The reach of both Gaussians, on each side."""
        return self.reach, self.reach

    def __call__(self, values: Array, unit: str, frame_rate: float) -> Array:
        """Normalise block by block, with the neighbours that the Gaussians need."""
        reach = self.reach
        result = np.empty_like(values)
        for which in blocks(len(values), 4096):
            first = max(which.start - reach, 0)
            contrast = self._contrast(values[first : which.stop + reach])
            result[which] = contrast[which.start - first : which.stop - first]
        return result

    def _contrast(self, values: Array) -> Array:
        from scipy.ndimage import gaussian_filter

        deviations = (self.frames, self.bins, 0.0)[: values.ndim]
        centred = values - gaussian_filter(values, deviations)
        local = np.sqrt(gaussian_filter(centred**2, deviations))
        normalised: Array = centred / np.maximum(local, np.float32(self.floor))
        return normalised


Conditioning = Annotated[
    Log | Decibel | Pcen | Whitening | LocalContrast, Field(discriminator="kind")
]

"""Log-frequency spectrogram: the tutorial's cheap alternative to the CQT (section 3.2)."""

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from deepmir.fields import Count, Positive, Whole
from deepmir.representations.cqt import C1, check_octaves
from deepmir.representations.filterbank import Bins, Filterbank, normalised

Values = npt.NDArray[np.float64]


class LogFrequency(Filterbank):
    """STFT summed by triangles around ``f(k) = fmin 2^(k / bins_per_octave)``.

    A triangle extends to its neighbours' centres, and at least one STFT bin: where the bins of
    the STFT are wider than the steps, the spectrum is interpolated between them.
    """

    kind: Literal["logfrequency"] = "logfrequency"
    power: Whole = Field(1, ge=1, le=2, description="what is summed: 1 magnitudes, 2 powers")
    bins: Bins = Field(84, description="number of filters: octaves times bins_per_octave")
    bins_per_octave: Count = Field(12, le=1200, description="steps an octave")
    fmin: Positive = Field(C1, description="lowest frequency, Hz; the default is C1")
    norm: Literal["none", "sum"] = Field(
        "sum", description="what the filters have in common: sum of the weights, or height"
    )

    @property
    def frequencies(self) -> Values:
        """Centre of every bin, shape (bins,), Hz."""
        return self.fmin * 2.0 ** (np.arange(self.bins) / self.bins_per_octave)

    def check_band(self) -> None:
        """Raise ValueError if the filters do not lie between zero and Nyquist."""
        check_octaves(self.bins, self.bins_per_octave)
        if self.frequencies[-1] > self.sample_rate / 2:
            raise ValueError(
                f"the highest of {self.bins} bins is at {self.frequencies[-1]:.0f} Hz, above half "
                f"the sample rate, {self.sample_rate / 2:g} Hz: lower fmin, or use fewer bins"
            )

    def weights(self) -> Values:
        """The filterbank, shape (bins, 1 + window // 2)."""
        centres = self.frequencies[:, None]
        least = self.sample_rate / self.window
        step = 2.0 ** (1 / self.bins_per_octave)
        below = np.maximum(centres - centres / step, least)
        above = np.maximum(centres * step - centres, least)
        detuning = self.fourier_frequencies - centres
        heights = np.maximum(0, 1 - np.where(detuning < 0, -detuning / below, detuning / above))
        return normalised(heights, self.norm, np.ones(self.bins))

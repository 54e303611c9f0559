"""Gammatone spectrogram (named in the tutorial's section 3.2)."""

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from deepmir.fields import Number
from deepmir.representations.erb import bandwidth, erb_spaced
from deepmir.representations.filterbank import Auditory, Bins, normalised

Values = npt.NDArray[np.float64]


class Gammatone(Auditory):
    """Spectra weighted by the responses of fourth-order gammatone filters, ERB-spaced.

    A gammatone filter ``t^3 exp(-2 pi b t) cos(2 pi f_c t)`` with b = 1.019 ERB(f_c) has the
    magnitude response ``(1 + ((f - f_c) / b)^2)^-2`` around f_c (Patterson et al., 1992). With
    ``power: 2`` the response is squared, to match power spectra. Weights below 1e-8 of the peak
    are zero.
    """

    kind: Literal["gammatone"] = "gammatone"
    bins: Bins = Field(64, description="number of filters")
    fmin: Number = Field(50.0, ge=0, description="centre of the lowest filter, Hz")
    norm: Literal["none", "sum"] = Field(
        "sum", description="what the filters have in common: sum of the weights, or height"
    )

    @property
    def frequencies(self) -> Values:
        """Centre of every filter, shape (bins,), Hz; the highest is one step below fmax."""
        return erb_spaced(self.fmin, self.highest, self.bins + 1)[:-1]

    def weights(self) -> Values:
        """The filterbank, shape (bins, 1 + window // 2)."""
        centres = self.frequencies[:, None]
        detuning = (self.fourier_frequencies - centres) / (1.019 * bandwidth(centres))
        response = (1 + detuning**2) ** (-2.0 * self.power)
        response[response < 1e-8] = 0
        return normalised(response, self.norm, np.ones(self.bins))

"""Mel-spectrogram (tutorial, section 3.2, equation 3)."""

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from deepmir.representations.filterbank import Triangular

Values = npt.NDArray[np.float64]
Scale = Literal["htk", "slaney"]

# Slaney's Auditory Toolbox (1998): linear below 1 kHz, 27 steps for each factor of 6.4 above.
_HZ_A_MEL = 200 / 3
_BREAK = 1000.0
_STEP = np.log(6.4) / 27


class Mel(Triangular):
    """Triangular filters, evenly spaced on the mel scale, on the power spectrum.

    Equation 3, ``m = 2595 log10(1 + f / 700)``, is the scale ``htk``; ``slaney`` is the scale of
    Slaney's Auditory Toolbox. ``norm: area`` gives every filter the same area (librosa's
    ``slaney``), ``none`` the same height (HTK).
    """

    kind: Literal["mel"] = "mel"
    scale: Scale = Field("htk", description="htk: equation 3; slaney: linear up to 1 kHz")

    @property
    def edges(self) -> Values:
        """Corners of the triangles, shape (bins + 2,), Hz."""
        lowest, highest = to_mel(np.array([self.fmin, self.highest]), self.scale)
        return from_mel(np.linspace(float(lowest), float(highest), self.bins + 2), self.scale)


def to_mel(frequencies: Values, scale: Scale) -> Values:
    """Hertz to mel.

    Args:
        frequencies: Any shape, Hz.
        scale: ``htk`` (equation 3) or ``slaney``.

    Returns:
        Mels, the same shape.
    """
    if scale == "htk":
        return np.asarray(2595 * np.log10(1 + frequencies / 700))
    above = np.log(np.maximum(frequencies, _BREAK) / _BREAK) / _STEP
    return np.asarray(np.minimum(frequencies, _BREAK) / _HZ_A_MEL + above)


def from_mel(mels: Values, scale: Scale) -> Values:
    """Mel to hertz, the inverse of `to_mel`."""
    if scale == "htk":
        return np.asarray(700 * (10 ** (mels / 2595) - 1))
    knee = _BREAK / _HZ_A_MEL
    above = np.exp(_STEP * np.maximum(mels - knee, 0))
    return np.asarray(np.minimum(mels, knee) * _HZ_A_MEL * above)

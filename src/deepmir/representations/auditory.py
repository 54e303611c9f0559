"""What the filterbanks of hearing share: a number of bins between two frequencies."""

from typing import ClassVar

from pydantic import Field

from deepmir.fields import Number, Positive
from deepmir.representations.filterbank import Bins, Filterbank


class Auditory(Filterbank):
    """Filters evenly spaced on a scale of hearing."""

    bins_per_octave: ClassVar[None] = None
    bins: Bins = Field(128, description="number of filters")
    fmin: Number = Field(0.0, ge=0, description="lowest frequency, Hz")
    fmax: Positive | None = Field(None, description="highest frequency, Hz; null is Nyquist")

    @property
    def highest(self) -> float:
        """Highest frequency, Hz."""
        return self.sample_rate / 2 if self.fmax is None else self.fmax

    def _check_band(self) -> None:
        if not self.fmin < self.highest <= self.sample_rate / 2:
            raise ValueError(
                f"fmin {self.fmin:g} and fmax {self.highest:g} Hz must rise, and stay within half "
                f"the sample rate, {self.sample_rate / 2:g} Hz"
            )

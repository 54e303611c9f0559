"""Frequency mask: a band of frequencies is masked."""

from deepmir.deformations.base import Mask
from deepmir.deformations.powers import no_spectra
from deepmir.representations import Representation


class FrequencyMask(Mask):
    """The amount is the widest mask as a share of the bins."""

    name = "frequency_mask"
    unit = "share of the bins"
    largest = 1.0
    order = 20
    axis = 2
    step = "bin"

    def longest(self, amount: float, representation: Representation) -> int:
        """The declared share in bins."""
        return round(amount * representation.bins)

    def unfit(self, representation: Representation, *, on_the_fly: bool) -> str | None:
        """Only a spectrum has bands."""
        others = no_spectra(representation)
        if not others:
            return None
        return f"masks a band of a spectrum, but {others[0]} is not one: leave it out"


DEFORMATION = FrequencyMask()

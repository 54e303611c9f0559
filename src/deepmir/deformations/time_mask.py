"""Time mask: some frames are masked."""

from deepmir.deformations.base import Mask
from deepmir.representations import Representation


class TimeMask(Mask):
    """The amount is the longest mask in seconds."""

    name = "time_mask"
    unit = "seconds"
    largest = 60.0
    order = 10
    axis = 3
    step = "frame"

    def longest(self, amount: float, representation: Representation) -> int:
        """The declared seconds in frames."""
        return round(amount * representation.frame_rate)

    def unfit(self, representation: Representation, *, on_the_fly: bool) -> str | None:
        """All representations have frames."""
        return None


DEFORMATION = TimeMask()

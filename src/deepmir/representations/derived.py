"""Representations computed from the frames of another one."""

from typing import TYPE_CHECKING

from deepmir.representations.base import Base


class Derived(Base):
    """Takes sample rate, hop and separation from the representation it is made from."""

    if TYPE_CHECKING:  # a field of every subclass, of the kinds that it accepts

        @property
        def source(self) -> Base:
            """The representation that this one is made from."""

    @property
    def sample_rate(self) -> int:
        """Samples a second of the audio, Hz."""
        return self.source.sample_rate

    @property
    def hop(self) -> int:
        """Samples from one frame to the next."""
        return self.source.hop

"""The base of representations that are computed from the frames of another one."""

from typing import TYPE_CHECKING, ClassVar

from deepmir.representations.base import Base
from deepmir.representations.framing import Context


class Derived(Base):
    """A representation computed from the frames of another one, its source."""

    separation: ClassVar[None] = None

    if TYPE_CHECKING:  # a field of every subclass, of the kinds that it accepts

        @property
        def source(self) -> Base:
            """The representation that this one is computed from."""

    @property
    def sample_rate(self) -> int:
        """Sample rate of the audio, Hz."""
        return self.source.sample_rate

    @property
    def hop(self) -> int:
        """Samples between frames."""
        return self.source.hop

    @property
    def parts(self) -> tuple[Base, ...]:
        """The representations from whose frames this one is computed."""
        return (self.source,)

    def raw_context(self) -> Context:
        """Temporal context of its frames, before conditioning."""
        return self.source.context()

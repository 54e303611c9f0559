"""Several representations as channels of one, such as several window lengths (section 3.2)."""

import math
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from deepmir.representations.base import Array, Axis, Base
from deepmir.representations.framing import Context
from deepmir.representations.mel import Mel

if TYPE_CHECKING:  # any stackable kind: see `deepmir/representations/__init__`
    Member = Base


class Stack(Base):
    """Members with the same time and frequency axes, such as mel with three windows, as channels.

    Each may have its own conditioning; then the stack has none.
    Output has shape (frames, bins, channels).
    """

    frontend: ClassVar[str] = "derived.Stacked"
    separation: ClassVar[None] = None
    kind: Literal["stack"] = "stack"
    members: "tuple[Member, ...]" = Field(
        (
            Mel(bins=80, fmin=27.5, fmax=10000, window=1024, hop=441, sample_rate=44100),
            Mel(bins=80, fmin=27.5, fmax=10000, window=2048, hop=441, sample_rate=44100),
            Mel(bins=80, fmin=27.5, fmax=10000, window=4096, hop=441, sample_rate=44100),
        ),
        min_length=2,
        max_length=16,
        description="the channels, in order",
    )

    @property
    def sample_rate(self) -> int:
        """Sample rate of the audio, Hz."""
        return self.members[0].sample_rate

    @property
    def hop(self) -> int:
        """Samples between frames."""
        return self.members[0].hop

    @property
    def axis(self) -> Axis:
        """The quantity that a bin of the first member stands for."""
        return self.members[0].axis

    @property
    def bins(self) -> int:
        """Bins of every member."""
        return self.members[0].bins

    @property
    def bins_per_octave(self) -> int | None:
        """Bins per octave of the first member."""
        return self.members[0].bins_per_octave

    @property
    def channels(self) -> int:
        """Number of members."""
        return len(self.members)

    @property
    def frequencies(self) -> npt.NDArray[np.float64]:
        """Centre of every bin of the first member, shape (bins,), Hz."""
        return self.members[0].frequencies

    @property
    def parts(self) -> tuple[Base, ...]:
        """The members."""
        return self.members

    def raw_context(self) -> Context:
        """Temporal context of its frames, before conditioning."""
        each = [member.context() for member in self.members]
        return Context(
            max(member.before for member in each),
            max(member.after for member in each),
            math.lcm(*(member.grid for member in each)),
        )

    @property
    def raw_unit(self) -> str:
        """Unit before conditioning."""
        return " and ".join(dict.fromkeys(member.units for member in self.members))

    @property
    def raw_signed(self) -> bool:
        """Whether values can be negative before conditioning."""
        return any(member.signed for member in self.members)

    @model_validator(mode="after")
    def _same_axes(self) -> Self:
        for name in ("sample_rate", "hop", "bins"):
            values = {getattr(member, name) for member in self.members}
            if len(values) > 1:
                raise ValueError(f"members of a stack differ in {name}: {sorted(values)}")
        return self

    @model_validator(mode="after")
    def _conditioned_alike(self) -> Self:
        units = sorted({member.units for member in self.members})
        if self.conditioning and len(units) > 1:
            raise ValueError(f"conditioning of a stack whose members differ in units: {units}")
        return self

    def analyse(self, samples: Array) -> Array:
        """Frames of all members, stacked as channels."""
        values = np.empty((self.frames(len(samples)), self.bins, self.channels), np.float32)
        # Members that differ only in their conditioning share one transform.
        plain: dict[Base, Array] = {}
        for channel, member in enumerate(self.members):
            bare = member.bare()
            if bare not in plain:
                plain[bare] = bare(samples)
            values[..., channel] = member.conditioned(plain[bare].copy())
        return values

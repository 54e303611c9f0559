"""The part that all representations share: checks, transform, conditioning."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from deepmir.errors import DeepmirError
from deepmir.fields import Count, Whole
from deepmir.representations.conditioning import Conditioning
from deepmir.representations.declaration import Declaration
from deepmir.representations.separation import Separation

Array = npt.NDArray[np.float32]

# Numbers a second of audio, of which a minute fills the memory of a small machine.
DENSEST = 2**26


class Base(Declaration):
    """A map from samples to frames.

    Whatever the representation, frame ``t`` is centred at ``t * hop / sample_rate`` seconds, the
    signal counts as zero outside its ends, and ``n`` samples give ``1 + n // hop`` frames.
    """

    conditioning: tuple[Conditioning, ...] = Field(
        (),
        max_length=10,
        description="steps applied to the frames, in this order (tutorial, section 5.1)",
    )

    storage: Literal["float16", "float32"] = Field(
        "float16", description="how HDF5 keeps the frames: float16 has 11 bits, and ends at 65504"
    )

    if TYPE_CHECKING:  # fields of some kinds, computed by others

        @property
        def kind(self) -> str:
            """The word by which `params.yaml` knows it."""

        @property
        def sample_rate(self) -> int:
            """Samples a second of the audio, Hz."""

        @property
        def hop(self) -> int:
            """Samples from one frame to the next."""

        @property
        def bins(self) -> int:
            """Length of the frequency axis."""

        @property
        def bins_per_octave(self) -> int | None:
            """Bins an octave where the frequency axis is logarithmic, else None."""

    @property
    def frame_rate(self) -> float:
        """Frames a second."""
        return self.sample_rate / self.hop

    @property
    def channels(self) -> int:
        """Number N of channels: 1, or more where the output is (frames, bins, channels)."""
        return 1

    @property
    @abstractmethod
    def frequencies(self) -> npt.NDArray[np.float64]:
        """Centre of every bin, shape (bins,), Hz."""

    @property
    def units(self) -> str:
        """Unit of the values, after conditioning."""
        unit = self._unit
        for step in self.conditioning:
            unit = step.unit(unit)
        return unit

    @property
    def signed(self) -> bool:
        """Whether values can be negative, after conditioning."""
        return self._raw_signed or any(step.makes_signed for step in self.conditioning)

    @property
    @abstractmethod
    def _unit(self) -> str:
        """Unit before conditioning."""

    @property
    def _raw_signed(self) -> bool:
        """Whether values can be negative before conditioning."""
        return False

    @model_validator(mode="after")
    def _chain_fits(self) -> Self:
        signed = self._raw_signed
        for step in self.conditioning:
            if signed and step.magnitudes_only:
                raise ValueError(f"conditioning {step.kind!r} needs values that are never negative")
            signed = signed or step.makes_signed
        return self

    @model_validator(mode="after")
    def _not_too_dense(self) -> Self:
        numbers = self.bins * self.channels * self.frame_rate
        if numbers > DENSEST:
            raise ValueError(
                f"{numbers:.2g} numbers a second of audio are too many (at most {DENSEST:.2g}): "
                "raise the hop, or use fewer bins"
            )
        return self

    @model_validator(mode="after")
    def _stored_once(self) -> Self:
        for part in (*getattr(self, "members", ()), getattr(self, "source", None)):
            if part is not None and part.storage != "float16":
                raise ValueError(f"what {self.kind} is made from is not stored: give it storage")
        return self

    def frames(self, samples: int) -> int:
        """Number of frames that a signal of this many samples gives."""
        return 1 + samples // self.hop

    def __call__(self, samples: npt.NDArray[np.floating]) -> Array:
        """Transform mono audio.

        Args:
            samples: Mono audio at ``sample_rate``, shape (n,), nominally in [-1, 1].

        Returns:
            float32, shape (frames, bins), or (frames, bins, channels) where channels > 1.

        Raises:
            DeepmirError: If the audio is not one-dimensional or not finite.
        """
        return self.conditioned(self._transform(_checked(samples)))

    def bare(self) -> Self:
        """The same representation without its own conditioning."""
        return self.model_copy(update={"conditioning": ()})

    def conditioned(self, values: Array) -> Array:
        """Frames after all steps of the conditioning, which may overwrite those that are given."""
        unit = self._unit
        for step in self.conditioning:
            values, unit = step(values, unit, self.frame_rate), step.unit(unit)
        return values

    @abstractmethod
    def _transform(self, samples: Array) -> Array:
        """Frames before conditioning, in an array that conditioning may overwrite."""


class Framed(Base):
    """A representation computed from the samples themselves, at a rate of its own."""

    sample_rate: Whole = Field(
        22050, ge=1000, le=192_000, description="samples a second of the audio, Hz"
    )
    hop: Count = Field(512, le=2**20, description="samples from one frame to the next")
    separation: Separation | None = Field(
        None, description="harmonic-percussive separation of the samples before anything else"
    )

    def _transform(self, samples: Array) -> Array:
        return self._analyse(samples if self.separation is None else self.separation(samples))

    @abstractmethod
    def _analyse(self, samples: Array) -> Array:
        """Frames of the (separated) samples."""


def _checked(samples: npt.NDArray[np.floating]) -> Array:
    signal = np.ascontiguousarray(samples, dtype=np.float32)
    if np.ndim(samples) != 1:
        shape = np.shape(samples)
        raise DeepmirError(f"audio must be mono, shape (samples,), not {shape}: downmix it")
    # The extremes are finite only if every sample is, and finding them needs no memory.
    if signal.size and not (np.isfinite(signal.min()) and np.isfinite(signal.max())):
        raise DeepmirError("audio holds NaN or infinite samples: mend or leave out the recording")
    return signal

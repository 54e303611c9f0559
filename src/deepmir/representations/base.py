"""The base of all representations: the parts that each must define, and those that all share.

A new kind is a class in its own file and one line in `deepmir/representations/__init__.py`;
docs/extend/representation.md gives an example. A class that lacks a part is refused when it is
defined.
"""

import inspect
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from deepmir.errors import DeepmirError
from deepmir.fields import Count, Whole
from deepmir.representations.conditioning import Conditioning
from deepmir.representations.framing import Context
from deepmir.representations.separation import Separation, context_of
from deepmir.representations.versioned import Versioned

Array = npt.NDArray[np.float32]

Axis = Literal["frequency", "pitch class", "tempo", "coefficient", "sample"]
"""What a bin stands for. How the axis is drawn, which deformations make sense, and whether a
projection onto the input can be made audible all follow from it."""

KINDS: dict[str, type["Base"]] = {}
"""Every representation by its kind; a class is entered as soon as it is defined."""

# Limit of numbers per second of audio; a minute of them fills the memory of a small machine.
DENSEST = 2**26

# Parts that a kind defines as a field, a property or a class variable.
PARTS = ("sample_rate", "hop", "separation", "bins", "bins_per_octave", "axis", "frontend")


class Base(Versioned):
    """A map from samples to frames.

    In every representation, frame ``t`` is centred at ``t * hop / sample_rate`` seconds, the
    signal is zero-padded at its ends, and ``n`` samples give ``1 + n // hop`` frames.

    Attributes:
        frontend: module and class below `deepmir.features.frontend` that compute the same values
            in torch, on the fly; ``rows.Rows`` calls `analyse` for each recording of a batch.
        stackable: whether it can be a member of a stack.
    """

    conditioning: tuple[Conditioning, ...] = Field(
        (),
        max_length=10,
        description="steps applied to the frames, in this order (tutorial, section 5.1)",
    )

    storage: Literal["float16", "float32"] = Field(
        "float16", description="how HDF5 keeps the frames: float16 has 11 bits, and ends at 65504"
    )

    frontend: ClassVar[str]
    stackable: ClassVar[bool] = False

    if TYPE_CHECKING:  # fields of some kinds, computed by others

        @property
        def kind(self) -> str:
            """Its name in `params.yaml`."""

        @property
        def sample_rate(self) -> int:
            """Sample rate of the audio, Hz."""

        @property
        def hop(self) -> int:
            """Samples between frames."""

        @property
        def separation(self) -> Separation | None:
            """The separation applied to the samples before anything else."""

        @property
        def bins(self) -> int:
            """Length of the frequency axis."""

        @property
        def bins_per_octave(self) -> int | None:
            """Bins per octave if the frequency axis is logarithmic, else None."""

        @property
        def axis(self) -> Axis:
            """The quantity that a bin stands for."""

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        """Register a kind in :data:`KINDS`.

        Raises:
            TypeError: when a part is missing, or another class has the kind.
        """
        super().__pydantic_init_subclass__(**options)
        if "kind" not in inspect.get_annotations(cls):
            return  # a base of several kinds
        given = [name for name in PARTS if name in cls.model_fields or hasattr(cls, name)]
        missing = sorted({*PARTS, *cls.__abstractmethods__}.difference(given))
        if missing:
            raise TypeError(f"representation {cls.__name__} lacks {', '.join(missing)}")
        kind = cls.model_fields["kind"].default
        other = KINDS.setdefault(kind, cls)
        if (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"representation {cls.__name__}: {other.__name__} is of kind {kind!r}")

    @property
    def stamp(self) -> str:
        """The mark in files of its features, by which stale ones are recognised."""
        return self.digest

    @property
    def frame_rate(self) -> float:
        """Frames per second."""
        return self.sample_rate / self.hop

    @property
    def channels(self) -> int:
        """Number N of channels: 1, or more if the output is (frames, bins, channels)."""
        return 1

    @property
    @abstractmethod
    def frequencies(self) -> npt.NDArray[np.float64]:
        """Centre of every bin, shape (bins,), Hz."""

    @property
    def channel_frequencies(self) -> npt.NDArray[np.float64]:
        """Centre of every bin of every channel, shape (channels, bins), Hz."""
        return np.outer(np.ones(self.channels), self.frequencies)

    @property
    def units(self) -> str:
        """Unit of the values, after conditioning."""
        unit = self.raw_unit
        for step in self.conditioning:
            unit = step.unit(unit)
        return unit

    @property
    def signed(self) -> bool:
        """Whether values can be negative, after conditioning."""
        return self.raw_signed or any(step.makes_signed for step in self.conditioning)

    @property
    def parts(self) -> tuple["Base", ...]:
        """The representations from whose frames this one is computed."""
        return ()

    @property
    @abstractmethod
    def raw_unit(self) -> str:
        """Unit before conditioning."""

    @property
    def raw_signed(self) -> bool:
        """Whether values can be negative before conditioning."""
        return False

    @abstractmethod
    def raw_context(self) -> Context:
        """Temporal context of its frames, before conditioning."""

    @abstractmethod
    def analyse(self, samples: Array) -> Array:
        """Frames before conditioning, in an array that conditioning may overwrite.

        Args:
            samples: mono audio, after `separation`, float32, shape (n,); not to be changed.
        """

    @model_validator(mode="after")
    def _chain_fits(self) -> Self:
        signed = self.raw_signed
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
        if any(part.storage != "float16" for part in self.parts):
            raise ValueError(
                f"the source of {self.kind} is not stored: declare storage for {self.kind}"
            )
        return self

    def frames(self, samples: int) -> int:
        """Number of frames for a signal of this many samples."""
        return 1 + samples // self.hop

    def context(self) -> Context:
        """Temporal context of its frames.

        Raises:
            DeepmirError: when a frame depends on the whole recording, with the change to make.
        """
        found = self.raw_context()
        for step in self.conditioning:
            found = found.wider(*step.context(self.frame_rate))
        return found

    def __call__(self, samples: npt.NDArray[np.floating]) -> Array:
        """Transform mono audio.

        Args:
            samples: Mono audio at ``sample_rate``, shape (n,), nominally in [-1, 1].

        Returns:
            float32, shape (frames, bins), or (frames, bins, channels) where channels > 1.

        Raises:
            DeepmirError: If the audio is not one-dimensional or not finite.
        """
        checked = _checked(samples)
        separated = checked if self.separation is None else self.separation(checked)
        return self.conditioned(self.analyse(separated))

    def bare(self) -> Self:
        """The same representation without its own conditioning."""
        return self.model_copy(update={"conditioning": ()})

    def conditioned(self, values: Array) -> Array:
        """Frames after all conditioning steps, which may overwrite the given ones."""
        unit = self.raw_unit
        for step in self.conditioning:
            values, unit = step(values, unit, self.frame_rate), step.unit(unit)
        return values


class Framed(Base):
    """A representation computed from the samples themselves, with its own frame rate."""

    sample_rate: Whole = Field(
        22050, ge=1000, le=192_000, description="samples a second of the audio, Hz"
    )
    hop: Count = Field(512, le=2**20, description="samples from one frame to the next")
    separation: Separation | None = Field(
        None, description="harmonic-percussive separation of the samples before anything else"
    )

    @property
    @abstractmethod
    def reach(self) -> int:
        """Samples on either side of its centre that a frame depends on."""

    def raw_context(self) -> Context:
        """Temporal context of its frames, before conditioning."""
        return context_of(self.reach, self.hop, self.separation)


def _checked(samples: npt.NDArray[np.floating]) -> Array:
    signal = np.ascontiguousarray(samples, dtype=np.float32)
    if np.ndim(samples) != 1:
        shape = np.shape(samples)
        raise DeepmirError(f"audio must be mono, shape (samples,), not {shape}: downmix it")
    # The extremes are finite only if every sample is, and finding them needs no memory.
    if signal.size and not (np.isfinite(signal.min()) and np.isfinite(signal.max())):
        raise DeepmirError(
            "audio contains NaN or infinite samples: repair or leave out the recording"
        )
    return signal

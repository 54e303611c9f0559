"""What the core asks of a deformation.

A new one is a class in a file of its own, of which the file holds one instance, `DEFORMATION`, and
its name in `names.py`; docs/extend/deformation.md shows one. An instance that lacks a part cannot
be made.

Deformations of one kind follow each other by their `order`, as on a record's way to a listener.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from deepmir.deformations import powers
from deepmir.representations import Representation

if TYPE_CHECKING:
    from torch import Tensor

Array = npt.NDArray[np.float32]
Numbers = npt.NDArray[Any]


@cache
def get(name: str) -> "Deformation":
    """The deformation of a name; its module alone is imported.

    Args:
        name: one of :data:`deepmir.deformations.names.NAMES`.

    Raises:
        TypeError: when it lacks a part.
    """
    found: Deformation = import_module(f"deepmir.deformations.{name}").DEFORMATION
    if found.name != name:
        raise TypeError(f"deformations/{name}.py: its deformation is called {found.name}")
    return found


class Deformation(ABC):
    """One way to deform a patch, up to an amount that is declared.

    Attributes:
        name: in `params.yaml`, and of its file.
        unit: what the amount counts.
        largest: the largest amount that makes sense.
        order: its place among those of its kind, which differ in it.
    """

    name: ClassVar[str]
    unit: ClassVar[str]
    largest: ClassVar[float]
    order: ClassVar[int]

    def __init__(self) -> None:
        """Hold the class to what it has to say.

        Raises:
            TypeError: when a part is missing.
        """
        missing = [part for part in ("name", "unit", "largest", "order") if not hasattr(self, part)]
        if missing:
            raise TypeError(f"deformation {type(self).__name__} lacks {', '.join(missing)}")

    @classmethod
    def chosen(cls, amounts: Mapping[str, float]) -> list[tuple[Self, float]]:
        """Those of this kind that are declared, in their order, each with the most of it."""
        found = [(get(name), amount) for name, amount in amounts.items()]
        some = [(one, amount) for one, amount in found if isinstance(one, cls)]
        return sorted(some, key=lambda pair: pair[0].order)

    @abstractmethod
    def unfit(self, representation: Representation, *, on_the_fly: bool) -> str | None:
        """Why a network's input cannot be deformed so, after the name; None if it can.

        Args:
            representation: the input.
            on_the_fly: whether it is computed from audio as the network trains.
        """

    def idle(self, amount: float, representation: Representation) -> str | None:
        """Why an amount would do nothing or be rounded to another; None if it is not."""
        return "of 0 does nothing: leave it out" if amount == 0 else None


class MusicDeformation(Deformation):
    """Deforms the music itself. Every task says what that does to its labels."""

    @abstractmethod
    def draw(self, most: float, rng: np.random.Generator) -> float:
        """How much a patch is deformed, which its task is told where its labels change.

        Args:
            most: the declared amount.
            rng: the patch's own generator.
        """

    def pace(self, drawn: float) -> float:
        """How many times longer the source is than the patch."""
        return 1.0

    def on_device(self, drawn: float, representation: Representation) -> Numbers | None:
        """What :meth:`deform` is given, any shape; None if cutting the patch has done it all."""
        return None

    def deform(self, x: "Tensor", drawn: "Tensor", representation: Representation) -> "Tensor":
        """Deform a batch of features.

        Args:
            x: shape (B, N, F, T).
            drawn: of :meth:`on_device`, shape (B, ...).
            representation: of the features.
        """
        return x


class SoundDeformation(Deformation):
    """Deforms the sound: audio, where features are computed on the fly."""

    @abstractmethod
    def deform_audio(
        self, samples: Array, most: float, sample_rate: int, rng: np.random.Generator
    ) -> Array:
        """Draw and deform.

        Args:
            samples: audio, 1 is full scale, shape (samples,); it may be overwritten.
            most: the declared amount.
            sample_rate: in Hz.
            rng: the patch's own generator.

        Returns:
            float32, shape (samples,), without delay.
        """

    def unfit(self, representation: Representation, *, on_the_fly: bool) -> str | None:
        """Precomputed features are no audio."""
        if on_the_fly:
            return None
        return "acts on audio, and the features are precomputed: declare precompute: no"


class Levels(NamedTuple):
    """Powers of a batch, and decibels that have yet to be added to them.

    Attributes:
        power: shape (B, N, F, T).
        decibels: of a shape that broadcasts with it; None where nothing is to be added.
    """

    power: "Tensor"
    decibels: "Tensor | None" = None

    def louder(self, decibels: "Tensor") -> "Levels":
        """With so many decibels more."""
        before = self.decibels
        return Levels(self.power, decibels if before is None else before + decibels)

    def settled(self) -> "Tensor":
        """The powers with the decibels added."""
        if self.decibels is None:
            return self.power
        power: Tensor = self.power * 10 ** (self.decibels / 10)
        return power


class StoredDeformation(SoundDeformation):
    """Deforms the sound, be it as audio or as stored features."""

    @abstractmethod
    def draw(self, most: float, rng: np.random.Generator) -> Numbers:
        """What a patch of stored features is deformed by, shape (numbers,)."""

    def constants(self, representation: Representation) -> Mapping[str, Numbers]:
        """Arrays that are needed on the device, by name."""
        return {}


class LevelDeformation(StoredDeformation):
    """Deforms stored features as the powers that they are made of."""

    @abstractmethod
    def deform_levels(
        self, levels: Levels, lengths: "Tensor", drawn: "Tensor", constants: Mapping[str, "Tensor"]
    ) -> Levels:
        """Deform a batch.

        Args:
            levels: of the patches.
            lengths: frames of each, shape (B,).
            drawn: of :meth:`draw`, shape (B, numbers).
            constants: of :meth:`constants`.
        """

    def unfit(self, representation: Representation, *, on_the_fly: bool) -> str | None:
        """Not every conditioning can be undone."""
        reason = None if on_the_fly else powers.why_not(representation)
        return f"acts on powers, and {reason}: declare precompute: no" if reason else None


class BinDeformation(StoredDeformation):
    """Deforms stored features bin by bin, whatever has conditioned them, after all levels."""

    @abstractmethod
    def deform_bins(
        self, x: "Tensor", drawn: "Tensor", constants: Mapping[str, "Tensor"]
    ) -> "Tensor":
        """Deform a batch.

        Args:
            x: patches, shape (B, N, F, T).
            drawn: of :meth:`draw`, shape (B, numbers).
            constants: of :meth:`constants`.
        """

    def unfit(self, representation: Representation, *, on_the_fly: bool) -> str | None:
        """Each bin has to be known by itself."""
        reason = None if on_the_fly else powers.why_not_by_bin(representation)
        return f"acts on each bin, and {reason}: declare precompute: no" if reason else None


class Mask(Deformation):
    """Hides a stretch of one axis: SpecAugment.

    D. S. Park et al., "SpecAugment: a simple data augmentation method for automatic speech
    recognition", Interspeech 2019, section 2.

    Attributes:
        axis: of features (B, N, F, T): 2 for frequency, 3 for time.
        step: what a mask is counted in.
    """

    axis: ClassVar[int]
    step: ClassVar[str]

    @abstractmethod
    def longest(self, amount: float, representation: Representation) -> int:
        """The declared amount in steps of the axis."""

    def idle(self, amount: float, representation: Representation) -> str | None:
        """A mask may round to nothing."""
        if amount and not self.longest(amount, representation):
            return f"of {amount:g} rounds to no {self.step} of the representation"
        return super().idle(amount, representation)

    def draw(
        self, most: float, representation: Representation, frames: int, rng: np.random.Generator
    ) -> Numbers:
        """Where the mask of a patch of so many frames begins and how long it is, shape (2,).

        All lengths up to the longest are as probable.
        """
        length = frames if self.axis == 3 else representation.bins
        size = int(rng.integers(0, min(self.longest(most, representation), length) + 1))
        return np.array([rng.integers(0, length - size + 1), size])

    def deform(self, x: "Tensor", lengths: "Tensor", drawn: "Tensor") -> "Tensor":
        """Put the mean of each patch and channel where its mask is.

        Args:
            x: patches, shape (B, N, F, T).
            lengths: frames of each, which its mean is of, shape (B,).
            drawn: of :meth:`draw`, shape (B, 2).
        """
        import torch

        known = torch.arange(x.shape[3], device=x.device) < lengths[:, None, None, None]
        total = torch.where(known, x, 0).sum((2, 3), keepdim=True)
        mean = total / (lengths * x.shape[2])[:, None, None, None]
        steps = torch.arange(x.shape[self.axis], device=x.device)
        first, size = drawn[:, :1], drawn[:, 1:]
        inside = (steps >= first) & (steps < first + size)
        wide = inside[:, None, None] if self.axis == 3 else inside[:, None, :, None]
        return torch.where(wide, mean, x)

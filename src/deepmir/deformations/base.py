"""The interface of a deformation.

A new one is a class in its own file, with one instance in that file, `DEFORMATION`, and its name
in `names.py`; docs/extend/deformation.md gives an example. A class that lacks a part cannot be
instantiated.

Deformations of one kind are applied by their `order`, as on a record's way to a listener.
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
    """The deformation with a name; only its module is imported.

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
    """A way to deform a patch, up to a declared amount.

    Attributes:
        name: in `params.yaml`, and of its file.
        unit: of the amount.
        largest: the largest sensible amount.
        order: its position among those of its kind; unique.
    """

    name: ClassVar[str]
    unit: ClassVar[str]
    largest: ClassVar[float]
    order: ClassVar[int]

    def __init__(self) -> None:
        """Check that the class is complete.

        Raises:
            TypeError: when a part is missing.
        """
        missing = [part for part in ("name", "unit", "largest", "order") if not hasattr(self, part)]
        if missing:
            raise TypeError(f"deformation {type(self).__name__} lacks {', '.join(missing)}")

    @classmethod
    def chosen(cls, amounts: Mapping[str, float]) -> list[tuple[Self, float]]:
        """The declared ones of this kind, in order, each with its maximum amount."""
        found = [(get(name), amount) for name, amount in amounts.items()]
        some = [(one, amount) for one, amount in found if isinstance(one, cls)]
        return sorted(some, key=lambda pair: pair[0].order)

    @abstractmethod
    def unfit(self, representation: Representation, *, on_the_fly: bool) -> str | None:
        """Why it cannot be applied to a network's input, after the name; None if it can.

        Args:
            representation: the input.
            on_the_fly: whether it is computed from audio during training.
        """

    def idle(self, amount: float, representation: Representation) -> str | None:
        """Why an amount would have no effect or be rounded to another; None otherwise."""
        return "of 0 does nothing: leave it out" if amount == 0 else None


class MusicDeformation(Deformation):
    """Deforms the music itself. Every task defines the effect on its labels."""

    @abstractmethod
    def draw(self, most: float, rng: np.random.Generator) -> float:
        """The amount for a patch, which is passed to the task if its labels change.

        Args:
            most: the declared amount.
            rng: the patch's own generator.
        """

    def pace(self, drawn: float) -> float:
        """The length of the source relative to the patch."""
        return 1.0

    def on_device(self, drawn: float, representation: Representation) -> Numbers | None:
        """The argument of :meth:`deform`, any shape; None if cutting the patch was enough."""
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
    """Deforms the sound: audio, if features are computed on the fly."""

    @abstractmethod
    def deform_audio(
        self, samples: Array, most: float, sample_rate: int, rng: np.random.Generator
    ) -> Array:
        """Draw and deform.

        Args:
            samples: audio, full scale 1, shape (samples,); may be overwritten.
            most: the declared amount.
            sample_rate: in Hz.
            rng: the patch's own generator.

        Returns:
            float32, shape (samples,), without delay.
        """

    def unfit(self, representation: Representation, *, on_the_fly: bool) -> str | None:
        """Precomputed features are not audio."""
        if on_the_fly:
            return None
        return "acts on audio, and the features are precomputed: declare precompute: no"


class Levels(NamedTuple):
    """Powers of a batch, and decibels still to be added to them.

    Attributes:
        power: shape (B, N, F, T).
        decibels: of a shape that broadcasts with it; None if there is nothing to add.
    """

    power: "Tensor"
    decibels: "Tensor | None" = None

    def louder(self, decibels: "Tensor") -> "Levels":
        """The levels raised by some decibels."""
        before = self.decibels
        return Levels(self.power, decibels if before is None else before + decibels)

    def settled(self) -> "Tensor":
        """The powers with the decibels added."""
        if self.decibels is None:
            return self.power
        power: Tensor = self.power * 10 ** (self.decibels / 10)
        return power


class StoredDeformation(SoundDeformation):
    """Deforms the sound, as audio or as stored features."""

    @abstractmethod
    def draw(self, most: float, rng: np.random.Generator) -> Numbers:
        """The random numbers for a patch of stored features, shape (numbers,)."""

    def constants(self, representation: Representation) -> Mapping[str, Numbers]:
        """Arrays needed on the device, by name."""
        return {}


class LevelDeformation(StoredDeformation):
    """Deforms stored features through the powers that they are computed from."""

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
    """Deforms stored features bin by bin, whatever their conditioning, after all levels."""

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
        """Each bin must have its own value."""
        reason = None if on_the_fly else powers.why_not_by_bin(representation)
        return f"acts on each bin, and {reason}: declare precompute: no" if reason else None


class Mask(Deformation):
    """Masks an interval of one axis: SpecAugment.

    D. S. Park et al., "SpecAugment: a simple data augmentation method for automatic speech
    recognition", Interspeech 2019, section 2.

    Attributes:
        axis: of features (B, N, F, T): 2 for frequency, 3 for time.
        step: the unit in which a mask is counted.
    """

    axis: ClassVar[int]
    step: ClassVar[str]

    @abstractmethod
    def longest(self, amount: float, representation: Representation) -> int:
        """The declared amount in steps of the axis."""

    def idle(self, amount: float, representation: Representation) -> str | None:
        """A mask may be rounded to nothing."""
        if amount and not self.longest(amount, representation):
            return f"of {amount:g} rounds to no {self.step} of the representation"
        return super().idle(amount, representation)

    def draw(
        self, most: float, representation: Representation, frames: int, rng: np.random.Generator
    ) -> Numbers:
        """Start and length of the mask of a patch with that many frames, shape (2,).

        All lengths up to the longest are equally probable.
        """
        length = frames if self.axis == 3 else representation.bins
        size = int(rng.integers(0, min(self.longest(most, representation), length) + 1))
        return np.array([rng.integers(0, length - size + 1), size])

    def deform(self, x: "Tensor", lengths: "Tensor", drawn: "Tensor") -> "Tensor":
        """Replace the masked part of each patch and channel by its mean.

        Args:
            x: patches, shape (B, N, F, T).
            lengths: frames of each, over which the mean is taken, shape (B,).
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
